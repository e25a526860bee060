"""What was published beside the run's own: marks in both charts, a folded table, and nothing of it for other runs."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from known import lane, run
from stage import Drawn, Scene
from test_view_curves import ACCURACY, LOSS, Axes, is_near

from lrdemo.recipes import RECIPES, Recipe, places
from lrdemo.serving.board import Snapshot

BY_NAME = {recipe.name: recipe for recipe in RECIPES}
TEXT = "#31333f"
TEXT_ENDS = """element => {
  const text = document.createRange();
  text.selectNodeContents(element);
  return text.getBoundingClientRect().right;
}"""


def told(recipe: Recipe, tests: dict[int, float], loss: float = 1.5) -> dict[str, Any]:
    """Return what the server says of a run whose loss is always the same."""
    found = places(recipe, [loss] * recipe.settings.iterations, tests)
    return {"shows": recipe.shows, "places": [asdict(one) for one in found]}


def at(iteration: int, iterations: int = 3_000) -> Snapshot:
    known = lane([1.5] * iteration, [0.5] * iteration, tests=[(0, 2.303, 0.1), (iteration, 1.5, 0.5)])
    return run(known, iterations=iterations, state="paused")


def cross(drawn: Drawn, x: float, y: float) -> bool:
    """Return whether the chart has a cross in the colour of the text at a place: ink on it and on both diagonals."""
    corners = [drawn.pixel(x + across, y + down, 1) for across in (-3, 3) for down in (-3, 3)]
    return all(is_near(pixels, TEXT) for pixels in [drawn.pixel(x, y, 1), *corners])


def rows(scene: Scene) -> list[list[str]]:
    return [[" ".join(cell.split()) for cell in row.locator("th, td").all_inner_texts()]
            for row in scene.locate(".held tr").all()]  # fmt: skip


def test_the_table_of_b_grows_as_the_run_passes_its_places(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(at(499), recipe=told(BY_NAME["B"], {}))
    assert scene.text(".recipe summary") == "Recipe: compared at 500"
    scene.locate(".recipe summary").click()
    assert rows(scene)[0] == [
        "iteration", "loss, published", "loss, here", "accuracy in %, published", "accuracy in %, here", "usual range"
    ]
    assert rows(scene)[1] == ["500", "1.85, 1.88, 1.86", "not yet", "70, 64.44, 68.99", "not yet", "64 to 71: not yet"]
    before = scene.locate(".recipe .panel").bounding_box()

    scene.show(at(1_010), recipe=told(BY_NAME["B"], {500: 0.6701, 1_000: 0.7398}))

    assert scene.text(".recipe summary") == "Recipe: outside range at 1,000"
    assert [row[0] for row in rows(scene)[1:]] == ["500", "1,000", "1,500", "2,000", "2,500", "3,000"]
    assert rows(scene)[1] == ["500", "1.85, 1.88, 1.86", "1.50", "70, 64.44, 68.99", "67.01", "64 to 71: inside"]
    assert rows(scene)[2][2:] == ["1.50", "77, 75.68, 75.86", "73.98", "74 to 79: outside"]
    assert rows(scene)[3][2:] == ["not yet", "79, 78.98, 78.92", "not yet", "78 to 81: not yet"]
    assert scene.locate(".recipe .panel").bounding_box() == before


def test_what_was_published_is_marked_in_both_charts_and_named_in_their_legends(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(at(600), recipe=told(BY_NAME["B"], {500: 0.67}))

    loss, accuracy = scene.drawn(LOSS), scene.drawn(ACCURACY)
    for iteration, along in BY_NAME["B"].along.items():
        for value in along.loss:
            assert cross(loss, Axes(loss).x(iteration), Axes(loss).y(value))
        for value in along.accuracy:
            assert cross(accuracy, Axes(accuracy).x(iteration), Axes(accuracy).y(value))
    assert not cross(accuracy, Axes(accuracy).x(750), Axes(accuracy).y(90))
    assert [text[-9:] for text in scene.texts(".legend")] == ["published", "published"]
    for canvas in (LOSS, ACCURACY):
        assert "Published figures are marked" in (scene.locate(canvas).get_attribute("aria-label") or "")


@pytest.mark.parametrize(
    ("name", "figures", "summary", "row"),
    [
        ("A step by step", 2, "Recipe: in range at 600", ["600", "90.19, 90.20", "90.48", "90 to 90.6: inside"]),
        ("C MLP", 1, "Recipe: outside range at 9,370", ["9,370", "about 97", "90.48", "97.8 to 98.4: outside"]),
        ("all zeros", 0, "Recipe: in range at 600", ["600", "90.48", "90 to 90.6: inside"]),
    ],
)
def test_of_another_recipe_the_end_is_compared(
    scene: Scene, name: str, figures: int, summary: str, row: list[str]
) -> None:
    scene.mount("lab")
    recipe = BY_NAME[name]
    last = recipe.settings.iterations
    scene.show(at(last, last), recipe=told(recipe, {last: 0.9048}))

    assert scene.text(".recipe summary") == summary
    scene.locate(".recipe summary").click()
    assert rows(scene)[1:] == [row]
    assert scene.text(".recipe .panel p:first-child") == recipe.shows
    assert ["published" in text for text in scene.texts(".legend")] == [False, figures > 0]
    if figures:
        drawn = scene.drawn(ACCURACY)
        assert cross(drawn, Axes(drawn).x(last), Axes(drawn).y(places(recipe, [], {})[0].figures[0]))


def test_a_recipe_without_figures_says_what_it_shows_and_has_no_table(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(at(10, 600), recipe=told(BY_NAME["too high"], {}))

    assert scene.text(".recipe summary") == "What this recipe shows"
    scene.locate(".recipe summary").click()
    assert scene.texts(".recipe .panel > *") == [BY_NAME["too high"].shows]


def test_a_run_that_is_no_recipe_any_more_has_nothing_published_beside_it(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(at(600), recipe=told(BY_NAME["B"], {500: 0.67}))
    scene.locate(".recipe summary").click()

    scene.show(at(601), recipe=None)

    assert not scene.locate(".recipe").is_visible()
    assert not [text for text in scene.texts(".legend") if "published" in text]
    drawn = scene.drawn(ACCURACY)
    assert not cross(drawn, Axes(drawn).x(1_000), Axes(drawn).y(77))
    assert "Published" not in (scene.locate(ACCURACY).get_attribute("aria-label") or "")


def test_the_table_takes_no_room_where_the_screen_is_wide_and_is_left_by_escape(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(at(600), recipe=None)
    boxes = ".chart figcaption, .chart canvas, .chart, .lab"
    before = [one.bounding_box() for one in scene.locate(boxes).all()]

    scene.show(at(600), recipe=told(BY_NAME["B"], {500: 0.67}))
    summary = scene.locate(".recipe summary")
    summary.press("Enter")
    panel = scene.locate(".recipe .panel").bounding_box()

    assert [one.bounding_box() for one in scene.locate(boxes).all()] == before
    title = scene.locate(".chart:nth-child(2) figcaption").evaluate(TEXT_ENDS)
    place = summary.bounding_box()
    assert panel and place and title < place["x"]
    assert panel["y"] + panel["height"] <= place["y"]
    scene.page.keyboard.press("Escape")
    assert not scene.locate(".recipe .panel").is_visible()
    assert summary.evaluate("summary => summary.getRootNode().activeElement === summary")


def test_what_is_read_in_the_table_stays_while_nothing_in_it_changes(scene: Scene) -> None:
    scene.mount("lab")
    recipe = told(replace(BY_NAME["B"]), {500: 0.67})
    scene.show(at(600), recipe=recipe)
    scene.locate(".held").evaluate("table => (table.seen = true)")
    scene.show(at(610), recipe=recipe)

    assert scene.locate(".held").evaluate("table => table.seen === true")
