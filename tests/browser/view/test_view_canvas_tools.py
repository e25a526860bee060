"""The pad's tools: the canvas fits its column before it is seen, and Undo and Clear act on it at once."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from stage import Scene, styles

FRAME = """() => {
  const style = document.createElement("style");
  style.textContent = '[data-testid="stBidiComponentIsolated"] { visibility: hidden }';
  document.head.append(style);
}"""
CANVAS = """(key) => {
  const outer = document.createElement("div");
  outer.className = `st-key-${key}`;
  outer.style.width = "300px";
  outer.innerHTML = `<div data-testid="stBidiComponentIsolated"></div>`;
  document.body.append(outer);
}"""
CONTENT = """(host) => {
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = `<div class="dc-root"><div class="dc-scroll"><div class="dc-container" style="width: 420px">
    <canvas class="upper-canvas" style="width: 420px; height: 420px"></canvas></div></div><div class="dc-toolbar">
    <button title="Update the app with this drawing">Send</button><button title="Undo" disabled>Undo</button>
    <button title="Reset canvas & history">Reset</button></div></div>`;
  window.pressed = [];
  for (const tool of root.querySelectorAll("button")) tool.onclick = () => window.pressed.push(tool.textContent);
}"""
STYLE = """(host) => {
  const style = document.createElement("style");
  style.textContent = ".dc-root { width: fit-content; position: relative } .dc-toolbar { position: absolute }";
  host.shadowRoot.append(style);
}"""
DATA: dict[str, Any] = {
    "restored": None, "empty": True, "erase": False, "width": 30,
    "widths": {"Thin": 18, "Medium": 30, "Thick": 48},
}  # fmt: skip


@pytest.fixture
def scene(scene: Scene) -> Scene:
    scene.page.evaluate(FRAME)
    return scene


def mount(scene: Scene, **data: Any) -> None:
    scene.component("tools", "tools", DATA | data)


def canvas(scene: Scene, key: str = "canvas_0", whole: bool = True) -> Locator:
    """Put a canvas on the page; if it is not whole, only as far as Streamlit puts it there at once."""
    scene.page.evaluate(CANVAS, key)
    host = scene.locate(f".st-key-{key} > div")
    if whole:
        host.evaluate(CONTENT)
        host.evaluate(STYLE)
    return host


def tool(scene: Scene, name: str) -> Locator:
    return scene.page.get_by_role("group", name="Drawing tools").get_by_role("button", name=name)


def acts(scene: Scene) -> list[Any]:
    """Return what the server was told to do."""
    return [report[-1] for report in scene.reports()]


def test_the_canvas_is_as_wide_as_its_column_without_tools_of_its_own(scene: Scene) -> None:
    canvas(scene)
    mount(scene)

    box = scene.locate("canvas.upper-canvas").bounding_box()
    assert box is not None and (box["width"], box["height"]) == (300, 300)
    expect(scene.locate(".dc-toolbar")).to_be_hidden()
    assert "test image" in str(scene.locate("canvas.upper-canvas").get_attribute("aria-label"))


def test_a_canvas_that_comes_later_is_seen_once_its_own_style_is_there(scene: Scene) -> None:
    mount(scene)
    host = canvas(scene, whole=False)
    scene.tick(500)
    host.evaluate(CONTENT)
    scene.tick(500)
    expect(scene.locate("canvas.upper-canvas")).to_be_hidden()

    host.evaluate(STYLE)
    scene.tick(20)
    expect(scene.locate("canvas.upper-canvas")).to_be_visible()


def test_an_empty_pad_says_what_to_do_until_the_pen_comes_down(scene: Scene) -> None:
    canvas(scene)
    mount(scene)
    assert styles(scene.locate(".dc-root"), "position") == [["relative"]]
    assert scene.locate(".dc-root[data-empty]").count() == 1

    scene.locate("canvas.upper-canvas").dispatch_event("pointerdown")
    assert scene.locate(".dc-root[data-empty]").count() == 0
    tool(scene, "Clear").click()
    assert scene.locate(".dc-root[data-empty]").count() == 1
    mount(scene, empty=False)
    assert scene.locate(".dc-root[data-empty]").count() == 0


def test_clear_resets_the_canvas_at_once_and_tells_the_server(scene: Scene) -> None:
    canvas(scene, "canvas_1")
    mount(scene, restored="canvas_0")
    tool(scene, "Clear").click()

    assert scene.page.evaluate("window.pressed") == ["Reset"]
    assert acts(scene) == ["clear"]


def test_clear_takes_a_canvas_away_that_would_go_back_to_what_it_began_with(scene: Scene) -> None:
    canvas(scene, "canvas_3")
    mount(scene, restored="canvas_3")
    tool(scene, "Clear").click()

    expect(scene.locate("canvas.upper-canvas")).to_be_hidden()
    assert scene.page.evaluate("window.pressed") == []
    assert acts(scene) == ["clear"]


def test_undo_is_the_canvas_s_own_while_it_has_something_to_undo_and_the_server_s_after(scene: Scene) -> None:
    host = canvas(scene)
    mount(scene)
    host.evaluate("(host) => (host.shadowRoot.querySelector('[title=Undo]').disabled = false)")
    tool(scene, "Undo").click()
    assert (scene.page.evaluate("window.pressed"), acts(scene)) == (["Undo"], [])

    host.evaluate("(host) => (host.shadowRoot.querySelector('[title=Undo]').disabled = true)")
    tool(scene, "Undo").click()
    assert (scene.page.evaluate("window.pressed"), acts(scene)) == (["Undo"], ["undo"])


def test_eraser_and_brush_say_what_the_server_has_given_the_canvas(scene: Scene) -> None:
    canvas(scene)
    mount(scene, erase=True, width=48)

    assert tool(scene, "Eraser").get_attribute("aria-pressed") == "true"
    pressed = {name: tool(scene, f"{name} brush").get_attribute("aria-pressed") for name in DATA["widths"]}
    assert pressed == {"Thin": "false", "Medium": "false", "Thick": "true"}
    tool(scene, "Eraser").click()
    tool(scene, "Thin brush").click()
    assert acts(scene) == ["eraser", "Thin"]
    assert tool(scene, "Eraser").get_attribute("aria-pressed") == "true"


def strokes(scene: Scene) -> list[dict[str, Any]]:
    """Return what was told of strokes; a connection whose views ask anew has said all before."""
    before = len(scene.connection.messages)
    scene.page.evaluate("window.lrdemoLink.ask()")
    messages = scene.connection.messages
    scene.stage.wait(lambda: any("parts" in message for message in messages[before:]), "it asks")
    return [message for message in scene.connection.messages if "stroke" in message]


def drawing_with(scene: Scene, **data: Any) -> tuple[float, float]:
    """Put the pen down on the pad, at (70, 140) of its 420 pixels; return where the pad is."""
    scene.mount("strip")
    canvas(scene).evaluate("""(host) => {
      const surface = host.shadowRoot.querySelector("canvas");
      surface.width = surface.height = 420;
    }""")
    mount(scene, **data)
    box = scene.locate("canvas.upper-canvas").bounding_box()
    assert box is not None
    scene.page.mouse.move(box["x"] + 50, box["y"] + 100)
    scene.page.mouse.down()
    return box["x"], box["y"]


def test_the_pen_tells_where_it_is_at_once_and_then_every_so_often(scene: Scene) -> None:
    left, top = drawing_with(scene, width=48)
    scene.tick(1)
    (first,) = strokes(scene)
    assert (first["path"], first["width"], first["ended"]) == ([70, 140], 48, False)

    scene.page.mouse.move(left + 60, top + 100)
    scene.page.mouse.move(left + 70, top + 110)
    scene.tick(130)
    assert len(strokes(scene)) == 1
    scene.tick(20)
    second = strokes(scene)[-1]
    assert second == first | {"path": [70, 140, 84, 140, 98, 154]}
    scene.tick(1000)
    assert len(strokes(scene)) == 2

    scene.page.mouse.move(left + 80, top + 110)
    scene.page.mouse.up()
    assert (strokes(scene)[-1]["path"][-2:], strokes(scene)[-1]["ended"]) == ([112, 154], True)
    scene.page.mouse.move(left + 90, top + 110)
    scene.tick(1000)
    assert len(strokes(scene)) == 3

    scene.page.mouse.down()
    scene.tick(1)
    assert strokes(scene)[-1]["stroke"] > first["stroke"]


def test_the_canvas_sends_a_stroke_as_soon_as_it_has_it(scene: Scene) -> None:
    left, top = drawing_with(scene)
    scene.page.evaluate("""() => document.addEventListener("mouseup", () => window.pressed.push("the canvas's own"))""")
    scene.page.mouse.move(left + 60, top + 100)
    assert scene.page.evaluate("window.pressed") == []
    scene.page.mouse.up()
    assert scene.page.evaluate("window.pressed") == ["the canvas's own", "Send"]

    scene.page.mouse.move(left, top + 330)
    scene.page.mouse.down()
    scene.page.mouse.up()
    assert scene.page.evaluate("window.pressed").count("Send") == 1


def test_the_canvas_sends_the_stroke_of_a_finger(scene: Scene) -> None:
    canvas(scene)
    mount(scene, erase=True)
    surface = scene.locate("canvas.upper-canvas")
    surface.dispatch_event("pointerdown", {"isPrimary": True})
    surface.dispatch_event("touchend")
    assert scene.page.evaluate("window.pressed") == ["Send"]


def test_the_pad_takes_the_focus_and_shows_it_to_who_uses_the_keyboard(scene: Scene) -> None:
    canvas(scene)
    mount(scene)
    scene.page.keyboard.press("Tab")

    surface = scene.locate("canvas.upper-canvas")
    expect(surface).to_be_focused()
    assert styles(surface, "outlineStyle", "outlineWidth", "outlineColor") == [["solid", "3px", "rgb(28, 131, 225)"]]
    assert "test image below" in str(surface.get_attribute("aria-label"))


PAD_CHANGED = "on => { window.lrdemoTestImageOnPad = on; window.dispatchEvent(new Event('lrdemo-pad-changed')); }"


def test_over_a_test_image_nobody_draws_and_one_tool_leads_back(scene: Scene) -> None:
    canvas(scene)
    mount(scene)
    buttons = scene.page.get_by_role("group", name="Drawing tools").get_by_role("button")
    expect(buttons).to_have_count(7)
    expect(tool(scene, "Back to my drawing")).to_have_count(0)

    scene.page.evaluate(PAD_CHANGED, True)
    expect(buttons).to_have_count(2)
    expect(tool(scene, "Evidence on the pad")).to_be_visible()
    canvas(scene, "canvas_1")  # Another takes its place.
    scene.tick(100)
    for key in ("canvas_0", "canvas_1"):
        assert scene.locate(f".st-key-{key}").evaluate("one => one.inert")
    scene.page.evaluate("window.lrdemoLink = { tell: (message) => (window.told = message) }")
    tool(scene, "Back to my drawing").click()
    assert scene.page.evaluate("window.told") == {"picture": "drawing"}
    assert acts(scene) == []

    scene.page.evaluate(PAD_CHANGED, False)
    expect(buttons).to_have_count(7)
    assert not scene.locate(".st-key-canvas_0").evaluate("one => one.inert")


def test_no_tool_grows_when_it_is_pressed(scene: Scene) -> None:
    mount(scene)
    group = scene.page.get_by_role("group", name="Drawing tools")
    before = group.bounding_box(), tool(scene, "Clear").bounding_box()
    mount(scene, erase=True, width=48)

    assert (group.bounding_box(), tool(scene, "Clear").bounding_box()) == before


def test_what_is_erased_is_not_told(scene: Scene) -> None:
    drawing_with(scene, erase=True)
    scene.tick(1000)

    assert strokes(scene) == []


def test_a_page_that_is_left_looks_for_canvases_no_more(scene: Scene) -> None:
    mount(scene)
    scene.unmount("tools")
    canvas(scene)
    scene.tick(5000)

    assert scene.locate("style[data-fit]").count() == 0


def test_brushes_wait_for_the_first_canvas(scene: Scene) -> None:
    def inert() -> list[str]:
        words = "all => all.filter((one) => one.inert).map((one) => one.ariaLabel ?? one.innerText)"
        return list(scene.locate(".tools > *").evaluate_all(words))

    mount(scene)
    assert inert() == ["Eraser", "Brush width"]
    host = canvas(scene, whole=False)
    scene.tick(50)
    assert inert() == ["Eraser", "Brush width"]
    host.evaluate(CONTENT)
    scene.tick(50)
    assert inert() == []

    host.evaluate("host => host.parentElement.remove()")
    scene.tick(50)
    assert inert() == []


def test_tools_whose_script_came_late_are_there(scene: Scene) -> None:
    mount(scene)
    mount(scene, empty=False)
    scene.page.evaluate("window.stage.stopTheFormer('tools')")
    canvas(scene)
    scene.tick(50)
    tool(scene, "Clear").click()

    assert acts(scene) == ["clear"]
