"""What can be clicked or touched is large enough for it, and what is read is large enough to be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from app_server import Server
from playwright.sync_api import Browser, Page, expect
from visits import DEEP, wait_for_state, wait_until, walk

BY_POINTER, BY_FINGER = 24, 44
SMALL_ON_TOUCH = [
    # Streamlit's own, beside a label, over a chart, at the end of a row of tabs; the menu's arrow is part of its field.
    "[aria-label^='Help for']", "[data-testid=stBaseButton-elementToolbar]", "[data-testid^=stTabsScroll]",
    "[data-testid=stSelectbox] button",
    # Ten bars share one screen with the pad, ten columns the width of a phone.
    ".bars .touchable", ".confusion button",
]  # fmt: skip
SEEN = "const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.clientWidth > 1;"
TOO_SMALL = f"""([least, smaller]) => {{ {DEEP} {SEEN}
  const targets = "a[href], button, input, select, textarea, summary, [role=tab], [role=radio], [role=menuitem]";
  // What stands for it: all of a slider's track, a box with its words, all of a bar.
  const all = (one) => one.closest(one.matches("input") ? ".stSlider [role=group] > div, label" : ".touchable") ?? one;
  return deep().filter((one) => one.matches(targets) && (seen(one) || one.matches("input"))).map(all)
    .filter((one) => seen(one) && !one.closest("p, [data-testid=stSkipToContent]"))
    .filter((one) => {{
      const {{ width, height }} = one.getBoundingClientRect();
      return Math.min(width, height) < (smaller.some((kind) => one.matches(kind)) ? {BY_POINTER} : least) - 0.5;
    }})
    .map((one) => one.outerHTML.slice(0, 200));
}}"""
SMALL_TYPE = f"""(least) => {{ {DEEP} {SEEN}
  const own = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return deep().filter((one) => seen(one) && own(one) && !one.closest(".katex, script, style, option"))
    .filter((one) => parseFloat(getComputedStyle(one).fontSize) < least).map((one) => one.outerHTML.slice(0, 200));
}}"""


@pytest.fixture
def phone(browser: Browser, server: Server) -> Iterator[Page]:
    """Open a phone: narrow, and touched with a finger."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(server.url)
    wait_for_state(page, "Untrained")
    yield page
    context.close()


def test_every_target_is_large_enough_for_a_pointer(page: Page) -> None:
    wait_for_state(page, "Untrained")
    found = {place.title: page.evaluate(TOO_SMALL, [BY_POINTER, []]) for place in walk(page)}
    assert {title: small for title, small in found.items() if small} == {}


def test_every_target_is_large_enough_for_a_finger_and_no_field_makes_a_phone_zoom(phone: Page) -> None:
    found = {}
    for place in walk(phone):
        found[place.title] = phone.evaluate(TOO_SMALL, [BY_FINGER, SMALL_ON_TOUCH])
        fields = phone.locator("input:not([type=range], [type=checkbox], [type=file]), select, textarea")
        sizes = fields.evaluate_all("all => all.map((one) => parseFloat(getComputedStyle(one).fontSize))")
        assert min(sizes, default=16) >= 16, place.title
    assert {title: small for title, small in found.items() if small} == {}
    phone.get_by_role("button", name="Expand sidebar").click()
    expect(phone.get_by_test_id("stSidebarNavLink").last).to_be_visible()
    # It slides in.
    wait_until(lambda: phone.evaluate(TOO_SMALL, [BY_FINGER, SMALL_ON_TOUCH]) == [])


def test_at_twice_the_size_the_page_is_most_of_the_screen_and_its_type_can_be_read(page: Page) -> None:
    page.set_viewport_size({"width": 683, "height": 384})
    wait_for_state(page, "Untrained")
    for place in walk(page):
        above = page.locator(".st-key-transport" if place.transport else ".stAppHeader").bounding_box()
        assert above is not None and above["y"] + above["height"] <= 384 / 3, place.title
        assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= 683, place.title
        assert page.evaluate(SMALL_TYPE, 12) == [], place.title
