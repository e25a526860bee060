"""What every page has: the projector's large type, and the keys that work everywhere."""

from __future__ import annotations

from playwright.sync_api import Page
from stage import Scene

FIELDS = """() => {
  document.body.insertAdjacentHTML('beforeend', '<div id="page"><input><a href="#other">a link</a>'
    + '<div class="st-key-transport"><button kind="primary">Start</button></div>'
    + '<div class="st-key-way_on"><a href="#next">Next</a></div></div>');
  window.pressed = 0;
  document.querySelector('#page button').addEventListener('click', () => (window.pressed += 1));
}"""


def begin(scene: Scene) -> Page:
    page = scene.page
    page.evaluate("() => document.getElementById('page')?.remove()")
    page.evaluate(FIELDS)
    scene.component("frame", "frame", {})
    return page


def large(page: Page) -> bool:
    return page.evaluate("getComputedStyle(document.documentElement).fontSize") == "28.8px"


def test_the_projector_enlarges_all_type_and_a_reload_keeps_it(scene: Scene) -> None:
    page = begin(scene)
    assert not large(page)
    page.keyboard.press("f")
    assert large(page)

    page.reload()
    page = begin(scene)
    assert large(page)
    scene.locate("button.projector").click()
    assert not large(page)
    page.reload()
    assert not large(begin(scene))


def test_keys_mean_nothing_while_something_is_typed(scene: Scene) -> None:
    page = begin(scene)
    page.locator("#page input").press("f")
    page.locator("#page input").press("Space")
    assert page.locator("#page input").input_value() == "f "
    assert not large(page)
    assert page.evaluate("window.pressed") == 0


def test_space_presses_the_filled_button_unless_something_else_takes_it(scene: Scene) -> None:
    page = begin(scene)
    page.keyboard.press("Space")
    assert page.evaluate("window.pressed") == 1
    page.locator("#page > a").focus()
    page.keyboard.press("Space")
    assert page.evaluate("window.pressed") == 1


def test_on_a_projector_the_arrows_change_the_page(scene: Scene) -> None:
    page = begin(scene)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("location.hash") == ""
    page.keyboard.press("f")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("location.hash") == "#next"
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("location.hash === ''")
    page.keyboard.press("f")
