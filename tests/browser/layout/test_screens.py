"""All pages at all sizes, in all states, light or dark: nothing is cut, overlaps, breaks within a number, or jumps.

What is looked at, and what is meant to be as it is, stands in looking.js.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from app_server import Server
from looking import LOOKING, settle, shifts
from playwright.sync_api import Browser, Locator, Page, expect
from visits import draw

from lrdemo.ui.navigation import APPENDIX, CHAPTERS, PLACES, Place, following

SIZES = {"wide": (1920, 1080), "laptop": (1366, 768), "tablet": (768, 1024), "phone": (390, 844), "zoomed": (683, 384)}
SCHEMES: dict[str, Literal["dark", "light"]] = {
    "wide": "light", "laptop": "dark", "tablet": "light", "phone": "dark", "zoomed": "light",
}  # fmt: skip
STATES = {
    "untrained": "?seed=1",
    "training": "?iterations=30000&pace=20",
    "finished": "?iterations=60&pace=0",
    "exploded": "?learning_rate=10&momentum=0.9&iterations=300&pace=0",
}
IN_ONE_SCREEN = {"train.py": [".st-key-train"], "draw.py": [".st-key-board"], "race.py": [".view.race"]}
WATCHED = ("train.py", "draw.py", "race.py", "inside.py", "mistakes.py", "what_breaks_it.py")
SEVEN = [(80.0, 60.0), (205.0, 58.0), (120.0, 230.0)]


@contextmanager
def visitor(browser: Browser, server: Server, size: str, address: str = "") -> Iterator[Page]:
    """Open the app in a window of this size; at the end the console must hold no error."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=size == "phone")
    context.add_init_script(path=LOOKING)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/{address}")
    yield page
    context.close()
    assert errors == []


def go_to(page: Page, place: Place) -> None:
    """Open a page with the navigation as it is at this size, and wait until it is whole."""
    page.locator("h1").wait_for()
    if page.locator("h1").inner_text() != place.heading:
        title = re.compile(f"^{re.escape(place.title)}$")
        link = page.locator("a[data-testid^=stTopNav], a[data-testid=stSidebarNavLink]").filter(has_text=title)
        if not link.count():
            page.get_by_text("Lesson", exact=True).click()
        link.first.evaluate("link => link.click()")
    # For a moment the heading of the page before may stand there as well.
    expect(page.locator("h1")).to_have_text([place.heading])
    expect(page.get_by_role("link", name=f"Next: {following(place).heading}")).to_be_visible()
    settle(page)


def resize(page: Page, size: str) -> None:
    """Give the window this size, where it has another, and wait until the page has followed."""
    width, height = SIZES[size]
    if page.viewport_size != {"width": width, "height": height}:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("document.querySelector('.stMain').scrollTo(0, 0)")
        settle(page)


def main_button(page: Page, words: str) -> Locator:
    """Wait for what the filled button of the transport line says."""
    label = page.locator('.st-key-transport button[kind="primary"] p').filter(visible=True)
    expect(label).to_have_text(re.compile(words))
    return label


def bring(page: Page, place: Place, state: str) -> None:
    """Start the run, or the race, where the state asks for it, and draw on the pad."""
    if state == "untrained" or place.transport is None:
        return
    if place.transport != "step":
        button = main_button(page, "Start|Pause")
        if button.inner_text() in ("Start", "Start race"):
            button.click()
        main_button(page, "^Pause" if state == "training" else "^Start.* again")
    if place.file == "draw.py":
        draw(page, SEVEN)
        page.wait_for_function("(({ shown, pen }) => shown === 'Your drawing' && !pen)(window.lrdemoLink.last)")
    settle(page)


def faults(page: Page, place: Place, **wanted: Any) -> list[str]:
    """Return what is wrong with a page as it is seen."""
    measure = 88 if place in (*CHAPTERS, *APPENDIX) else 1e9
    found: list[str] = page.evaluate("wanted => looking.faults(wanted)", {"measure": measure, "share": 0.94} | wanted)
    return [f"{place.title}: {fault}" for fault in found]


@pytest.mark.parametrize("sizes", [["phone"], ["tablet", "zoomed", "laptop", "wide"]], ids=["touch", "mouse"])
@pytest.mark.parametrize("state", STATES)
def test_nothing_is_cut_or_overlaps(browser: Browser, server: Server, sizes: list[str], state: str) -> None:
    found = []
    with visitor(browser, server, sizes[-1], STATES[state]) as page:
        for place in PLACES:
            # A chapter has the same layout whether the run trains or has gone wrong.
            still = place.transport is None or (place in CHAPTERS and state in ("training", "exploded"))
            if state != "untrained" and still:
                continue
            go_to(page, place)
            bring(page, place, state)
            for size in sizes:
                wanted = IN_ONE_SCREEN.get(place.file, []) if size in ("wide", "laptop") else []
                resize(page, size)
                # Where things stand does not depend on the colours; each size is looked at in some of them.
                page.emulate_media(color_scheme=SCHEMES[size])
                found += [f"{size}: {fault}" for fault in faults(page, place, wanted=wanted)]
    assert not found, "\n".join(found)


def test_all_type_is_large_for_a_projector(browser: Browser, server: Server) -> None:
    found = []
    with visitor(browser, server, "wide", STATES["finished"]) as page:
        page.locator(".projector").wait_for()
        page.keyboard.press("f")
        for place in PLACES:
            go_to(page, place)
            bring(page, place, "finished")
            found += faults(page, place, smallest=24, share=0.9)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", ["laptop", "phone"])
def test_nothing_jumps_while_it_trains(browser: Browser, server: Server, size: str) -> None:
    found = []
    with visitor(browser, server, size) as page:
        for place in PLACES:
            if place.file not in WATCHED:
                continue
            path = "" if place is PLACES[0] else place.file.removesuffix(".py")
            page.goto(f"{server.url}/{path}?iterations=60&pace=50")
            go_to(page, place)
            button = main_button(page, "^Start")
            begin = page.evaluate("performance.now()")
            # Not a visitor's click: what moves within half a second of that is not counted as a shift.
            button.evaluate("label => label.closest('button').click()")
            main_button(page, "again")
            settle(page)
            found += [f"{place.title}: {shift}" for shift in shifts(page, begin)]
    assert not found, "\n".join(found)


def seen(page: Page, *selectors: str) -> None:
    """Assert that these can be seen whole below the transport line, without scrolling."""
    line, window = page.locator(".st-key-transport").bounding_box(), page.viewport_size
    for selector in selectors:
        box = page.locator(selector).first.bounding_box()
        assert line is not None and window is not None and box is not None, selector
        top, bottom = box["y"], box["y"] + box["height"]
        stands = f"{selector} stands at {top:.0f} … {bottom:.0f}"
        assert top >= line["y"] + line["height"] - 1 and bottom <= window["height"], stands


def test_a_phone_shows_what_start_does(browser: Browser, server: Server) -> None:
    with visitor(browser, server, "phone", "?iterations=60&pace=50") as page:
        main_button(page, "^Start").tap()
        main_button(page, "again")
        seen(page, ".templates .grid", ".chart canvas")


def test_a_phone_shows_what_a_stroke_does(browser: Browser, server: Server) -> None:
    with visitor(browser, server, "phone", "draw?iterations=60&pace=0") as page:
        main_button(page, "^Start").tap()
        draw(page, SEVEN)
        expect(page.locator(".bars .best")).to_have_count(1)
        page.evaluate("document.querySelector('.stMain').scrollTop = 0")
        seen(page, "canvas.upper-canvas", ".bars")


def test_a_phone_shows_what_start_race_does(browser: Browser, server: Server) -> None:
    with visitor(browser, server, "phone", "race?iterations=60&pace=0") as page:
        main_button(page, "^Start race").tap()
        expect(page.locator(".winner")).to_contain_text("is ahead")
        seen(page, ".winner", ".chart canvas")


def test_a_phone_shows_what_a_slider_does(browser: Browser, server: Server) -> None:
    with visitor(browser, server, "phone", "what_breaks_it?iterations=60&pace=0") as page:
        main_button(page, "^Start").tap()
        expect(page.locator(".breaking .rest")).to_contain_text("At iteration 60")
        before = page.locator(".breaking .accuracy").inner_text()
        page.get_by_role("slider", name="Shift right").press("PageUp")
        expect(page.locator(".breaking .accuracy")).not_to_have_text(before)
        seen(page, ".breaking .accuracy", ".breaking .asked canvas", "input[name=right]")


def test_a_laptop_shows_a_question_and_its_answer_with_the_bars(browser: Browser, server: Server) -> None:
    with visitor(browser, server, "laptop", "draw?iterations=60&pace=0") as page:
        main_button(page, "^Start").click()
        main_button(page, "again")
        draw(page, SEVEN)
        for question, heading in (
            ("Why this answer?", "Why 7?"),
            ("Why not another?", "Why 7 and not"),
            ("What would change it?", "What would make it"),
        ):
            page.get_by_role("button", name=question).click()
            expect(page.locator(".why h2")).to_contain_text(heading)
            seen(page, ".verdict", ".bars", ".why .panel")
