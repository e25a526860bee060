"""One visitor who looks back at a run that trains: the handle under the curve moves, and the moment is waited for."""

from __future__ import annotations

import asyncio
import random
import time

from lrdemo.bench.browsing import Problems
from lrdemo.bench.live_link import Frame
from lrdemo.bench.streamlit_client import Tab

QUERY = "pace=0&iterations=30000"
ARRIVAL_SECONDS = 60.0
LOST_SECONDS = 5.0
SPACING_SECONDS = 0.2
"""After one moment has been seen, so long until the next is asked for."""
LOOK_SECONDS = 0.005


class Looker:
    """Arrive, train, and look at one moment after the other; collect how long each took to be seen, in seconds."""

    def __init__(self, number: int, base: str, problems: Problems) -> None:
        self.waits: list[float] = []
        self.lost: list[str] = []
        self._random = random.Random(number)
        self._tab = Tab(base, problems, lambda _frame, _now: None)

    async def arrive(self) -> None:
        """Open the page and start a run; raises TimeoutError when that takes a minute."""
        async with asyncio.timeout(ARRIVAL_SECONDS):
            await self._tab.open(QUERY)
            while (button := self._tab.find("transport_Start")) is None or self._frame.get("state") != "ready":
                await asyncio.sleep(LOOK_SECONDS)
            await self._tab.click(button)
            while self._frame.get("reached", 0) < 100:
                await asyncio.sleep(LOOK_SECONDS)

    async def follow(self, start: float, seconds: float) -> None:
        """Look at moments of the run until the time is over (seconds on the performance counter)."""
        while time.perf_counter() < start + seconds:
            await self.look(self._random.randrange(int(self._frame["reached"])))
            await asyncio.sleep(SPACING_SECONDS * self._random.uniform(0.5, 1.5))

    async def look(self, iteration: int) -> None:
        """Look at one moment and wait until it is there."""
        sent = time.perf_counter()
        await self._tab.links[0].tell({"lookAt": iteration})
        while not self._frame["wanted"] == self._frame["iteration"] == iteration:
            if time.perf_counter() > sent + LOST_SECONDS:
                self.lost.append(f"iteration {iteration} was not shown")
                return
            await asyncio.sleep(LOOK_SECONDS)
        self.waits.append(time.perf_counter() - sent)

    async def leave(self) -> None:
        """Close the tab."""
        await self._tab.leave()

    @property
    def _frame(self) -> Frame:
        return self._tab.frame or {}
