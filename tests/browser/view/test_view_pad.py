"""What lies on the pad: a test image, and each pixel of what is asked where it came from, in its sign's colour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known import answering, asked, lane, parameters, run
from stage import Scene, styles

from lrdemo import pictures
from lrdemo.serving.board import Snapshot
from lrdemo.serving.frames import Shown

FRAME = """() => {
  const style = document.createElement("style");
  style.textContent = "#pad { position: relative; width: 420px; height: 420px; background: #000 }";
  document.head.append(style);
}"""
BACK = np.array([[0.02, 0.005, 0.1], [0, 0.025, 0.2], [0, 0, 1]])


@pytest.fixture
def picture() -> Shown:
    image = np.zeros((28, 28), np.float32)
    image[4, 10], image[20, 3], image[9, 20] = 1, 0.5, 1
    return asked(image, back=BACK)


@pytest.fixture
def model() -> Snapshot:
    """A model that answers 7: the pixel at (4, 10) speaks for it with 1, that at (20, 3) against it with 0.5."""
    weight = np.zeros((10, 28, 28), np.float32)
    weight[7, 4, 10], weight[7, 20, 3] = 1, -1
    return run(lane(numbers=parameters(weight)), iteration=10)


def laid(scene: Scene, model: Snapshot, picture: Shown | None) -> None:
    """Mount answer and pad on black ink, ask for the evidence on the pad, and show it."""
    scene.page.evaluate(FRAME)
    scene.mount("answer")
    scene.mount("pad", key="pad")
    scene.page.evaluate("window.dispatchEvent(new Event('lrdemo-lay-evidence'))")
    scene.stage.wait(lambda: scene.connection.question is not None and scene.connection.question.on_pad, "it is asked")
    scene.show(model, picture)


def at(scene: Scene, row: float, column: float) -> list[int]:
    """Return the colour on the pad where the model has this place of its 28×28 pixels."""
    x, y, _ = BACK @ [column, row, 1]
    return [int(value) for value in scene.seen(scene.locate("#pad"))[int(420 * y), int(420 * x)]]


def test_each_pixel_lies_where_it_came_from_in_the_colour_of_its_sign(
    scene: Scene, model: Snapshot, picture: Shown
) -> None:
    laid(scene, model, picture)

    ink = at(scene, 14, 14)
    assert max(ink) - min(ink) == 0 and 100 < ink[0] < 180, "the ink is seen, but pale"
    whole, half = (pictures.signed(np.array([[value]]), 1, zoom=1)[0, 0] for value in (1.0, -0.5))
    for down, right in ((0.1, 0.1), (0.1, 0.9), (0.9, 0.1), (0.9, 0.9), (0.5, 0.5)):
        np.testing.assert_allclose(at(scene, 4 + down, 10 + right), whole, atol=4)
        red, _, blue = at(scene, 20 + down, 3 + right)
        assert blue > red + 40
        assert at(scene, 9 + down, 20 + right) == ink, "it says nothing"
    red, _, blue = (int(value) for value in half)
    assert blue > red
    for row, column in ((3.8, 10.5), (5.2, 10.5), (4.5, 9.7), (4.5, 11.3), (19.7, 3.5), (20.5, 4.4)):
        assert at(scene, row, column) == ink
    assert scene.text("#pad .evidence .key") == "Red: ink here speaks for 7. Blue: against it."


def test_what_is_laid_is_not_in_the_way_of_the_pen(scene: Scene, model: Snapshot, picture: Shown) -> None:
    laid(scene, model, picture)

    assert styles(scene.locate("#pad .evidence :is(canvas, .key)"), "pointerEvents") == [["none"]] * 2


def test_the_former_evidence_is_gone_when_the_picture_moves(scene: Scene, model: Snapshot, picture: Shown) -> None:
    laid(scene, model, picture)
    ink = at(scene, 14, 14)
    away = BACK.copy()
    away[0, 2] += 0.3
    scene.show(model, replace(picture, back=away))

    assert at(scene, 4.5, 10.5) == ink
    assert at(scene, 4.5, 10.5 + 0.3 / 0.02) != ink


def test_nothing_lies_on_an_empty_pad_or_when_it_was_not_asked_for(
    scene: Scene, model: Snapshot, picture: Shown
) -> None:
    laid(scene, model, picture)
    scene.show(answering(*[0.1] * 10), None)
    assert at(scene, 4.5, 10.5) == [0, 0, 0]

    scene.show(model, picture)
    assert at(scene, 4.5, 10.5) != [0, 0, 0]
    scene.page.evaluate("window.dispatchEvent(new Event('lrdemo-lay-evidence'))")
    scene.stage.wait(lambda: not scene.connection.question.on_pad, "it is asked no more")  # type: ignore[union-attr]
    scene.show(model, picture)
    assert at(scene, 4.5, 10.5) == [0, 0, 0]


def test_a_test_image_lies_over_the_drawing_as_it_is_and_says_what_it_is(
    scene: Scene, model: Snapshot, picture: Shown
) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (28, 28), np.uint8)
    scene.page.evaluate("window.heard = 0; window.addEventListener('lrdemo-pad-changed', () => (window.heard += 1))")
    laid(scene, model, replace(picture, title="Test image 5, a 1", index=5, pixels=pixels))
    seen = scene.page.get_by_role("img", name="Test image 5, a 1", exact=True)
    np.testing.assert_array_equal(scene.painted(seen)[..., 0], 255 - pixels)
    box = seen.bounding_box()
    assert box is not None and (box["width"], box["height"]) == (420, 420)
    assert scene.text("#pad .test-image .key") == "Test image 5, a 1"
    assert styles(scene.locate("#pad .test-image"), "pointerEvents") == [["auto"]], "nobody draws below it"
    assert scene.page.evaluate("window.lrdemoTestImageOnPad") is True
    assert scene.locate("#pad .evidence canvas").is_visible()
    scene.page.evaluate("window.lrdemoLink = { tell: (message) => (window.told = message) }")
    seen.click()
    assert scene.page.evaluate("window.told") == {"picture": "drawing"}

    scene.show(model, picture)
    assert scene.locate("#pad .test-image").is_hidden() and scene.page.evaluate("window.lrdemoTestImageOnPad") is False
    scene.show(model, replace(picture, index=5, pixels=pixels))
    scene.show(model, None)
    assert scene.locate("#pad .test-image").is_hidden()
    assert scene.page.evaluate("window.heard") == 4
