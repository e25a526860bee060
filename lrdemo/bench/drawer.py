"""One visitor who draws on the Draw page, digit after digit, as the pad's script and the canvas do.

The path of the pen goes over the live channel while it moves; the canvas's own picture follows when it is lifted.
"""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from lrdemo.arrays import Float64s
from lrdemo.bench.browsing import Problems
from lrdemo.bench.live_link import Frame
from lrdemo.bench.streamlit_client import Tab, Widget
from lrdemo.digit import draw_strokes

QUERY = "pace=0&iterations=600"
ARRIVAL_SECONDS = 60.0
LOST_SECONDS = 5.0
STROKE_SECONDS = 0.9
"""A stroke takes about so long."""
SPACING_SECONDS = 0.15
"""So often the pad tells of the pen's path (ui/draw/canvas_tools.js)."""
POINTS_PER_SECOND = 60
SETTLING_SECONDS = 0.2
"""The canvas sends its picture so long after the pen was lifted."""
PAUSE_SECONDS = 0.4
LOOK_SECONDS = 0.01
DIGITS: dict[str, list[list[tuple[float, float]]]] = {
    "1": [[(0.48, 0.15), (0.5, 0.85)]],
    "4": [[(0.4, 0.18), (0.28, 0.55), (0.72, 0.55)], [(0.62, 0.2), (0.6, 0.86)]],
    "7": [[(0.27, 0.22), (0.72, 0.2), (0.45, 0.85)]],
}
"""The corners of each stroke, in shares of the pad."""


@dataclass(frozen=True)
class Pad:
    """The canvas: its side and the width of its brush, in its own pixels."""

    side: int
    brush: float


class Drawer:
    """Arrive, train a short run, then draw until told to stop; collect what was seen of each stroke."""

    def __init__(self, number: int, base: str, problems: Problems) -> None:
        self.first_answers: list[float] = []
        """Seconds from the moment when the pen came down to the first answer, for each stroke."""
        self.answers, self.drawing_seconds = 0, 0.0
        """Answers that came while a pen was down, and for how long pens were down."""
        self.lost: list[str] = []
        self._random = random.Random(number)
        self._strokes = itertools.count(1)
        self._down: float | None = None
        """When the pen came down, while it is down."""
        self._answered = False
        self._pad = Pad(0, 0.0)
        self._tab = Tab(base, problems, self.see)

    @property
    def answers_per_second(self) -> float:
        """Return how often the answer was given anew while the pen was down."""
        return self.answers / self.drawing_seconds

    async def arrive(self) -> None:
        """Train a run to its end and open the Draw page; raises TimeoutError when that takes a minute."""
        async with asyncio.timeout(ARRIVAL_SECONDS):
            await self._tab.open(QUERY)
            await self._tab.click(await self._found("transport_Start"))
            await self._until(lambda frame: frame["state"] == "finished")
            await self._tab.rerun(self._tab.pages["draw"], wait=True)
            data = (await self._found("canvas_")).data
            self._pad = Pad(data["canvasWidth"], data["strokeWidth"])

    async def follow(self, start: float, seconds: float) -> None:
        """Draw one digit after the other from `start` on (seconds on the performance counter)."""
        await asyncio.sleep(self._random.random())
        while time.perf_counter() < start + seconds:
            await self.draw(self._random.choice(list(DIGITS)))

    async def draw(self, digit: str) -> None:
        """Draw one digit, and clear the pad."""
        done: list[Float64s] = []
        for corners in DIGITS[digit]:
            path = path_through(self._pad.side * (np.array(corners) + self._random.uniform(-0.05, 0.05)))
            await self._stroke(path)
            done.append(path)
            await asyncio.sleep(SETTLING_SECONDS)
            await self._settle(done, lambda frame: frame["pen"] is False)
        await asyncio.sleep(PAUSE_SECONDS)
        await self._tab.trigger(await self._found("drawing_tools"), "act", "clear")
        await self._settle([], lambda frame: frame.get("blank") is True)

    async def leave(self) -> None:
        """Close the tab."""
        await self._tab.leave()

    def see(self, frame: Frame, now: float) -> None:
        """Take note of a frame that came at `now`, in seconds."""
        if self._down is None or not frame.get("pen"):
            return
        self.answers += 1
        if not self._answered:
            self._answered = True
            self.first_answers.append(now - self._down)

    async def _stroke(self, path: Float64s) -> None:
        """Move the pen along the path, [n, 2] in canvas pixels, and tell of it as the pad's script does."""
        number, down = next(self._strokes), time.perf_counter()
        self._down, self._answered = down, False
        seconds = len(path) / POINTS_PER_SECOND
        while (moved := time.perf_counter() - down) < seconds:
            points = path[: 1 + int(moved * POINTS_PER_SECOND)]
            message = {"stroke": number, "width": self._pad.brush, "path": points.round(1).reshape(-1).tolist()}
            await self._tab.links[0].tell(message)
            await asyncio.sleep(SPACING_SECONDS)
        await self._tab.links[0].tell({**message, "ended": True})
        self.drawing_seconds += time.perf_counter() - down
        self._down = None
        if not self._answered:
            self.lost.append("a stroke was not answered while it was drawn")

    async def _settle(self, strokes: list[Float64s], shows: Callable[[Frame], bool]) -> None:
        """Send what the canvas holds, and wait until the server has taken it."""
        await self._tab.give(await self._found("canvas_"), canvas_state(strokes, self._pad))
        try:
            async with asyncio.timeout(LOST_SECONDS):
                await self._until(shows)
        except TimeoutError:
            self.lost.append("the canvas's picture was not taken")

    async def _until(self, shows: Callable[[Frame], bool]) -> None:
        while self._tab.frame is None or self._tab.frame["state"] == "starting" or not shows(self._tab.frame):
            await asyncio.sleep(LOOK_SECONDS)

    async def _found(self, key: str) -> Widget:
        """Return a widget as soon as the page shows it; raises TimeoutError when it does not."""
        async with asyncio.timeout(ARRIVAL_SECONDS):
            while (widget := self._tab.find(key)) is None:
                await asyncio.sleep(LOOK_SECONDS)
        return widget


def path_through(corners: Float64s) -> Float64s:
    """Return points [n, 2] along the lines between the corners [m, 2], as many as a stroke's time allows."""
    lengths = np.hypot(*np.diff(corners, axis=0).T).cumsum()
    along = np.linspace(0, lengths[-1], round(STROKE_SECONDS * POINTS_PER_SECOND))
    known = np.concatenate([[0.0], lengths])
    return np.stack([np.interp(along, known, axis) for axis in corners.T], axis=1)


def canvas_state(strokes: list[Float64s], pad: Pad) -> str:
    """Return the state that the canvas reports with these strokes on it."""
    pixels = 255 - draw_strokes(strokes, pad.brush, pad.side)
    rgba = np.dstack([pixels, pixels, pixels, np.full_like(pixels, 255)])
    file = io.BytesIO()
    Image.fromarray(rgba).save(file, "png")
    objects = [
        {
            "type": "path",
            "strokeWidth": pad.brush,
            "path": [["L" if at else "M", *point] for at, point in enumerate(stroke.tolist())],
        }
        for stroke in strokes
    ]
    drawing = {
        "raw": {"objects": objects},
        "data": "data:image/png;base64," + base64.b64encode(file.getvalue()).decode(),
    }
    return json.dumps({"drawing": drawing, "backgroundFit": None})
