"""What a visitor does and sees in any browser, in the words of the tests."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

from PIL import Image
from visits import wait_until

EYES = Path(__file__).with_name("eyes.js").read_text(encoding="utf-8")
PATIENCE_S = 60
STEPS = 8
"""Of the mouse from one point of a stroke to the next."""
STEP_MS = 10
Point = tuple[float, float]


class Browser(Protocol):
    """One window of a browser, whichever it is."""

    def resize(self, width: int, height: int) -> None:
        """Make the page this large, in pixels."""

    def open(self, address: str) -> None:
        """Begin to load a page; return before Streamlit has asked its server for it."""

    def ask(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript."""

    def act(self, actions: list[dict[str, Any]]) -> None:
        """Move and press, as WebDriver describes the actions of each input device."""

    def picture(self) -> bytes:
        """Return what is on the screen, as PNG."""

    def complaints(self) -> list[str]:
        """Return and forget the errors and warnings of the console."""


class Visitor:
    """A visitor in front of one browser."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self._url = url

    def open(self, path: str = "") -> None:
        self.browser.open(f"{self._url}/{path}")
        self.browser.ask(f"({EYES})()")

    def ask(self, expression: str, *values: Any) -> Any:
        """Return the value of an expression of JavaScript, with %s for each value."""
        return self.browser.ask(expression % tuple(map(json.dumps, values)))

    def text(self, selector: str) -> str:
        """Return the text of all elements that can be seen."""
        return str(self.ask("eyes.text(%s)", selector))

    def wait_for(self, selector: str, words: str, seconds: float = PATIENCE_S) -> None:
        """Wait until an element can be seen with these words, a pattern."""
        self._wait_until(lambda: self.ask("Boolean(eyes.find(%s, %s))", selector, words), selector, words, seconds)

    def place(self, selector: str, words: str = "") -> tuple[float, float, float, float]:
        """Return left, top, width and height of an element as soon as it stands still and can be pressed."""
        found: list[Any] = [None]

        def stands() -> bool:
            found.append(self.ask("eyes.place(%s, %s)", selector, words))
            return found[-1] is not None and found[-1] == found[-2]

        self._wait_until(stands, selector, words, PATIENCE_S)
        return tuple(found[-1])

    def press(self, selector: str, words: str) -> None:
        """Press an element with the mouse, as soon as it is there."""
        left, top, width, height = self.place(selector, words)
        self._mouse([move(left + width / 2, top + height / 2), DOWN, UP])

    def command(self, words: str) -> None:
        """Press a button of the transport line."""
        self.press(".st-key-transport button", rf"\b{words}\b")

    def begin_stroke(self, points: list[Point]) -> None:
        """Draw a stroke up to its last point and keep the button down; points in 280ths of the pad."""
        left, top, width, height = self.place("canvas.upper-canvas")
        places = [(left + x * width / 280, top + y * height / 280) for x, y in points]
        self._mouse([move(*places[0]), DOWN])
        for (x, y), (to_x, to_y) in pairwise(places):
            parts = [step / STEPS for step in range(1, STEPS + 1)]
            self._mouse([move(x + part * (to_x - x), y + part * (to_y - y), STEP_MS) for part in parts])

    def end_stroke(self) -> None:
        self._mouse([UP])

    def state(self, words: str) -> None:
        """Wait until the transport line says this of the run."""
        self.wait_for(".strip .state", words, 90)

    def iteration(self) -> int:
        return int(re.findall(r"([\d,]+) of", self.text(".strip .headline"))[0].replace(",", ""))

    def accuracy(self) -> float:
        self.wait_for(".strip .score", r"\d")
        return float(self.text(".strip .score").split()[0])

    def look(self) -> Image.Image:
        """Return what is on the screen in shades of grey."""
        return Image.open(io.BytesIO(self.browser.picture())).convert("L")

    def _mouse(self, actions: list[dict[str, Any]]) -> None:
        self.browser.act([{"type": "pointer", "id": "mouse", "actions": actions}])

    def _wait_until(self, true: Callable[[], bool], selector: str, words: str, seconds: float) -> None:
        try:
            wait_until(true, seconds)
        except AssertionError:
            raise AssertionError(f"{selector}: {self.text(selector)!r}, not {words!r} within {seconds:g} s") from None


DOWN = {"type": "pointerDown", "button": 0}
UP = {"type": "pointerUp", "button": 0}


def move(x: float, y: float, milliseconds: int = 0) -> dict[str, Any]:
    return {"type": "pointerMove", "x": round(x), "y": round(y), "duration": milliseconds}
