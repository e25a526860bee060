"""Everything can be done without a mouse, and one sees where one is."""

from __future__ import annotations

import re

from app_server import Server
from keyboard import MOST_STOPS, Stop, focus, press, tab, tab_to
from looking import LOOKING, settle
from playwright.sync_api import Page, expect
from visits import iteration, press_p, wait_for_state, wait_until

from lrdemo.ui.navigation import LAB, PLACES, following

LARGE = "getComputedStyle(document.documentElement).fontSize === '28.8px'"


def stops(page: Page, last: str, key: str = "Tab") -> list[Stop]:
    """Return what the Tab key leads to, up to the one whose name begins with `last`."""
    found = [tab(page, key)]
    while not found[-1].name.startswith(last):
        assert len(found) < MOST_STOPS, [stop.name for stop in found]
        found.append(tab(page, key))
    return found


def test_the_tab_key_leads_through_every_page_and_what_has_the_focus_is_marked_and_seen(page: Page) -> None:
    wait_for_state(page, "Untrained")
    page.evaluate(LOOKING.read_text(encoding="utf-8"))
    top = ["Skip to main content", *(place.title for place in LAB), "Lesson", "Main menu"]
    for place in PLACES:
        on = following(place).heading
        expect(page.get_by_role("link", name=f"Next: {on}")).to_be_visible()
        settle(page)
        found = stops(page, "Next: ")
        assert [stop for stop in found if not (stop.marked and stop.seen)] == [], place.title
        names = [stop.name for stop in found]
        first = [*top, "the page", "Projector F"] if place is PLACES[0] else ["Projector F"]
        run = ["play_arrow Start P", "Step expand_more", "Reset", "Details"] if place.transport == "run" else []
        assert names[: len(first + run)] == first + run
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text([on])
        page.wait_for_function("document.activeElement.matches('.stMain')")


def test_a_table_paints_a_mark_on_the_cell_that_has_the_focus(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/the_answer")
    expect(page.get_by_role("link", name="Next: ")).to_be_visible()
    page.get_by_text("All 1,000 scores as numbers").click()
    page.evaluate(LOOKING.read_text(encoding="utf-8"))
    settle(page)
    table = page.locator("canvas:has([role=gridcell])")
    table.scroll_into_view_if_needed()
    before = table.screenshot()
    assert table.screenshot() == before
    table.locator("[role=gridcell]").first.evaluate("cell => cell.focus()")
    wait_until(lambda: table.screenshot() != before)
    found = focus(page)
    assert found is not None and found.marked and page.evaluate("document.activeElement.localName") == "td"


def test_the_way_back_is_the_same_way(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/draw")
    expect(page.locator(".words")).to_have_text("Draw a digit.")
    expect(page.get_by_role("link", name="Next: ")).to_be_visible()
    there = stops(page, "Next: ")
    back = [tab(page, "Shift+Tab") for _ in there[1:]]
    assert [stop.name for stop in back] == [stop.name for stop in reversed(there[:-1])]
    assert all(stop.marked and stop.seen for stop in back)


def test_at_twice_the_size_the_folded_navigation_is_passed_by_and_nothing_covers_the_focus(page: Page) -> None:
    page.set_viewport_size({"width": 683, "height": 384})
    wait_for_state(page, "Untrained")
    expect(page.get_by_role("button", name="Expand sidebar")).to_be_visible()
    expect(page.get_by_role("link", name="Next: ")).to_be_visible()
    for key, last in (("Tab", "Next: "), ("Shift+Tab", "Skip")):
        found = stops(page, last, key)
        assert [stop for stop in found if not (stop.marked and stop.seen)] == [], key
        assert {"Draw", "Race"}.isdisjoint(stop.name for stop in found)


def test_a_run_is_started_stepped_and_changed(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?iterations=20000")
    wait_for_state(page, "Untrained")
    press_p(page)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    press(page, "Resume")
    # The button that was pressed has become another, and the focus has stayed.
    expect(page.get_by_role("button", name="Pause")).to_be_focused()
    page.keyboard.press("Enter")
    wait_for_state(page, "Paused")
    stood = iteration(page)
    press(page, "^Step ")
    press(page, "^Step 10$")
    page.wait_for_function(f"window.lrdemoLink.last.iteration === {stood + 10}")
    page.keyboard.press("Enter")
    page.wait_for_function(f"window.lrdemoLink.last.iteration === {stood + 20}")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Step", exact=True)).to_be_focused()

    press(page, "^Details", "Enter")
    expect(page.locator(".numbers")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".numbers")).not_to_be_visible()
    press(page, "^Loss over", "Home")
    expect(page.locator(".readout").first).to_have_text(re.compile(r"each minibatch at \d+: \d"))

    press(page, "^Reset")
    wait_for_state(page, "Untrained")
    press(page, "^Learning rate", "ArrowRight")
    expect(page).to_have_url(re.compile(r"learning_rate=0\.12\b"))
    press(page, "^Iterations", "ArrowLeft")
    expect(page).to_have_url(re.compile(r"iterations=15000\b"))
    press(page, "^More")
    press(page, "^Momentum", "ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"momentum=0\.05\b"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="More")).to_be_focused()
    press(page, "^Recipe")
    page.wait_for_function("document.activeElement.closest('[role=menu]')")

    def at_the_second() -> bool:
        page.keyboard.press("ArrowDown")
        return focus(page).name == "too slow"

    wait_until(at_the_second)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Recipe: too slow")).to_be_focused()


def test_a_picture_is_chosen_and_its_answer_explained(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?iterations=100&pace=0")
    wait_for_state(page, "Untrained")
    press_p(page)
    wait_for_state(page, "Finished")
    press(page, "^Draw$")
    expect(page.locator(".words")).to_have_text("Draw a digit.")
    tab_to(page, "^Test image, 0 to")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    page.wait_for_function("window.lrdemoLink.last.shown === 'Test image 4, a 4'")

    press(page, "^9$")
    expect(page.locator(".why h2")).to_have_text("Why 4 and not 9?")
    press(page, "^What would change it")
    expect(page.locator(".why h2")).to_have_text(re.compile("What would make it an? "))
    press(page, "^How far to change the picture", "End")
    expect(page.locator(".why .text")).to_contain_text("has just overtaken 4")


def test_rates_are_typed_and_race(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/race?iterations=300&pace=0")
    expect(page.locator(".winner")).to_have_text(re.compile("Press Start race"))
    tab_to(page, "^Learning rates")
    page.keyboard.press("Control+A")
    page.keyboard.type("0.1, 0.7 pf ")
    assert page.get_by_label("Learning rates").input_value() == "0.1, 0.7 pf "
    expect(page.locator(".of-race .state")).to_have_text(re.compile("Untrained"))
    assert not page.evaluate(LARGE)
    for _ in "pf ":
        page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(page.locator(".lanes tr")).to_have_count(3)
    tab(page)
    press_p(page)
    expect(page.locator(".of-race .state")).to_have_text("Finished")


def test_a_picture_is_broken_and_the_page_turned_on_the_projector(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/what_breaks_it")
    expect(page.locator("output.accuracy")).to_have_text(re.compile(r"\d"))
    press(page, "^Turn", "ArrowRight")
    expect(page.locator(".reason")).not_to_have_text(re.compile("^Move a slider"))
    page.keyboard.press("f")
    page.wait_for_function(LARGE)
    # The arrow is the slider's as long as it has the focus.
    page.keyboard.press("ArrowRight")
    expect(page.locator(".control .value").nth(2)).to_have_text("2°")
    expect(page).to_have_url(re.compile("what_breaks_it"))
    press(page, "^Skip to main content")
    assert focus(page) == Stop("the page", True, True)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text([following(LAB[-1]).heading])
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text([LAB[-1].heading])
    page.keyboard.press("f")
    page.wait_for_function(f"!({LARGE})")
    press(page, "^Next")
    expect(page.get_by_role("heading", level=1)).to_have_text([following(LAB[-1]).heading])
