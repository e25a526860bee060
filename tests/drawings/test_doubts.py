"""What is warned of, and in which order: the drawing itself first, then how far it is from all digits."""

from __future__ import annotations

import numpy as np
import pytest

from lrdemo.arrays import Bytes
from lrdemo.digit import Finding, draw_strokes
from lrdemo.drawings.doubts import FAR, OFF_THE_PAD, SMALL, WORDS, advice, doubt
from lrdemo.drawings.spaces import FAR_FROM_PIXELS, FAR_FROM_STROKES, DigitSpaces
from lrdemo.features import FEATURES, Features

SEVEN = np.array([[100.0, 90.0], [175.0, 90.0], [160.0, 130.0], [130.0, 195.0]])


def canvas(*strokes: np.ndarray, brush: float = 14) -> Bytes:
    ink = draw_strokes(strokes, brush)
    return np.dstack([ink, ink, ink, np.full_like(ink, 255)])


def spaces_at(distance: float) -> DigitSpaces:
    """Return spaces that a blank image is that far from: nine far away, one at `distance`."""
    means = np.full((10, 784), 1.0, np.float32)
    means[6] = 0
    means[6, 0] = np.sqrt(distance)
    return DigitSpaces(means, np.zeros((10, 20, 784), np.float32))


BLANK = np.zeros((28, 28), np.float32)


def test_an_ordinary_digit_near_the_others_is_not_doubted() -> None:
    assert doubt(canvas(SEVEN), BLANK, "normalised", True, spaces_at(1)) is None


@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("from_strokes", [False, True])
def test_a_digit_is_doubted_beyond_the_distance_of_its_features_and_source(
    features: Features, from_strokes: bool
) -> None:
    limit = (FAR_FROM_STROKES if from_strokes else FAR_FROM_PIXELS)[features]

    assert doubt(canvas(SEVEN), BLANK, features, from_strokes, spaces_at(limit - 0.1)) is None
    assert doubt(canvas(SEVEN), BLANK, features, from_strokes, spaces_at(limit + 0.1)) == FAR


def test_without_spaces_only_the_drawing_is_looked_at() -> None:
    assert doubt(canvas(SEVEN), BLANK, "pixels", False, None) is None
    assert doubt(canvas(), BLANK, "pixels", False, None) == WORDS[Finding.BLANK]


@pytest.mark.parametrize(
    ("drawing", "finding"),
    [
        (canvas(), Finding.BLANK),
        (canvas(SEVEN * 0.15 + 100, brush=3), Finding.TOO_SMALL),
        (canvas(np.array([[140.0, 140.0]]), brush=120), Finding.FILLED),
        (canvas(SEVEN - [60, 0], SEVEN + [60, 0], brush=8), Finding.SEVERAL),
    ],
)
def test_each_finding_has_its_own_words_even_far_from_all_digits(drawing: Bytes, finding: Finding) -> None:
    assert doubt(drawing, BLANK, "normalised", True, spaces_at(500)) == WORDS[finding]
    assert set(WORDS) == set(Finding) and len({*WORDS.values(), FAR}) == 5


@pytest.mark.parametrize("brush", [10, 20])
@pytest.mark.parametrize("edge", [[0, 140], [279, 140], [140, 0], [140, 279], [-30, 140], [140, 320]])
def test_a_stroke_that_leaves_the_pad_is_advised_of(edge: list[float], brush: float) -> None:
    assert advice(canvas(np.array([[140.0, 140.0], edge]), brush=brush)) == OFF_THE_PAD


def test_what_stays_inside_is_not_said_to_be_off_the_pad_however_near_the_edge() -> None:
    assert advice(canvas(np.array([[11.5, 11.5], [268.0, 268.0]]), brush=20)) is None
    assert advice(canvas(SEVEN)) is None
    assert advice(canvas()) is None


def test_a_drawing_below_a_quarter_of_the_pad_is_called_small() -> None:
    assert advice(canvas(np.array([[40.0, 40.0], [40.0, 98.0]]), brush=10)) == SMALL
    assert advice(canvas(np.array([[40.0, 40.0], [40.0, 102.0]]), brush=10)) is None
