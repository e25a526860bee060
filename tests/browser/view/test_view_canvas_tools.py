"""The canvas's tools are pinned above it before it is seen, whatever it does, and Clear empties it at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect
from stage import Scene, styles

FRAME = """() => {
  const style = document.createElement("style");
  style.textContent = '[data-testid="stBidiComponentIsolated"] { visibility: hidden }';
  document.head.append(style);
  document.body.insertAdjacentHTML("beforeend", `<div class="st-key-clear"><button>Clear</button></div>`);
}"""
CANVAS = """(key) => {
  const outer = document.createElement("div");
  outer.className = `st-key-${key}`;
  outer.innerHTML = `<div data-testid="stBidiComponentIsolated"></div>`;
  document.body.append(outer);
}"""
CONTENT = """(host) => {
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = `<div class="dc-root"><div class="dc-toolbar">
    <button title="Edit" aria-pressed="true">Edit</button><button title="Reset canvas & history">Reset</button>
    </div></div>`;
  window.pressed = [];
  for (const tool of root.querySelectorAll("button")) tool.onclick = () => {
    window.pressed.push(tool.textContent);
    tool.ariaPressed = "false";
  };
}"""
STYLE = """(host) => {
  const style = document.createElement("style");
  style.textContent = ".dc-toolbar { opacity: 0; position: absolute; top: 4px; }";
  host.shadowRoot.append(style);
}"""


@pytest.fixture
def scene(scene: Scene) -> Scene:
    scene.page.evaluate(FRAME)
    return scene


def canvas(scene: Scene, key: str = "canvas_0") -> Locator:
    """Put a canvas on the page, as far as Streamlit puts it there at once."""
    scene.page.evaluate(CANVAS, key)
    return scene.locate(f".st-key-{key} > div")


def test_tools_are_seen_without_hovering_and_lie_above_the_canvas(scene: Scene) -> None:
    host = canvas(scene)
    host.evaluate(CONTENT)
    host.evaluate(STYLE)
    assert styles(scene.locate(".dc-toolbar"), "opacity", "top") == [["0", "4px"]]

    scene.component("tools", "tools", {"restored": None})

    # 2.65 times the text's 16 pixels.
    assert styles(scene.locate(".dc-toolbar"), "opacity", "top") == [["1", "-42.4px"]]


def test_a_canvas_that_comes_later_is_seen_once_its_own_style_is_there(scene: Scene) -> None:
    scene.component("tools", "tools", {"restored": None})
    host = canvas(scene)
    scene.tick(500)
    host.evaluate(CONTENT)
    scene.tick(500)
    expect(scene.locate(".dc-root")).to_be_hidden()

    host.evaluate(STYLE)
    scene.tick(20)
    expect(scene.locate(".dc-toolbar")).to_be_visible()

    canvas(scene, "canvas_1")
    scene.tick(500)
    assert scene.locate("style[data-pin]").count() == 1


def test_clear_takes_the_pen_and_resets_the_canvas_once(scene: Scene) -> None:
    scene.component("tools", "tools", {"restored": "canvas_0"})
    canvas(scene, "canvas_1").evaluate(CONTENT)
    scene.component("tools", "tools", {"restored": None})

    scene.page.get_by_role("button", name="Clear").click()

    assert scene.page.evaluate("window.pressed") == ["Edit", "Reset"]
    scene.page.get_by_role("button", name="Clear").click()
    assert scene.page.evaluate("window.pressed") == ["Edit", "Reset", "Reset"]


def test_clear_takes_a_canvas_away_that_would_go_back_to_what_it_began_with(scene: Scene) -> None:
    scene.component("tools", "tools", {"restored": "canvas_3"})
    host = canvas(scene, "canvas_3")
    host.evaluate(CONTENT)
    host.evaluate(STYLE)
    scene.tick(20)
    expect(scene.locate(".dc-toolbar")).to_be_visible()

    scene.page.get_by_role("button", name="Clear").click()

    expect(scene.locate(".dc-toolbar")).to_be_hidden()
    assert scene.page.evaluate("window.pressed") == []


def test_a_page_that_is_left_looks_for_canvases_no_more(scene: Scene) -> None:
    scene.component("tools", "tools", {"restored": None})
    scene.unmount("tools")
    host = canvas(scene)
    host.evaluate(CONTENT)
    host.evaluate(STYLE)
    scene.tick(5000)
    scene.page.get_by_role("button", name="Clear").click()

    assert scene.locate("style[data-pin]").count() == 0
    assert scene.page.evaluate("window.pressed") == []
