"""A model that gets edges in eight directions: they are drawn as strokes, each where it lies, and named so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from known import asked, asked_for_edges, edge_parameters, hidden_parameters, lane, parameters, run
from playwright.sync_api import expect
from stage import Scene, styles

from lrdemo import pictures
from lrdemo.serving.board import Snapshot
from lrdemo.serving.why import Question
from lrdemo.stroke_pictures import STROKE, strokes

RED, BLUE, WHITE = (178, 24, 43), (33, 102, 172), (247, 247, 247)
GIVEN = "as the edges that the model gets, in 8 directions on 10×10 places"
ALL = "all, in any direction"
TOWARDS = [
    "to the right", "to the lower right", "downwards", "to the lower left", "to the left", "to the upper left",
    "upwards", "to the upper right",
]  # fmt: skip


def weights() -> np.ndarray:
    """Return ten different templates [10, 8, 10, 10]; a weight travels as one byte."""
    return np.random.default_rng(1).integers(-127, 128, (10, 8, 10, 10)).astype(np.float32) / 127


def model(weight: np.ndarray, bias: list[float] | None = None, **more: Any) -> Snapshot:
    return run(lane(numbers=edge_parameters(weight, bias)), **({"iteration": 10} | more))


def middle_and_run(picture: np.ndarray, paper: tuple[int, ...]) -> tuple[np.ndarray, float]:
    """Return where the colour of a picture lies, in tenths of its side, and the angle at which it runs, in degrees."""
    colour = np.abs(picture.astype(float) - paper).sum(axis=-1)
    y, x = np.nonzero(colour)
    middle = np.average([x + 0.5, y + 0.5], axis=1, weights=colour[y, x]) * 10 / len(picture)
    _, axes = np.linalg.eigh(np.cov([x, y], aweights=colour[y, x]))
    return middle, np.degrees(np.arctan2(axes[1, 1], axes[0, 1])) % 180


def agree(seen: np.ndarray, expected: np.ndarray) -> None:
    """Check that two pictures are alike: where two lines are equally strong, either may be seen."""
    apart = np.abs(seen.astype(int) - expected).max(axis=-1)
    assert (apart <= 8).mean() > 0.995


def test_each_weight_is_a_line_along_its_edge_in_its_place_red_above_zero_and_blue_below(scene: Scene) -> None:
    weight = np.zeros((10, 8, 10, 10), np.float32)
    for direction in range(8):
        weight[direction, direction, 2 + direction // 2, 7 - direction // 2] = 1 if direction % 2 else -1
    scene.mount("inside")
    scene.show(model(weight))

    for direction, canvas in enumerate(scene.locate(".tile canvas").all()[:8]):
        seen = scene.painted(canvas)
        middle, angle = middle_and_run(seen, WHITE)
        turn = direction * np.pi / 4
        place = np.array([7.5, 2.5]) + (direction // 2) * np.array([-1, 1])
        # To the paper's side: against the direction in which ink grows.
        assert middle == pytest.approx(place - 0.25 * np.array([np.cos(turn), np.sin(turn)]), abs=0.08)
        assert angle == pytest.approx((45 * direction + 90) % 180, abs=1)
        x, y = (middle * len(seen) / 10).astype(int)
        assert tuple(seen[y, x]) == (RED if direction % 2 else BLUE)
        assert tuple(seen[0, 0]) == tuple(seen[-1, -1]) == WHITE


def test_the_live_view_draws_strokes_as_the_downloads_do(scene: Scene) -> None:
    weight = weights()
    scene.mount("lab")
    edges = np.random.default_rng(2).integers(0, 256, (8, 10, 10)).astype(np.float32) / 100
    scene.show(model(weight), asked_for_edges(edges))

    for digit, canvas in enumerate(scene.locate(".tile canvas").all()):
        seen = scene.painted(canvas)
        limit = pictures.limit_of(weight)
        expected = pictures.signed(strokes(np.clip(weight[digit], -limit, limit), limit, len(seen)), limit, 1)
        agree(seen, expected)
    seen = scene.painted(scene.locate(".asked canvas"))
    expected = pictures.ink(strokes(edges, STROKE["black"], len(seen)) / STROKE["black"], 1)
    agree(seen, expected[..., None])


def test_strokes_are_as_sharp_as_the_screen_and_drawn_again_at_another_size(scene: Scene) -> None:
    scene.mount("inside")
    scene.show(model(weights()))
    tile = scene.locate(".tile canvas").first
    size = "one => [one.width, one.height, one.clientWidth]"
    assert styles(tile, "imageRendering") == [["auto"]]
    width, height, wide = tile.evaluate(size)
    assert width == height == wide > 100

    scene.page.evaluate("Object.defineProperty(window, 'devicePixelRatio', { value: 2, configurable: true })")
    scene.show(model(weights()))
    assert tile.evaluate(size) == [2 * wide, 2 * wide, wide]
    scene.page.evaluate("delete window.devicePixelRatio")

    scene.show(run(lane(numbers=parameters()), iteration=10))
    assert tile.evaluate("one => one.width") == 28 and styles(tile, "imageRendering") == [["pixelated"]]


def test_one_direction_is_shown_alone_as_squares(scene: Scene) -> None:
    weight = weights()
    scene.mount("inside")
    scene.show(model(weight, iteration=1234))
    choice = scene.page.get_by_role("group", name="Edges where ink grows")
    assert [one.get_attribute("aria-label") for one in choice.get_by_role("radio").all()] == [ALL, *TOWARDS]
    expect(choice.get_by_role("radio", name=ALL)).to_be_checked()
    label = scene.locate(".grid").get_attribute("aria-label")
    assert label == (
        "10 pictures of weights after 1,234 iterations. A red line raises the score where the image has an edge in its "
        f"direction, a blue line lowers it; full colour is reached at {pictures.limit_of(weight):.2g}."
    )

    choice.get_by_role("radio", name=ALL).focus()
    for direction, towards in enumerate(TOWARDS):
        scene.page.keyboard.press("ArrowRight")
        expect(choice.get_by_role("radio", name=towards, exact=True)).to_be_checked()
        canvas = scene.locate(".tile canvas").nth(6)
        assert styles(canvas, "imageRendering") == [["pixelated"]]
        expected = pictures.signed(weight[6, direction], pictures.limit_of(weight), zoom=1)
        np.testing.assert_allclose(scene.painted(canvas).astype(int), expected, atol=2)
        label = scene.locate(".grid").get_attribute("aria-label")
        assert label is not None
        assert label.startswith(f"10 pictures of weights of edges where ink grows {towards} after 1,234 iterations. ")

    scene.show(model(-weight))
    np.testing.assert_allclose(
        scene.painted(canvas).astype(int), pictures.signed(-weight[6, 7], pictures.limit_of(weight), zoom=1), atol=2
    )
    scene.page.keyboard.press("ArrowRight")
    expect(choice.get_by_role("radio", name=ALL)).to_be_checked()
    assert scene.painted(canvas).shape[0] > 100


def test_directions_are_a_choice_only_where_templates_are_large_and_of_edges(scene: Scene) -> None:
    scene.mount("inside")
    scene.show(run(lane(numbers=parameters()), iteration=1))
    assert not scene.locate(".directions").is_visible()
    scene.show(model(weights()))
    assert scene.locate(".directions").is_visible()
    scene.unmount()

    scene.mount("lab")
    scene.show(model(weights()))
    assert scene.locate(".directions").count() == 0


def test_the_templates_are_said_to_be_of_edges(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(run(lane(numbers=parameters()), iteration=1), asked())
    scene.show(model(weights()), asked_for_edges(np.zeros((8, 10, 10), np.float32)))
    assert scene.text(".templates figcaption") == "Templates: each digit’s weights for edges in 8 directions"
    low, high = scene.texts(".templates .scale span:not(.ramp)")
    assert low.endswith(": edges lower the score") and high.endswith(": edges raise it")
    label = scene.locate(".asked canvas").get_attribute("aria-label")
    assert label == f"Test image 3, {GIVEN}"

    numbers = hidden_parameters(np.zeros((256, 800), np.float32), inputs=800)
    scene.show(run(lane(numbers=numbers), iteration=1), asked_for_edges(np.zeros((8, 10, 10), np.float32)))
    said = "The first 10 of 256 hidden units: their weights for edges in 8 directions"
    assert scene.text(".templates figcaption") == said


def test_beside_the_edges_stands_the_picture_that_they_are_of(scene: Scene) -> None:
    image = np.random.default_rng(3).random((28, 28)).astype(np.float32)
    shown = asked_for_edges(np.ones((8, 10, 10), np.float32), image)
    scene.mount("answer")
    scene.show(model(weights()), shown)

    before, edges = scene.locate(".asked canvas").all()
    ink = pictures.ink(image, zoom=1)[..., None].repeat(3, axis=-1)
    np.testing.assert_allclose(scene.painted(before).astype(int), ink, atol=1)
    assert before.get_attribute("aria-label") == "Test image 3, as 28×28 pixels"
    assert edges.get_attribute("aria-label") == f"Test image 3, {GIVEN}"
    assert scene.texts(".asked :is(p, figcaption)") == ["28×28 pixels", "what the model gets"]
    left, right = before.bounding_box(), edges.bounding_box()
    assert left and right and left["width"] == right["width"] and left["x"] + left["width"] < right["x"]

    scene.show(run(lane(numbers=parameters()), iteration=10), asked())
    assert scene.locate(".asked canvas").count() == 1, "pixels are the picture"


@pytest.fixture
def explained() -> tuple[Snapshot, Any]:
    """A model that answers 7, and a picture with three edges: 2·1 − 1·1.5 + 1·0.5 for 7, 1·0.5 for 3."""
    weight, edges = np.zeros((10, 8, 10, 10), np.float32), np.zeros((8, 10, 10), np.float32)
    edges[0, 2, 5], edges[2, 5, 5], edges[4, 8, 2] = 2, 1, 1
    weight[7, 0, 2, 5], weight[7, 2, 5, 5], weight[7, 4, 8, 2], weight[3, 4, 8, 2] = 1, -1.5, 0.5, 0.5
    back = np.array([[1 / 28, 0, 0], [0, 1 / 28, 0], [0, 0, 1]])
    return model(weight), asked_for_edges(edges, back=back)


def ask(scene: Scene, explained: tuple[Snapshot, Any], kind: str) -> None:
    scene.mount("answer")
    scene.show(*explained)
    scene.page.get_by_role("button", name=kind).click()
    scene.stage.wait(lambda: scene.connection.question is not None, "it is asked")
    scene.show(*explained)


def test_an_answer_is_explained_by_edges(scene: Scene, explained: tuple[Snapshot, Any]) -> None:
    ask(scene, explained, "Why this answer?")

    assert scene.texts(".sums th")[:2] == ["edges in favour", "edges against"]
    assert scene.texts(".sums td") == ["+2.5000", "−1.5000", "+1.0000", "0.0000", "+1.0000"]
    assert scene.text(".why .key") == "Edge × weight, ±2. Red: an edge here speaks for 7. Blue: against it."
    seen = scene.painted(scene.locate(".parts canvas"))
    parts = np.zeros((8, 10, 10))
    parts[0, 2, 5], parts[2, 5, 5], parts[4, 8, 2] = 2, -1.5, 0.5
    agree(seen, pictures.signed(strokes(parts, 2, len(seen)), 2, 1))

    scene.page.get_by_role("button", name="Why not another?").click()
    scene.stage.wait(lambda: scene.connection.question == Question("duel"), "it is asked")
    scene.show(*explained)
    assert scene.texts(".sums th")[:2] == ["edges for 7", "edges for 3"]


def test_the_smallest_change_is_one_of_edges_that_no_drawing_need_have(
    scene: Scene, explained: tuple[Snapshot, Any]
) -> None:
    ask(scene, explained, "What would change it?")
    scene.page.get_by_role("slider", name="How far to change the picture").press("End")
    scene.stage.wait(lambda: scene.connection.question == Question("change", push=1.0), "it is asked")
    scene.show(*explained)

    assert scene.text(".why .key").endswith("Red: edges added. Blue: taken away.")
    text = scene.text(".why .text")
    # The logits are 1 and 0.5; d is (1, −1.5), |d|² = 3.25.
    assert "size 0.277, 11 % of the picture’s own; no edge changes by more than 0.23. " in text
    assert text.endswith(" No drawing need have exactly these edges.")
    assert scene.text(".asked figcaption") == "the changed edges"
    before, edges = scene.locate(".asked canvas").all()
    assert not before.is_visible(), "that picture has not been changed"
    assert edges.get_attribute("aria-label") == f"The changed picture, {GIVEN}"
    scene.locate(".why summary").click()
    details = scene.texts(".more p")
    assert details[0] == "Size: the root of the sum of squares over all edges."
    assert "Limited to edges from 0 to 2.55 it" in details[2]


def test_edges_cannot_be_told_apart_in_a_hidden_layer(scene: Scene, explained: tuple[Snapshot, Any]) -> None:
    numbers = hidden_parameters(np.zeros((256, 800), np.float32), inputs=800)
    ask(scene, (run(lane(numbers=numbers), iteration=10), explained[1]), "Why this answer?")

    hint = scene.text(".why .hint")
    assert "explained edge by edge" in hint and "no map of single edges adds up" in hint


def test_the_evidence_of_edges_lies_on_the_pad_where_they_are(scene: Scene, explained: tuple[Snapshot, Any]) -> None:
    scene.page.evaluate(
        "document.head.append(Object.assign(document.createElement('style'), { textContent:"
        " '#pad { position: relative; width: 420px; height: 420px; background: #fff }' }))"
    )
    snapshot, shown = explained
    # Half as large, in the lower right quarter.
    back = np.array([[0.5 / 28, 0, 0.5], [0, 0.5 / 28, 0.5], [0, 0, 1]])
    explained = (snapshot, replace(shown, back=back))
    scene.mount("answer")
    scene.mount("pad", key="pad")
    scene.page.evaluate("window.dispatchEvent(new Event('lrdemo-lay-evidence'))")
    scene.stage.wait(lambda: scene.connection.question is not None and scene.connection.question.on_pad, "it is asked")
    scene.show(*explained)

    seen = scene.seen(scene.locate("#pad")).astype(int)

    def at(x: float, y: float) -> list[int]:
        """Return the colour at a place of the model's 10×10 cells."""
        return [int(value) for value in seen[round(420 * (0.5 + y / 20)), round(420 * (0.5 + x / 20))]]

    for down in (-0.4, 0, 0.4):
        np.testing.assert_allclose(at(5.25, 2.5 + down), RED, atol=6)
    red, _, blue = at(5.5, 5.25)
    assert blue > red + 20
    assert at(5.5, 8.5) == at(3, 3) == [255] * 3
    assert (seen[2:200, 2:-2] == 255).all()
    assert scene.text("#pad .evidence .key") == "Red: an edge here speaks for 7. Blue: against it."


def test_the_machine_speaks_of_edges(scene: Scene, explained: tuple[Snapshot, Any]) -> None:
    scene.mount("machine", chapter="scores", met=["x"], lit={"template": ["x", "W"]}, pictures=[])
    scene.show(run(lane(numbers=parameters()), iteration=10), asked())
    assert scene.text(".head.of-x") == "pixels x"
    scene.show(*explained)

    assert scene.text(".head.of-x") == "edges x"
    assert scene.texts(".factor p")[0] == "edges x"
    labels = [one.get_attribute("aria-label") for one in scene.locate("canvas").all()]
    assert labels[0] == f"Test image 3, {GIVEN}"
    assert labels[-1] == "Edge × weight for digit 7: red adds to the score, blue lowers it"


def test_a_race_of_models_that_get_edges_shows_their_strokes(scene: Scene) -> None:
    weight = weights()
    scene.mount("race", token="race")
    lanes = [lane([0.5] * 100, numbers=edge_parameters(sign * weight), rate=rate) for sign, rate in ((1, 0.1), (-1, 1))]
    scene.show(run(*lanes))

    for sign, row in zip((1, -1), scene.locate(".lanes .tiles").all(), strict=True):
        for digit in (0, 9):
            seen = scene.painted(row.locator("canvas").nth(digit))
            limit = pictures.limit_of(weight)
            drawn = strokes(np.clip(sign * weight[digit], -limit, limit), limit, len(seen))
            agree(seen, pictures.signed(drawn, limit, 1))


def test_what_breaks_it_shows_the_changed_image_and_its_edges(scene: Scene) -> None:
    edges, image = np.zeros((8, 10, 10), np.float32), np.full((28, 28), 200)
    edges[2, 4, 4] = 1.8
    controls = [dict(name="right", label="Shift right", low=-8, high=8, step=1, start=0, unit=" px", decimals=0)]
    scene.mount("breaking", controls=controls, presets=["as trained"], reasons={"": "Move a slider."})
    figures = {"accuracy": 0.5, "loss": 1.0, "confidence": 0.5}
    found = {
        "changed": figures, "plain": figures, "iteration": 10, "of": 10_000, "image": image.tolist(),
        "edges": (100 * edges).round().astype(int).ravel().tolist(), "lowest": 0, "highest": 1, "logits": [0.0] * 10,
        "probabilities": [0.1] * 10, "title": "Test image 3",
    }  # fmt: skip
    scene.show(model(weights()), broken=found)

    before, after = scene.locate(".asked canvas").all()
    assert (scene.painted(before) == 55).all()
    middle, angle = middle_and_run(scene.painted(after), (255, 255, 255))
    assert middle == pytest.approx([4.5, 4.25], abs=0.08) and angle == pytest.approx(180, abs=1) or angle < 1
