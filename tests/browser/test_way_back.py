"""The way back as a visitor goes it, in a real browser: on Train, on other pages, and on from there."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from visits import accuracy, click, iteration, open_page, wait_for_state

HANDLE = "Look back at iteration"


def finished(page: Page) -> None:
    wait_for_state(page, "Untrained")
    page.get_by_role("slider", name=re.compile("^Pace")).press("End")
    click(page, "Start")
    wait_for_state(page, "Finished")


def seen_at(page: Page, at: int) -> None:
    """Wait until the run is seen as it was there."""
    page.wait_for_function(f"window.lrdemoLink.last.iteration === {at} && window.lrdemoLink.last.wanted === {at}")


def weights(page: Page) -> list[int]:
    return list(page.evaluate("[...window.lrdemoLink.last.templates]"))


def test_a_run_is_looked_back_at_by_key_and_every_page_shows_that_moment(page: Page) -> None:
    finished(page)
    now, share = weights(page), accuracy(page)
    handle = page.get_by_role("slider", name=HANDLE)
    handle.press("PageDown")
    handle.press("ArrowLeft")
    at = int(handle.input_value())
    assert 0 < at < 600
    seen_at(page, at)
    assert weights(page) != now
    expect(page.locator(".strip .state")).to_have_text("Looking back")
    assert accuracy(page) < share

    open_page(page, "Inside")
    page.wait_for_function("window.lrdemoLink.last.templates")
    seen_at(page, at)
    expect(page.get_by_role("img", name=re.compile(f"after {at} iterations"))).to_be_visible()
    open_page(page, "What breaks it")
    expect(page.locator(".view.breaking")).to_contain_text(f"At iteration {at}.")
    page.get_by_role("button", name="Back to now").click()
    expect(page.locator(".view.breaking")).to_contain_text("At iteration 600.")
    assert accuracy(page) == share


def test_a_run_is_played_and_goes_on_from_where_the_visitor_stops(page: Page) -> None:
    finished(page)
    before = page.evaluate("[...window.lrdemoLink.last.testAccuracies]")
    page.get_by_role("combobox", name="Iterations per second when it is played").select_option("30")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("window.lrdemoLink.last.wanted >= 20")
    page.get_by_role("button", name="Stop").click()
    at = int(page.get_by_role("slider", name=HANDLE).input_value())
    seen_at(page, at)
    page.get_by_role("slider", name=re.compile("^Learning rate")).press("ArrowRight")

    page.get_by_role("button", name="Go on from here").click()
    wait_for_state(page, "Finished")
    page.wait_for_function("window.lrdemoLink.last.wanted === null && window.lrdemoLink.last.reached === 600")
    assert iteration(page) == 600
    # What was changed at the end is no part of the run that goes on from before it: it ends as it did.
    assert page.evaluate("[...window.lrdemoLink.last.testAccuracies]") == before
    expect(page.get_by_role("slider", name=re.compile("^Learning rate"))).to_have_attribute("aria-valuetext", "0.1")
