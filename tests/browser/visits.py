"""What a visitor does and sees, in the words of the tests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect


def state_of(page: Page) -> str:
    return page.locator(".strip:not(.of-race) .state").inner_text()


def iteration(page: Page) -> int:
    return int(page.locator(".strip:not(.of-race) [role=progressbar]").get_attribute("aria-valuenow") or 0)


def accuracy(page: Page) -> float:
    return float(page.locator(".strip .score").inner_text().split()[0])


def wait_for_state(page: Page, words: str, seconds: float = 90) -> None:
    expect(page.locator(".strip:not(.of-race) .state")).to_have_text(re.compile(words), timeout=1000 * seconds)


def click(page: Page, label: str) -> None:
    if label.startswith("Step ") and not page.get_by_role("button", name=label, exact=True).is_visible():
        page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_role("button", name=re.compile(rf"^(\S+ )?{label}\b")).first.click()


def open_page(page: Page, title: str) -> None:
    page.get_by_role("link", name=title, exact=True).click()


def canvas(page: Page) -> Locator:
    """Return the canvas that can be seen."""
    return page.locator("canvas.upper-canvas").filter(visible=True)


def draw(page: Page, points: list[tuple[float, float]]) -> None:
    """Draw one stroke with the mouse, as soon as there is a canvas; points in canvas pixels."""
    canvas(page).evaluate("canvas => canvas.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = canvas(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + points[0][0], box["y"] + points[0][1])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=8)
    page.mouse.up()


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Look again and again until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(0.05)
