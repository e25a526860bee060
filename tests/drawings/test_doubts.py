"""What is warned of, and in which order: the drawing itself first, then how far it is from all digits."""

from __future__ import annotations

import numpy as np
import pytest

from lrdemo.arrays import Bytes
from lrdemo.digit import Finding, draw_strokes
from lrdemo.drawings.doubts import FAR, OFF_THE_PAD, SMALL, WORDS, advice, doubt

SEVEN = np.array([[100.0, 90.0], [175.0, 90.0], [160.0, 130.0], [130.0, 195.0]])


def canvas(*strokes: np.ndarray, brush: float = 14) -> Bytes:
    ink = draw_strokes(strokes, brush)
    return np.dstack([ink, ink, ink, np.full_like(ink, 255)])


def test_an_ordinary_digit_is_not_doubted() -> None:
    assert doubt(canvas(SEVEN)) is None


@pytest.mark.parametrize(
    ("drawing", "finding"),
    [
        (canvas(), Finding.BLANK),
        (canvas(SEVEN * 0.15 + 100, brush=3), Finding.TOO_SMALL),
        (canvas(np.array([[140.0, 140.0]]), brush=120), Finding.FILLED),
        (canvas(SEVEN - [60, 0], SEVEN + [60, 0], brush=8), Finding.SEVERAL),
    ],
)
def test_each_finding_has_its_own_words(drawing: Bytes, finding: Finding) -> None:
    assert doubt(drawing) == WORDS[finding]
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
