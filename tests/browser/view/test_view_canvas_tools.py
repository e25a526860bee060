"""The canvas's tools are pinned above it, whatever the canvas does."""

from __future__ import annotations

from stage import Scene, styles

CANVAS = """() => {
  const outer = document.createElement("div");
  outer.className = "st-key-canvas_0";
  outer.innerHTML = "<div></div>";
  const root = outer.firstChild.attachShadow({ mode: "open" });
  root.innerHTML = `<style>.dc-toolbar { opacity: 0; position: absolute; top: 4px; }</style>
    <div class="dc-root"><div class="dc-toolbar">Undo</div></div>`;
  document.body.append(outer);
}"""


def test_tools_are_seen_without_hovering_and_lie_above_the_canvas(scene: Scene) -> None:
    scene.page.evaluate(CANVAS)
    assert styles(scene.locate(".dc-toolbar"), "opacity", "top") == [["0", "4px"]]

    scene.component("tools", "tools", {})

    # 2.7 and −2.65 times the text's 16 pixels.
    assert styles(scene.locate(".dc-toolbar"), "opacity", "top") == [["1", "-42.4px"]]
    assert styles(scene.locate(".dc-root"), "marginTop") == [["43.2px"]]


def test_a_canvas_that_comes_later_is_pinned_too_and_none_twice(scene: Scene) -> None:
    scene.component("tools", "tools", {})
    scene.tick(500)
    scene.page.evaluate(CANVAS)
    scene.tick(200)
    assert styles(scene.locate(".dc-toolbar"), "opacity") == [["1"]]

    scene.tick(5000)
    assert scene.locate("style[data-pin]").count() == 1


def test_a_page_that_is_left_looks_for_canvases_no_more(scene: Scene) -> None:
    scene.component("tools", "tools", {})
    scene.unmount("tools")
    scene.page.evaluate(CANVAS)
    scene.tick(5000)

    assert scene.locate("style[data-pin]").count() == 0
