"""The edge of stability of a run that somebody watches: measured where the run stands still, else now and then."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lrdemo.edge import edge, has_edge
from lrdemo.errors import LrdemoError
from lrdemo.serving.handle import RunHandle
from lrdemo.settings import Settings

LOOK_SECONDS = 0.25
FOLLOW_SECONDS = 2.0
SHARE = 0.05
"""Of the time, at most, in which an answer about a run that moves is waited for: in a busy class it is asked less."""
QUESTION = "lrdemo.answers.landscape:edge_"


class Edge:
    """Measure for one browser; `found` is the latest result as JSON, None before the first.

    `start` and `now` are edges, `curved_at_start` and `curved_now` the largest eigenvalues that they come from, on so
    many `images` of a minibatch, `iteration` that of `now`. Of a race only the start is asked. Where the optimiser has
    no edge, it is the sentence that says so, `none`.
    """

    def __init__(self, run: RunHandle, moves: bool, changed: Callable[[], None]) -> None:
        self.found: dict[str, Any] | None = None
        self.version = 0
        self._run, self._moves, self._changed = run, moves, changed
        self._watched = asyncio.Event()
        self._start: tuple[Settings, dict[str, Any]] | None = None

    def watch(self, watched: bool) -> None:
        """Begin to measure, or stop."""
        if watched:
            self._watched.set()
        else:
            self._watched.clear()

    async def work(self) -> None:
        """Measure whenever the run is another than the last time; never ends."""
        before = measured = None
        due = 0.0
        while True:
            await self._watched.wait()
            version, now = (self._run.version, self._run.settings), time.monotonic()
            stands, before = version == before, version
            if version != measured and (stands or now >= due):
                try:
                    found = await asyncio.to_thread(self._measure)
                except LrdemoError:
                    found = None  # The strip says what is wrong with the run.
                due = time.monotonic() + max(FOLLOW_SECONDS, (time.monotonic() - now) / SHARE)
                if found is not None:
                    measured = version
                if found is not None and found != self.found:
                    self.found = found
                    self.version += 1
                    self._changed()
            await asyncio.sleep(LOOK_SECONDS)

    def _measure(self) -> dict[str, Any]:
        settings = self._run.settings
        if not has_edge(settings):
            return {"none": True}
        same = replace(settings, learning_rate=0.1, iterations=1, pace=0, changes="", optimiser="sgd", momentum=0.0)
        if self._start is None or self._start[0] != same:
            self._start = same, self._run.ask(QUESTION + "at_start")
        start = self._start[1]
        found = {"start": _shown(edge(start["eigenvalue"], settings)), "curved_at_start": _shown(start["eigenvalue"])}
        if self._moves:
            now = self._run.ask(QUESTION + "now")
            found |= {
                "now": _shown(now["edge"]), "curved_now": _shown(now["eigenvalue"]),
                "iteration": now["iteration"], "images": now["images"],
            }  # fmt: skip
        return found


def _shown(value: float) -> float | None:
    return value if math.isfinite(value) else None
