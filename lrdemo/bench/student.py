"""One student of the simulated class: a tab, a seeded schedule of actions, and what was seen of each.

The latency of an action is the time from sending the click until a frame of the live channel shows its effect.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable

from lrdemo.bench.browsing import Problems
from lrdemo.bench.live_link import Frame
from lrdemo.bench.shares import Stretch
from lrdemo.bench.streamlit_client import Tab, Widget

LOST_SECONDS = 5.0
ARRIVAL_SECONDS = 60.0
GLANCE_SECONDS = 0.35
"""How long a student looks at a paused run, or is away from the page."""
ENDED = ("finished", "diverged")
QUERY = "pace=0&iterations=30000"
"""The longest run as fast as it goes, so that everybody trains all the time."""


class Student:
    """Click through the page in a fixed order at seeded times; collect latencies in seconds and what was lost."""

    def __init__(self, number: int, base: str, problems: Problems) -> None:
        self.latencies: list[float] = []
        self.lost: list[str] = []
        self.frames = 0
        self.training_seconds = 0.0
        self.stretches: list[Stretch] = []
        """What was trained between one frame and the next, in iterations."""
        self._number, self._base, self._problems = number, base, problems
        self._random = random.Random(number)
        self._counting = False
        self._last: tuple[Frame, float] | None = None
        self._awaited: tuple[Callable[[Frame], bool], bool, asyncio.Future[float | None]] | None = None
        self._ended = asyncio.Event()
        self._tab = Tab(base, problems, self.see)

    @property
    def token(self) -> str:
        """Return what names the student's run to the live channel."""
        return self._tab.links[0].token

    @property
    def iterations(self) -> int:
        """Return how many iterations were counted."""
        return sum(last - first for first, last in self.stretches)

    async def arrive(self, again: bool = False) -> None:
        """Open the page and wait until the run can be started; raises TimeoutError when that takes a minute."""
        async with asyncio.timeout(ARRIVAL_SECONDS):
            await self._tab.open(QUERY, cached=again)
            while self._tab.frame is None or self._tab.frame["state"] == "starting":
                await asyncio.sleep(0.01)
        if (self._tab.frame["pace"], self._tab.frame["iterations"]) != (0, 30_000):
            self._problems.add("The page did not take the settings in its address.")

    async def start(self) -> None:
        """Press Start."""
        revision = (self._tab.frame or {}).get("revision", 0)
        await self._press("transport_Start", lambda frame: frame["revision"] > revision and frame["state"] != "ready"
                          or frame["state"] == "running", while_it_trains=False)  # fmt: skip

    async def follow(self, start: float, seconds: float, spacing: float) -> None:
        """Do one scene after the other from `start` on (seconds on the performance counter), one per `spacing`."""
        scenes = [self.change_learning_rate, self.pause_step_resume, self.switch_pages, self.change_learning_rate,
                  self.leave_and_return]  # fmt: skip
        moment = start + spacing * self._random.random()
        place = self._number
        while moment < start + seconds - GLANCE_SECONDS:
            await self._train_until(moment)
            await scenes[place % len(scenes)]()
            place += 1
            moment += spacing * self._random.uniform(0.8, 1.2)
        await self._train_until(start + seconds)

    def count(self, counting: bool) -> None:
        """Begin or end counting frames, iterations and seconds of training."""
        if self._counting and not counting and self._last is not None and self._last[0]["state"] == "running":
            self.training_seconds += time.perf_counter() - self._last[1]
        self._counting = counting
        self._last = None

    async def change_learning_rate(self) -> None:
        """Move the slider to another rate; it applies at once."""
        slider = await self._found("learning_rate")
        if slider is None:
            return
        options = [option for option in slider.element.options if 0.02 <= float(option) <= 0.3]
        option = self._random.choice([option for option in options if option not in self._tab.chosen(slider)])
        await self._act(
            f"learning rate {option}",
            lambda: self._tab.choose(slider, option),
            lambda frame: abs(frame["learningRate"] - float(option)) < 1e-9,
        )

    async def pause_step_resume(self) -> None:
        """Pause, look, train ten iterations, look, go on."""
        if not await self._press("transport_Pause", lambda frame: frame["state"] == "paused"):
            return
        await asyncio.sleep(GLANCE_SECONDS)
        step = await self._found("transport_Step 10")
        if step is not None and self._tab.frame is not None:
            goal = self._tab.frame["iteration"] + int(step.element.label.split()[1])
            await self._act("step", lambda: self._tab.click(step), lambda frame: bool(frame["iteration"] == goal))
            await asyncio.sleep(GLANCE_SECONDS)
        await self._press("transport_Resume", lambda frame: frame["state"] == "running")

    async def switch_pages(self) -> None:
        """Look at another page and come back; the run goes on meanwhile."""
        home = self._tab.page
        others = [page for page in self._tab.pages.values() if page != home]
        for page in [others[0], home] if others else []:
            before = self._tab.finished_runs
            await self._tab.rerun(page)
            await self._done("switch page", before)
            await asyncio.sleep(GLANCE_SECONDS)

    async def leave_and_return(self) -> None:
        """Close the tab and come back: in turn to the same session, where the run goes on, and to a new one."""
        await self._tab.leave()
        self._last = None
        await asyncio.sleep(GLANCE_SECONDS)
        if self._random.random() < 0.5:
            future = self._await(lambda frame: frame["state"] in ("running", *ENDED), while_it_trains=False)
            await self._tab.connect()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(future, LOST_SECONDS)
                return
            state = (self._tab.frame or {}).get("state")
            self.lost.append(f"the run did not go on after a lost connection ({state})")
        else:
            self._ended.clear()
            self._tab = Tab(self._base, self._problems, self.see)
            try:
                await self.arrive(again=True)
            except TimeoutError:
                self.lost.append("the page did not open again")
            else:
                await self.start()

    async def leave(self) -> None:
        """Close the tab for good."""
        await self._tab.leave()

    def see(self, frame: Frame, now: float) -> None:
        """Take note of a frame that came at `now`, in seconds."""
        if frame["state"] == "starting":
            return
        if self._counting and self._last is not None and self._last[0]["state"] == "running":
            before, then = self._last
            if before["revision"] == frame["revision"]:
                self.training_seconds += now - then
                self.stretches.append((before["iteration"], frame["iteration"]))
                self.frames += 1
        self._last = (frame, now)
        if frame["state"] in ENDED:
            self._ended.set()
        else:
            self._ended.clear()
        if self._awaited is not None and not self._awaited[2].done():
            shows, while_it_trains, future = self._awaited
            if shows(frame):
                future.set_result(now)
            elif while_it_trains and self._ended.is_set():
                future.set_result(None)

    async def _train_until(self, moment: float) -> None:
        """Wait; a run that ends meanwhile is started again, so that everybody trains all the time."""
        while (left := moment - time.perf_counter()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), left)
                await self.start()

    async def _press(self, key: str, shows: Callable[[Frame], bool], while_it_trains: bool = True) -> bool:
        button = await self._found(key, while_it_trains)
        return button is not None and await self._act(key, lambda: self._tab.click(button), shows, while_it_trains)

    async def _act(
        self,
        name: str,
        act: Callable[[], Awaitable[None]],
        shows: Callable[[Frame], bool],
        while_it_trains: bool = True,
    ) -> bool:
        """Act and wait for the effect; a run that ends meanwhile has nothing to pause or resume any more."""
        future = self._await(shows, while_it_trains)
        sent = time.perf_counter()
        await act()
        try:
            shown = await asyncio.wait_for(future, LOST_SECONDS)
        except TimeoutError:
            self.lost.append(f"{name} ({(self._tab.frame or {}).get('state')})")
            return False
        if shown is not None:
            self.latencies.append(shown - sent)
        return shown is not None

    def _await(self, shows: Callable[[Frame], bool], while_it_trains: bool) -> asyncio.Future[float | None]:
        """Return when a frame shows it, on the performance counter; None when the run ends first, if that matters."""
        future: asyncio.Future[float | None] = asyncio.get_running_loop().create_future()
        self._awaited = (shows, while_it_trains, future)
        return future

    async def _found(self, key: str, while_it_trains: bool = True) -> Widget | None:
        """Return a widget that can be used, as soon as the page shows it; None and a lost action when it does not."""
        deadline = time.perf_counter() + LOST_SECONDS
        while time.perf_counter() < deadline:
            widget = self._tab.find(key)
            if widget is not None:
                return widget
            if while_it_trains and self._ended.is_set():
                return None
            await asyncio.sleep(0.01)
        self.lost.append(f"{key} was not on the page")
        return None

    async def _done(self, name: str, before: int) -> None:
        try:
            await asyncio.wait_for(self._tab.finished(before + 1), LOST_SECONDS)
        except TimeoutError:
            self.lost.append(name)
