"""The live channel: one WebSocket per browser and run, which gets a frame whenever there is something new to see.

The first message names the run by its token, which stands in no address and in no log.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.frames import Frame

from lrdemo.advice import Advice
from lrdemo.arrays import Float32s
from lrdemo.recipes import Recipe, places
from lrdemo.serving.board import Snapshot
from lrdemo.serving.frames import encode
from lrdemo.serving.handle import RunHandle
from lrdemo.serving.why import Question
from lrdemo.ui.server import visitors
from lrdemo.ui.server.breaking import Breaking
from lrdemo.ui.server.choice import take
from lrdemo.ui.server.edge import Edge
from lrdemo.ui.server.mistakes import Mistakes
from lrdemo.ui.server.pen import pen_stroke
from lrdemo.ui.server.security import same_origin
from lrdemo.ui.server.turns import Turns
from lrdemo.ui.server.visitor import Visitor
from lrdemo.verdict import Verdict, judge

PERIOD_SECONDS = 0.09
LONGEST_PERIOD_SECONDS = 0.5
LOOKS = 4
"""Times in a period that a running run is looked at when it has shown nothing new yet."""
IDLE_SECONDS = 0.2
ADVICE_SECONDS = 0.5
"""So often a running run's record is looked through for advice."""
HELLO_SECONDS = 10.0
PARTS = frozenset({"curves", "templates", "answer", "pad", "race", "comparison", "breaking", "mistakes", "edge"})
UNKNOWN, FORBIDDEN, UNSUPPORTED = 4404, 4403, 1003
MALFORMED = (ValueError, TypeError, KeyError)

_turns = Turns()


async def live(websocket: WebSocket) -> None:
    """Push a frame whenever the visitor's run or picture has changed, at most one that is not yet acknowledged."""
    if not same_origin(websocket):
        await websocket.close(FORBIDDEN)
        return
    await websocket.accept()
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        try:
            hello = await asyncio.wait_for(_message(websocket), HELLO_SECONDS)
            found = visitors.find(str(hello["token"]))
        except (*MALFORMED, TimeoutError):
            await websocket.close(UNSUPPORTED)
            return
        if found is None:
            await websocket.close(UNKNOWN)
            return
        with found[0].watching():
            await _Channel(websocket, *found).serve(hello)


class WithoutFrames(logging.Filter):
    """Drop what uvicorn writes at its debug level of each WebSocket frame: the first one holds the token."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record may be written."""
        return not (isinstance(record.args, tuple) and any(isinstance(value, Frame) for value in record.args))


async def _message(websocket: WebSocket) -> dict[str, Any]:
    found = json.loads(await websocket.receive_text())
    if not isinstance(found, dict):
        raise TypeError("A message of a live view is an object.")
    return found


class _Channel:
    """Feed one browser; the period grows when the server's event loop is late."""

    def __init__(self, websocket: WebSocket, visitor: Visitor, run: RunHandle) -> None:
        self._websocket = websocket
        self._visitor = visitor
        self._run = run
        self._parts: frozenset[str] = frozenset()
        self._question: Question | None = None
        self._acknowledged = True
        self._wake = asyncio.Event()
        self._breaking = Breaking(visitor, run, self._command)
        self._mistakes = Mistakes(visitor, run, self._command)
        self._mistakes_told = 0
        self._edge = Edge(run, run is visitor.run, self._command)
        self._commanded = asyncio.Event()
        self._commands = 0
        """How often a command has had an effect."""
        self._last: Any = None
        self._caused: Any = None
        self._moving = False
        self._advice: Advice | None = None
        self._advised: Any = None
        self._advised_at = 0.0

    async def serve(self, hello: dict[str, Any]) -> None:
        """Send frames until the browser is gone or sends what no page of this project sends."""
        loop, here = asyncio.get_running_loop(), threading.get_ident()

        def wake() -> None:
            if threading.get_ident() == here:
                self._command()
                return
            with contextlib.suppress(RuntimeError):  # The loop may have been closed in between.
                loop.call_soon_threadsafe(self._command)

        self._run.watchers.append(wake)
        sender = asyncio.create_task(self._send())
        findings = [asyncio.create_task(one.work()) for one in (self._breaking, self._mistakes, self._edge)]
        try:
            self._take(hello)
            while True:
                self._take(await _message(self._websocket))
        except MALFORMED:
            await self._websocket.close(UNSUPPORTED)
        finally:
            self._run.watchers.remove(wake)
            for task in (sender, *findings):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                    await task

    def _take(self, message: dict[str, Any]) -> None:
        if "stroke" in message:
            stroke = pen_stroke(message)
            if self._run is self._visitor.run:
                self._visitor.draw(stroke)
            return
        if "lookAt" in message:
            self._look_at(message["lookAt"])
            return
        if "picture" in message:
            take(self._visitor, str(message["picture"]))
            return
        if "parts" in message:
            self._parts = PARTS.intersection(message["parts"])
            self._question = Question.read(message.get("why"))
            self._breaking.choose(message.get("change", {}) if "breaking" in self._parts else None)
            self._mistakes.choose(message.get("mistakes", {}) if "mistakes" in self._parts else None)
            self._edge.watch("edge" in self._parts)
        self._acknowledged = True
        self._wake.set()

    def _look_at(self, iteration: Any) -> None:
        if iteration is not None and (type(iteration) is not int or iteration < 0):
            raise ValueError("An iteration is a whole number.")
        if self._run is self._visitor.run:
            self._run.look_at(iteration)
            self._moving = True

    def _command(self) -> None:
        self._commands += 1
        self._commanded.set()
        self._wake.set()

    async def _send(self) -> None:
        loop, period = asyncio.get_running_loop(), PERIOD_SECONDS
        while True:
            present, caused = self._present()
            if not self._acknowledged or present == self._last:
                self._wake.clear()
                if self._acknowledged:
                    await _set_or_late(self._wake, period / LOOKS if self._moving else IDLE_SECONDS)
                else:
                    await self._wake.wait()
                continue
            due, waited = loop.time(), 0.0
            if caused == self._caused:
                self._commanded.clear()
                await _turns.wait(self._commanded)
                waited = loop.time() - due
                present, caused = self._present()
            await self._show(present, caused)
            # A command of the visitor's cuts the pause short: its effect is shown at once.
            late = await _set_or_late(self._commanded, period)
            if late is not None:
                longer = PERIOD_SECONDS + 5 * (waited + late)
                period = min(LONGEST_PERIOD_SECONDS, 0.8 * period + 0.2 * longer)

    def _present(self) -> tuple[Any, Any]:
        """Return what differs whenever there is something new to see, and what of it more than training has caused."""
        run, visitor = self._run, self._visitor
        found = self._breaking.version, self._mistakes.version, self._edge.version
        version = visitor.shown_version, visitor.pen_version, *found
        seen = version, self._parts, self._question, visitor.pending, run.board.seen
        return (run.version, *seen), (self._commands, *seen, run.rebuilt, run.problem, run.waiting)

    async def _show(self, present: Any, caused: Any) -> None:
        """Send a frame of this moment, of which `_present` has just told."""
        run = self._run
        # A visitor who wants less motion sees at once what more than training has caused.
        prompt = caused != self._caused
        self._last, self._caused = present, caused
        self._acknowledged = False
        self._commanded.clear()
        snapshot = run.snapshot()
        moved, self._moving = self._moving, snapshot is not None and (
            snapshot.state == "running" or (snapshot.wanted is not None and snapshot.wanted != snapshot.moment)
        )
        if run is self._visitor.run:
            self._advise(present[0], snapshot, at_once=not (moved and self._moving))
        status: dict[str, Any] = {
            "problem": run.problem,
            "busy": run.waiting,
            "rebuilt": run.rebuilt,
            "taught": run.taught,
            "pending": self._visitor.pending,
            "device": run.settings.device,
            "advice": asdict(self._advice) if self._advice else None,
            "exploded": snapshot is not None and snapshot.exploded,
            "pen": self._visitor.drawing_now,
            "prompt": prompt,
        }
        if "breaking" in self._parts:
            status["broken"] = self._breaking.found
        if snapshot and run is self._visitor.run and "curves" in self._parts:
            tests = snapshot.lane.test_table[:0] if run.begins_again else snapshot.lane.test_table
            status["recipe"] = _beside(self._visitor.recipe, snapshot.lane.loss, tests)
        beside = None
        if snapshot and self._mistakes.version != self._mistakes_told:
            # Once: its pictures are more than all the rest of a frame.
            self._mistakes_told = self._mistakes.version
            status["mistakes"], beside = self._mistakes.found, self._mistakes.arrays
        if "edge" in self._parts:
            status["edge"] = self._edge.found
        # Before the first snapshot the digits may not be unpacked yet.
        shown = self._visitor.shown_now() if snapshot else None
        verdicts: Sequence[Verdict] = ()
        if snapshot and "race" in self._parts:
            verdicts = judge(run.settings, snapshot.state, snapshot.lanes)
        given = [self._visitor.given(one.features) for one in run.candidates] if snapshot else ()
        await self._websocket.send_bytes(
            encode(snapshot, status, self._parts, shown, self._question, verdicts, given, beside)
        )

    def _advise(self, version: Any, snapshot: Snapshot | None, at_once: bool) -> None:
        """Look through the record of the visitor's run, not too often while it grows."""
        now = asyncio.get_running_loop().time()
        if version != self._advised and (at_once or now >= self._advised_at + ADVICE_SECONDS):
            self._advised, self._advised_at = version, now
            self._advice = self._visitor.advice_on(snapshot)


def _beside(recipe: Recipe | None, loss: Float32s, tests: Float32s) -> dict[str, Any] | None:
    """Return what the recipe shows and where the run with these tests [n, 3] is held against it, None without one."""
    if recipe is None:
        return None
    accuracies = dict(zip(tests[:, 0].tolist(), tests[:, 2].tolist(), strict=True))
    return {"shows": recipe.shows, "places": [asdict(one) for one in places(recipe, loss, accuracies)]}


async def _set_or_late(event: asyncio.Event, seconds: float) -> float | None:
    """Wait until the event is set, or set it after so long and return how late that was, in seconds."""
    # Without the task that asyncio.wait_for makes each time: this runs some 400 times a second in a class of sixty.
    loop = asyncio.get_running_loop()
    timer = loop.call_later(seconds, event.set)
    await event.wait()
    timer.cancel()
    return max(0.0, loop.time() - timer.when()) if loop.time() >= timer.when() else None
