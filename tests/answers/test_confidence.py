"""Temperatures, and what "I don't know" buys, by hand."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest

from lrdemo.answers.confidence import TEMPERATURE, coverage_and_accuracy, drawing_temperature
from lrdemo.features import FEATURES, Features


@pytest.mark.parametrize("features", FEATURES)
def test_only_softmax_regression_is_tempered(features: Features) -> None:
    assert drawing_temperature("softmax", features) == TEMPERATURE[features] > 1
    assert drawing_temperature("mlp", features) == 1


def test_every_preparation_has_its_temperature() -> None:
    """Measured on pen digits: another figure needs another measurement (`lrdemo.bench.drawings`)."""
    assert tuple(TEMPERATURE) == get_args(Features)
    assert TEMPERATURE == {"pixels": 1.1, "deskewed": 1.3, "normalised": 1.3}


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
