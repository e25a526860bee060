"""One visitor whose run costs as much as the settings allow: what the others feel of him is measured.

`mlp` trains a multilayer perceptron on minibatches of 10,000, `race` trains 8 learning rates on them side by side, and
`step` presses Step 100 again and again on such a perceptron, also while it trains.
"""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlencode

from lrdemo.bench.browsing import Problems
from lrdemo.bench.live_link import Frame
from lrdemo.bench.streamlit_client import Tab, Widget
from lrdemo.errors import LrdemoError
from lrdemo.settings import FULL_SPEED, Settings
from lrdemo.verdict import MOST

_RACE = Settings(batch_size=10_000, momentum=0.9, weight_decay=1e-4, pace=FULL_SPEED, iterations=30_000)
_MLP = Settings(
    model="mlp", gradient="autograd", init="linear", learning_rate=0.01, batch_size=10_000, momentum=0.9,
    weight_decay=1e-4, pace=FULL_SPEED, iterations=30_000,
)  # fmt: skip
HOGS = {"mlp": _MLP, "race": _RACE, "step": _MLP}
HIGHEST_RATE = 1.0
"""No lane of the race may diverge: one that has costs no less, but nobody would race it."""
ARRIVAL_SECONDS = 60.0
LOOK_SECONDS = 0.01
CLICK_SECONDS = 0.4
CLICKS = 4


class Hog:
    """Arrive, keep the training processes as busy as this kind can until told to leave."""

    def __init__(self, kind: str, base: str, problems: Problems) -> None:
        self._kind, self._problems = kind, problems
        self._tab = Tab(base, problems, lambda frame, now: None)
        self._working: asyncio.Task[None] | None = None

    async def arrive(self) -> None:
        """Open the page and choose the settings; raises TimeoutError when that takes a minute."""
        settings = HOGS[self._kind]
        async with asyncio.timeout(ARRIVAL_SECONDS):
            await self._tab.open(urlencode(settings.to_url()))
            frame = await self._frame()
            if self._kind == "race":
                frame = await self._choose_rates()
        found = frame["iterationsPerEpoch"], frame["iterations"], frame["pace"]
        if found != (settings.iterations_per_epoch, settings.iterations, settings.pace):
            self._problems.add(f"The page did not take the settings of the {self._kind}: {found}.")

    def begin(self) -> None:
        """Train, and click where that is the point, until the tab is closed."""
        self._working = asyncio.create_task(self._work())

    async def leave(self) -> None:
        """Close the tab; raises what went wrong in it."""
        if self._working is not None:
            self._working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._working
        await self._tab.leave()

    async def _work(self) -> None:
        train = "transport_Start race" if self._kind == "race" else "transport_Start"
        while True:
            await self._press(train, "transport_Resume")
            await asyncio.sleep(CLICK_SECONDS)
            for _ in range(CLICKS if self._kind == "step" else 0):
                await self._press("transport_Step 100")
                await asyncio.sleep(CLICK_SECONDS)

    async def _choose_rates(self) -> Frame:
        await self._tab.rerun(self._tab.pages["race"], wait=True)
        await self._frame(race=True)
        rates = self._tab.find("race_rates")
        if rates is None:
            raise LrdemoError("The Race page has no field for learning rates.")
        await self._tab.type(rates, ", ".join(f"{HIGHEST_RATE * (lane + 1) / MOST:g}" for lane in range(MOST)))
        while len((frame := await self._frame(race=True)).get("lanes", ())) != MOST:
            await asyncio.sleep(LOOK_SECONDS)
        return frame

    async def _frame(self, race: bool = False) -> Frame:
        """Wait for a frame of the run, or of the race, that says more than that the server is starting."""
        while True:
            frame = self._tab.links[race].frame if len(self._tab.links) > race else None
            if frame is not None and frame["state"] != "starting":
                return frame
            await asyncio.sleep(LOOK_SECONDS)

    async def _press(self, *keys: str) -> None:
        """Press the first of the buttons that is on the page, if one is."""
        buttons: list[Widget] = [found for key in keys if (found := self._tab.find(key)) is not None]
        if buttons:
            await self._tab.click(buttons[0])
