"""What tempers an answer, when it is sure, and what "I don't know" buys, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lrdemo.answers.confidence import FROM_PIXELS, FROM_STROKES, coverage_and_accuracy, drawing_factor, is_sure
from lrdemo.features import FEATURES


def test_every_preparation_has_its_factors() -> None:
    """Measured on pen digits: another figure needs another measurement (`lrdemo.bench.drawings`)."""
    every = {(features, False) for features in FEATURES} | {("normalised", True), ("directions", True)}
    assert set(FROM_PIXELS) == set(FROM_STROKES) == every
    assert drawing_factor("pixels", False, from_strokes=False) == FROM_PIXELS["pixels", False] == 1.2
    assert drawing_factor("pixels", False, from_strokes=True) == FROM_STROKES["pixels", False] == 1.1


@pytest.mark.parametrize(
    ("answer", "share", "nearest", "unusual", "sure"),
    [
        (3, 0.9, 3, False, True), (3, 0.8996, 3, False, True), (3, 0.899, 3, False, False),
        (3, 0.99, 8, False, False), (3, 0.99, 3, True, False), (3, 0.99, None, False, True),
        (0, 0.999, 0, False, False), (1, 0.999, 1, False, False),
    ],
)  # fmt: skip
def test_sure_takes_a_high_probability_a_usual_shape_and_no_letter_that_looks_the_same(
    answer: int, share: float, nearest: int | None, unusual: bool, sure: bool
) -> None:
    """A probability counts as it is shown, in tenths of a percent."""
    shares = np.full(10, (1 - share) / 9)
    shares[answer] = share
    assert is_sure(shares, nearest, unusual) == sure


def test_coverage_and_accuracy_by_hand() -> None:
    confidence = np.array([0.9, 0.8, 0.6, 0.55], np.float32)
    right = np.array([True, False, True, True])

    answered, correct = coverage_and_accuracy(confidence, right, [0.0, 0.55, 0.6, 0.7, 0.8, 0.9, 0.95])

    assert answered.tolist() == [1, 1, 0.75, 0.5, 0.5, 0.25, 0]
    assert correct[:-1].tolist() == [0.75, 0.75, pytest.approx(2 / 3), 0.5, 0.5, 1] and math.isnan(correct[-1])


def test_coverage_and_accuracy_are_counts_above_the_threshold() -> None:
    random = np.random.default_rng(0)
    confidence = random.uniform(0.1, 1, 500).round(2).astype(np.float32)
    right = random.uniform(size=500) < confidence
    thresholds = np.arange(100) / 100

    answered, correct = coverage_and_accuracy(confidence, right, thresholds)

    for threshold, share, part in zip(thresholds.astype(np.float32), answered, correct, strict=True):
        given = confidence >= threshold
        assert (share, part) == (given.mean(), pytest.approx(right[given].mean()))
