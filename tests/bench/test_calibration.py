"""Calibration and separation, by hand and against trusted code."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from lrdemo.bench.calibration import expected_calibration_error, separation
from lrdemo.probability import softmax


def test_honest_answers_have_no_calibration_error() -> None:
    random = np.random.default_rng(0)
    honest = random.normal(0, 2, (40_000, 10))
    labels = (honest + random.gumbel(size=honest.shape)).argmax(axis=1)
    assert expected_calibration_error(softmax(2.5 * honest), labels) > 0.1
    assert expected_calibration_error(softmax(2.5 * honest, 2.5), labels) < 0.01


def test_calibration_error_by_hand() -> None:
    """Two answers at 0.95, one right (gap 0.45), and two at 0.65, both right (gap 0.35): 0.40."""
    right = np.array([0.95, 0.95, 0.65, 0.65])
    predicted = np.stack([right, 1 - right], axis=1)
    assert expected_calibration_error(predicted, np.array([0, 1, 0, 0])) == pytest.approx(0.4)


def test_separation_is_the_area_under_the_roc_curve() -> None:
    random = np.random.default_rng(0)
    digits, others = random.integers(0, 20, 300), random.integers(5, 25, 200)
    oracle = roc_auc_score(np.r_[np.zeros(300), np.ones(200)], np.r_[digits, others])
    assert separation(digits, others) == pytest.approx(oracle)
