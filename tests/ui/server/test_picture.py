"""The picture in question as the model gets it."""

from __future__ import annotations

import numpy as np
import pytest

from lrdemo.arrays import Bytes
from lrdemo.data import Digits
from lrdemo.digit import digit_from_rgba, draw_strokes
from lrdemo.drawings.doubts import FAR
from lrdemo.drawings.spaces import FAR_FROM_PIXELS, FAR_FROM_STROKES, DigitSpaces
from lrdemo.features import FEATURES, Features, prepare
from lrdemo.settings import Settings
from lrdemo.ui.server import picture as module
from lrdemo.ui.server.picture import Picture, picture_of, shown

SEVEN = np.array([[100.0, 90.0], [175.0, 90.0], [160.0, 130.0], [130.0, 195.0]])


def canvas() -> Bytes:
    ink = draw_strokes([SEVEN], 22)
    return np.dstack([ink, ink, ink, np.full_like(ink, 255)])


@pytest.mark.parametrize("features", FEATURES)
def test_a_drawing_is_read_from_its_strokes_where_they_are_known(features: Features) -> None:
    settings = Settings(features=features)
    by_strokes = shown(Picture("My drawing", canvas(), strokes=(SEVEN,)), settings)
    by_pixels = shown(Picture("My drawing", canvas()), settings)
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
    assert (found.title, found.temperature, found.warning) == ("Test image 3, a 0", 1, None)
    assert found.threshold == 0.7


def test_answers_to_drawings_are_tempered_for_softmax_regression_alone() -> None:
    drawing = Picture("My drawing", canvas())
    mlp = Settings(features="normalised", model="mlp", gradient="autograd")
    found = [shown(drawing, settings) for settings in (Settings(), Settings(features="normalised"), mlp)]
    assert [one.temperature for one in found if one is not None] == [1.1, 1.3, 1.0]


def test_a_drawing_far_from_all_digits_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read from strokes a drawing may be a little farther away; here it is between the two limits."""
    between = (FAR_FROM_PIXELS["pixels"] + FAR_FROM_STROKES["pixels"]) / 2

    def at(image: np.ndarray) -> DigitSpaces:
        means = np.tile(image.reshape(-1), (10, 1))
        means[:, 0] += np.sqrt(between)
        return DigitSpaces(means, np.zeros((10, 20, 784), np.float32))

    for strokes, warning in (((SEVEN,), None), (None, FAR)):
        picture = Picture("My drawing", canvas(), strokes=strokes)
        image = picture.prepared("pixels")
        assert image is not None
        spaces = at(image)
        monkeypatch.setattr(module, "kept_spaces", lambda digits, features, spaces=spaces: spaces)
        found = shown(picture, Settings())
        assert found is not None and found.warning == warning


def test_a_blank_drawing_shows_nothing() -> None:
    assert shown(Picture("My drawing", np.zeros((280, 280, 4), np.uint8)), Settings()) is None
