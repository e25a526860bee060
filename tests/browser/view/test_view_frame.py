"""What every page has: the projector's large type, the keys that work everywhere, and where the focus goes."""

from __future__ import annotations

from playwright.sync_api import Page
from stage import Scene

FIELDS = """() => {
  document.body.insertAdjacentHTML('beforeend', '<div id="page"><input><input type="range"><a href="#other">a link</a>'
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
    page.locator("#page input").first.press("f")
    page.locator("#page input").first.press("Space")
    assert page.locator("#page input").first.input_value() == "f "
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


def test_the_letters_work_on_a_slider_and_the_arrows_are_its_own(scene: Scene) -> None:
    page = begin(scene)
    slider = page.locator("#page [type=range]")
    slider.press("Space")
    assert page.evaluate("window.pressed") == 1
    slider.press("f")
    assert large(page)
    slider.press("ArrowRight")
    assert page.evaluate("location.hash") == ""
    assert slider.input_value() == "51"
    slider.press("f")
    assert not large(page)


def test_an_arrow_that_reads_a_curve_does_not_turn_the_page(scene: Scene) -> None:
    page = begin(scene)
    page.keyboard.press("f")
    page.locator("#page > a").evaluate("one => one.addEventListener('keydown', (event) => event.preventDefault())")
    page.locator("#page > a").press("ArrowRight")
    assert page.evaluate("location.hash") == ""
    page.keyboard.press("Escape")
    page.locator("#page > a").evaluate("one => one.blur()")
    page.keyboard.press("f")


def test_the_focus_stays_where_a_button_gives_way_to_another(scene: Scene) -> None:
    page = begin(scene)
    start = page.locator("#page .st-key-transport button")
    start.focus()
    start.evaluate("one => { one.outerHTML = '<button kind=\"primary\">Pause</button>'; }")
    page.wait_for_function("document.activeElement.textContent === 'Pause'")

    # What else is taken away keeps the focus from no one.
    page.locator("#page input").first.focus()
    page.evaluate("document.querySelector('#page input').remove()")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_the_focus_stays_where_a_menu_was_opened(scene: Scene) -> None:
    page = begin(scene)
    page.evaluate("""() => document.getElementById('page').insertAdjacentHTML('beforeend',
      '<div class="st-key-recipe"><button>Recipe</button></div><div role="menu"><i tabindex="0">one</i></div>')""")
    page.locator(".st-key-recipe button").focus()
    page.locator("[role=menu] i").focus()
    page.evaluate("document.querySelector('[role=menu]').remove()")
    page.wait_for_function("document.activeElement.textContent === 'Recipe'")


def test_the_next_page_has_the_focus_as_a_whole_unless_it_was_chosen_in_the_navigation(scene: Scene) -> None:
    page = begin(scene)
    page.evaluate("""() => document.getElementById('page').insertAdjacentHTML('beforeend',
      '<header><a href="#">Draw</a></header><main class="stMain" tabindex="0"><a href="#">Next</a></main>')""")
    there = page.url
    turned = "(to) => { history.replaceState(null, '', to); document.querySelector('.stMain').append('a page'); }"
    page.locator("main a").focus()
    page.evaluate(turned, "/another")
    page.wait_for_function("document.activeElement.matches('.stMain')")

    page.locator("header a").focus()
    page.evaluate(turned, there)
    assert page.evaluate("document.activeElement.textContent") == "Draw"


def test_a_menu_that_opens_without_the_focus_gets_it_and_one_that_has_it_is_left_alone(scene: Scene) -> None:
    page = scene.page
    scene.component("frame", "frame", {})
    menu = '<div role="menu"><i tabindex="-1">one</i><i tabindex="0">two</i></div>'
    page.evaluate("menu => document.body.insertAdjacentHTML('beforeend', `<button>Recipe</button>${menu}`)", menu)
    page.get_by_role("button", name="Recipe").focus()
    scene.tick(200)
    assert page.evaluate("document.activeElement.textContent") == "two"

    page.evaluate("document.querySelector('[role=menu]').remove()")
    page.evaluate("menu => document.body.insertAdjacentHTML('beforeend', menu)", menu)
    page.locator("[role=menu] i").first.focus()
    scene.tick(200)
    assert page.evaluate("document.activeElement.textContent") == "one"
