"""The picture in question as the model gets it."""

from __future__ import annotations

import numpy as np
import pytest

from lrdemo.answers.confidence import FROM_PIXELS, FROM_STROKES
from lrdemo.arrays import Bytes
from lrdemo.data import Digits
from lrdemo.digit import digit_from_rgba, draw_strokes
from lrdemo.drawings.doubts import FAR
from lrdemo.drawings.spaces import FAR_FROM_PIXELS, FAR_FROM_STROKES, DigitSpaces
from lrdemo.features import FEATURES, Features, Prepared, inputs, prepare
from lrdemo.settings import Settings
from lrdemo.ui.server import picture as module
from lrdemo.ui.server.pen import PenStroke
from lrdemo.ui.server.picture import Picture, drawn_upon, picture_of, shown, while_drawn

SEVEN = np.array([[100.0, 90.0], [175.0, 90.0], [160.0, 130.0], [130.0, 195.0]])


def canvas() -> Bytes:
    ink = draw_strokes([SEVEN], 22)
    return np.dstack([ink, ink, ink, np.full_like(ink, 255)])


@pytest.mark.parametrize("features", FEATURES)
def test_a_drawing_is_read_from_its_strokes_where_they_are_known(features: Features) -> None:
    settings = Settings(features=features)
    by_strokes = shown(Picture("Your drawing", canvas(), strokes=(SEVEN,)), settings)
    by_pixels = shown(Picture("Your drawing", canvas()), settings)
    assert by_strokes is not None and by_pixels is not None
    expected = [digit_from_rgba(canvas(), features, strokes=strokes) for strokes in ((SEVEN,), None)]
    assert expected[0] is not None and expected[1] is not None
    assert np.array_equal(by_strokes.image, expected[0]) and np.array_equal(by_pixels.image, expected[1])
    assert not np.array_equal(expected[0], expected[1])


@pytest.mark.parametrize("features", FEATURES)
def test_a_test_image_is_prepared_as_those_of_the_training_were(digits: Digits, features: Features) -> None:
    found = shown(picture_of(3), Settings(features=features), threshold=0.7)
    assert found is not None
    expected = digits.test_images[3] / 255 if features == "pixels" else prepare(digits.test_images[3] / 255, features)
    np.testing.assert_allclose(found.image, expected, atol=1e-6)
    assert (found.title, found.factor, found.nearest, found.warning) == ("Test image 3, a 0", None, None, None)
    assert found.threshold == 0.7
    assert found.index == 3 and np.array_equal(found.pixels, digits.test_images[3])


UNIT: dict[str, list[list[tuple[float, float]]]] = {
    "seven": [[(0.1, 0), (0.9, 0), (0.35, 1)]],
    "four": [[(0.4, 0), (0, 0.62), (0.95, 0.62)], [(0.68, 0.3), (0.66, 1)]],
    "zero": [[(0.5, 0), (0.1, 0.25), (0.05, 0.6), (0.4, 1), (0.8, 0.8), (0.95, 0.4), (0.7, 0.05), (0.5, 0)]],
    "slanting one": [[(0.5, 0.25), (0.95, 0), (0.1, 1)]],
}
CENTRES = (np.arange(420) + 0.5) / 420
ACROSS, DOWN = np.meshgrid(CENTRES, CENTRES)


def middle(ink: np.ndarray) -> np.ndarray:
    """Return the centre of mass on a pad of side 1."""
    return np.array([(ink * ACROSS).sum(), (ink * DOWN).sum()]) / ink.sum()


def laid(found: Prepared) -> np.ndarray:
    """Return the model's pixels where they lie on the pad, [420, 420]."""
    places = np.linalg.inv(found.back) @ np.stack([ACROSS.ravel(), DOWN.ravel(), np.ones(420 * 420)])
    columns, rows = np.floor(places[:2]).astype(int)
    inside = (columns >= 0) & (columns < 28) & (rows >= 0) & (rows < 28)
    values = np.zeros(420 * 420)
    values[inside] = found.image[rows[inside], columns[inside]]
    return values.reshape(420, 420)


@pytest.mark.parametrize("known", [True, False], ids=["from strokes", "from pixels"])
@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("name", UNIT)
def test_on_the_pad_the_model_s_pixels_lie_on_the_ink_that_they_hold(
    name: str, features: Features, known: bool
) -> None:
    """The middle within a fifth of such a pixel, every place of the path on their ink, and all of it near the path."""
    for left, top, wide, high, brush, exact in ((90, 60, 240, 300, 30, True), (260, 250, 70, 90, 18, False)):
        paths = [np.array(path) * [wide, high] + [left, top] for path in UNIT[name]]
        ink = np.max([draw_strokes([path], brush, 420) for path in paths], axis=0)
        rgba = np.dstack([255 - ink] * 3 + [np.full_like(ink, 255)])
        found = Picture("Your drawing", rgba, tuple(paths) if known else None).on_pad(features)
        assert found is not None
        to_image = np.linalg.inv(found.back)
        on_pad = laid(found)

        ends = [pair for path in paths for pair in zip(path[:-1], path[1:], strict=True)]
        points = np.concatenate([start + np.linspace(0, 1, 40)[:, None] * (end - start) for start, end in ends]) / 420
        path = (to_image @ np.column_stack([points, np.ones(len(points))]).T)[:2].T
        assert found.image[path[:, 1].astype(int), path[:, 0].astype(int)].min() > 0.65
        moved = to_image[:2, :2] @ (middle(on_pad) - middle(ink))
        assert np.hypot(*moved) < (0.2 if exact else 0.7)
        if exact:
            assert np.corrcoef(on_pad.ravel(), ink.ravel())[0, 1] > 0.85
            rows, columns = np.nonzero(found.image > 0.5)
            x, y, _ = found.back @ np.stack([columns + 0.5, rows + 0.5, np.ones(len(rows))])
            # Half the brush and the way from a pixel's middle to its corner.
            assert np.hypot(x[:, None] - points[:, 0], y[:, None] - points[:, 1]).min(axis=1).max() < (15 + 11) / 420


@pytest.mark.parametrize("features", FEATURES)
def test_on_the_pad_a_test_image_lies_on_itself(digits: Digits, features: Features) -> None:
    for index in (0, 3, 8, 61):
        found = picture_of(index).on_pad(features)
        assert found is not None
        seen = digits.test_images[index].repeat(15, axis=0).repeat(15, axis=1)
        if features == "pixels":
            np.testing.assert_allclose(laid(found), seen / 255, atol=1e-6)
        moved = np.linalg.inv(found.back)[:2, :2] @ (middle(laid(found)) - middle(seen))
        assert np.hypot(*moved) < 0.05
        assert np.corrcoef(laid(found).ravel(), seen.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("features", FEATURES)
def test_while_it_is_drawn_it_lies_where_it_will_lie(features: Features) -> None:
    first, second = (1.5 * np.array([*SEVEN[:2]]), 1.5 * SEVEN[1:])
    pen, settings = [PenStroke(1, 30, second)], Settings(features=features)
    ink = np.max([draw_strokes([path], 30, 420) for path in (first, second)], axis=0)
    rgba = np.dstack([255 - ink] * 3 + [np.full_like(ink, 255)])
    begun = 255 - draw_strokes([first], 30, 420)
    for known in (True, False):
        drawn = Picture("Your drawing", np.dstack([begun] * 3 + [np.full_like(ink, 255)]), (first,) if known else None)
        now = while_drawn(drawn, pen, settings)
        then = shown(drawn_upon(drawn, pen), settings)
        whole = Picture("Your drawing", rgba, (first, second) if known else None).on_pad(features)
        assert now is not None and then is not None and whole is not None
        for found in (now, then):
            assert found.back is not None
            np.testing.assert_allclose(found.back, whole.back, atol=1e-9)
            np.testing.assert_array_equal(found.image, whole.image)


def test_answers_to_drawings_are_tempered_as_the_features_the_styles_and_the_source_ask_for() -> None:
    settings = Settings(features="directions", styles=True), Settings(model="mlp", gradient="autograd")
    found = [
        shown(Picture("Your drawing", canvas(), strokes), one) for one in settings for strokes in ((SEVEN,), None)
    ]
    assert [one.factor for one in found if one is not None] == [
        FROM_STROKES["directions", True], FROM_PIXELS["directions", True],
        FROM_STROKES["pixels", False], FROM_PIXELS["pixels", False],
    ]  # fmt: skip


@pytest.mark.parametrize("features", FEATURES)
def test_a_drawing_is_compared_with_all_digits_whatever_the_model_gets(
    features: Features, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read from strokes a drawing may be a little farther away; here it is between the two limits."""
    between = (FAR_FROM_PIXELS + FAR_FROM_STROKES) / 2
    settings = Settings(features=features)
    for strokes, far in (((SEVEN,), False), (None, True)):
        picture = Picture("Your drawing", canvas(), strokes=strokes)
        image = picture.prepared("normalised")
        assert image is not None
        means = np.zeros((10, 800), np.float32)
        means[4] = inputs(image[None], "directions")[0]
        means[4, 0] += np.sqrt(between)
        spaces = DigitSpaces(means, np.zeros((10, 40, 800), np.float32), np.ones(10, np.float32))
        monkeypatch.setattr(module, "kept_spaces", lambda digits, spaces=spaces: spaces)

        found = shown(picture, settings)

        assert found is not None
        assert (found.nearest, found.unusual, found.warning) == (4, True, FAR if far else None)
        now = while_drawn(picture, [], settings)
        assert now is not None
        assert (now.nearest, now.unusual, now.warning) == (4, True, None)


def test_a_blank_drawing_shows_nothing() -> None:
    assert shown(Picture("Your drawing", np.zeros((280, 280, 4), np.uint8)), Settings()) is None
