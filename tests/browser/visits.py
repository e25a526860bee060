"""What a visitor does and sees, in the words of the tests."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from lrdemo.ui.navigation import PLACES, Place, following

DEEP = """const deep = (root = document) =>
  [...root.querySelectorAll("*")].flatMap((one) => [one, ...(one.shadowRoot ? deep(one.shadowRoot) : [])]);"""
"""A script's `deep()`: all elements of the page, also inside its components."""

Point = tuple[float, float]
SEVEN: list[list[Point]] = [[(0.1, 0), (0.9, 0), (0.35, 1)]]
FOUR: list[list[Point]] = [[(0.4, 0), (0.0, 0.62), (0.95, 0.62)], [(0.68, 0.3), (0.66, 1)]]
ZERO: list[list[Point]] = [
    [(0.5, 0), (0.1, 0.25), (0.05, 0.6), (0.4, 1), (0.8, 0.8), (0.95, 0.4), (0.7, 0.05), (0.5, 0)]
]
SPOTS = {
    "large in the middle": (60, 40, 160, 200),
    "small in a corner": (20, 20, 60, 75),
    "low right": (140, 130, 95, 130),
}

MERGED = "Multiple different fragmentIds detected"
"""Streamlit makes one rerun of what two parts of a page report in one moment, and warns of it. That is harmless: what a
part has missed it asks for again (view.js, follow.js)."""


def wrong(complaints: list[str]) -> list[str]:
    """Return the complaints of a browser's console that say that something is wrong."""
    return [complaint for complaint in complaints if MERGED not in complaint]


def state_of(page: Page) -> str:
    return page.locator(".strip:not(.of-race) .state").inner_text()


def iteration(page: Page) -> int:
    return int(page.locator(".strip:not(.of-race) [role=progressbar]").get_attribute("aria-valuenow") or 0)


def accuracy(page: Page) -> float:
    score = page.locator(".strip .score")
    expect(score).to_have_text(re.compile(r"\d"))
    return float(score.inner_text().split()[0])


def wait_for_state(page: Page, words: str, seconds: float = 90) -> None:
    expect(page.locator(".strip:not(.of-race) .state")).to_have_text(re.compile(words), timeout=1000 * seconds)


def click(page: Page, label: str) -> None:
    if label.startswith("Step ") and not page.get_by_role("button", name=label, exact=True).is_visible():
        page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_role("button", name=re.compile(rf"^(\S+ )?{label}\b")).first.click()


def press_p(page: Page) -> None:
    """Press the main button by its key, for which Streamlit listens only some moments after it has drawn the button."""
    page.evaluate("addEventListener('keydown', (event) => { window.keyTaken = event.defaultPrevented; })")

    def taken() -> bool:
        page.keyboard.press("p")
        return bool(page.evaluate("window.keyTaken"))

    wait_until(taken)


def open_page(page: Page, title: str) -> None:
    page.get_by_role("link", name=title, exact=True).click()


def walk(page: Page) -> Iterator[Place]:
    """Go through all pages by "Next", from the first one, which is open; yield each when it is whole."""
    for place in PLACES:
        way_on = page.get_by_role("link", name=f"Next: {following(place).heading}")
        expect(way_on).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_text([place.heading])
        yield place
        way_on.click()


def canvas(page: Page) -> Locator:
    """Return the canvas that can be seen."""
    return page.locator("canvas.upper-canvas").filter(visible=True)


def draw(page: Page, points: list[tuple[float, float]]) -> None:
    """Draw one stroke with the mouse, as soon as there is a canvas."""
    begin(page, points)
    page.mouse.up()


def draw_at(page: Page, strokes: list[list[Point]], left: float, top: float, width: float, height: float) -> None:
    for stroke in strokes:
        draw(page, [(left + x * width, top + y * height) for x, y in stroke])


def settled(page: Page) -> None:
    """Wait until the answer is about the canvas's own picture, not about the pen's path."""
    page.wait_for_function("(({ shown, pen }) => shown === 'Your drawing' && !pen)(window.lrdemoLink.last)")


def begin(page: Page, points: list[tuple[float, float]]) -> None:
    """Draw a stroke up to its last point and keep the button down; points in 280ths of the canvas."""
    canvas(page).evaluate("one => one.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = canvas(page).bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"] / 280, box["y"] + y * box["height"] / 280) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)


def shade(page: Page, place: tuple[int, int]) -> int:
    """Return how light the canvas is at a place, in 280ths of it, 0 … 255."""
    seen = Image.open(io.BytesIO(canvas(page).screenshot())).convert("L").resize((280, 280))
    return int(seen.getpixel(place))


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Look again and again until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(0.05)
