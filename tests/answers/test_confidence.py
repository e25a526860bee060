"""Calibration, words and distances, by hand and against trusted code."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score

from lrdemo.answers.confidence import (
    DigitSpaces,
    coverage_and_accuracy,
    expected_calibration_error,
    fit_spaces,
    fit_temperature,
    separation,
    word,
)
from lrdemo.data import Digits, load_mnist
from lrdemo.features import prepared
from lrdemo.probability import softmax


@pytest.fixture(scope="module")
def digits() -> Digits:
    return prepared(load_mnist(), "normalised")


@pytest.fixture(scope="module")
def spaces(digits: Digits) -> DigitSpaces:
    return fit_spaces(digits.train_images[:10_000], digits.train_labels[:10_000])


def test_probabilities_are_pytorchs_softmax_and_stay_finite() -> None:
    logits = np.random.default_rng(0).normal(0, 5, (20, 10))
    oracle = torch.softmax(torch.from_numpy(logits) / 1.75, dim=1).numpy()
    np.testing.assert_allclose(softmax(logits, 1.75), oracle, atol=1e-12)
    np.testing.assert_allclose(softmax(np.array([1e4, 0.0])), [1, 0])


def test_the_temperature_that_made_the_labels_is_found() -> None:
    random = np.random.default_rng(0)
    honest = random.normal(0, 2, (40_000, 10))
    labels = (honest + random.gumbel(size=honest.shape)).argmax(axis=1)
    assert fit_temperature(2.5 * honest, labels) == pytest.approx(2.5, rel=0.03)
    assert expected_calibration_error(softmax(2.5 * honest), labels) > 0.1
    assert expected_calibration_error(softmax(2.5 * honest, 2.5), labels) < 0.01


def test_calibration_error_by_hand() -> None:
    """Two answers at 0.95, one right (gap 0.45), and two at 0.65, both right (gap 0.35): 0.40."""
    right = np.array([0.95, 0.95, 0.65, 0.65])
    predicted = np.stack([right, 1 - right], axis=1)
    assert expected_calibration_error(predicted, np.array([0, 1, 0, 0])) == pytest.approx(0.4)


def test_words() -> None:
    assert [word(p) for p in (1.0, 0.9, 0.89, 0.6, 0.59, 0.1)] == [
        "sure", "sure", "probably", "probably", "unsure", "unsure",
    ]  # fmt: skip


def test_coverage_and_accuracy_by_hand() -> None:
    predicted = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.45, 0.55]])
    labels = np.array([0, 0, 0, 1])
    assert coverage_and_accuracy(predicted, labels, 0.0) == (1.0, 0.75)
    assert coverage_and_accuracy(predicted, labels, 0.7) == (0.5, 0.5)
    assert coverage_and_accuracy(predicted, labels, 0.95) == (0.0, None)


def test_separation_is_the_area_under_the_roc_curve() -> None:
    random = np.random.default_rng(0)
    digits, others = random.integers(0, 20, 300), random.integers(5, 25, 200)
    oracle = roc_auc_score(np.r_[np.zeros(300), np.ones(200)], np.r_[digits, others])
    assert separation(digits, others) == pytest.approx(oracle)


def test_distance_is_the_reconstruction_error_of_pca(digits: Digits, spaces: DigitSpaces) -> None:
    own = digits.train_images[:10_000][digits.train_labels[:10_000] == 3].reshape(-1, 784) / 255
    pca = PCA(20, svd_solver="full").fit(own)
    tests = digits.test_images[:20].reshape(-1, 784) / 255
    oracle = ((tests - pca.inverse_transform(pca.transform(tests))) ** 2).sum(axis=1)
    found = [spaces.distances(image)[3] for image in digits.test_images[:20] / 255]
    np.testing.assert_allclose(found, oracle, rtol=1e-3)


def test_digits_are_near_and_noise_is_far(digits: Digits, spaces: DigitSpaces) -> None:
    near = np.array([spaces.distance(image / 255) for image in digits.test_images[:200]])
    shuffled = np.random.default_rng(0).permuted(digits.test_images[:200].reshape(200, -1), axis=1)
    far = np.array([spaces.distance(image / 255) for image in shuffled])
    assert separation(near, far) > 0.99


def test_scoring_takes_less_than_a_millisecond(digits: Digits, spaces: DigitSpaces) -> None:
    image = digits.test_images[0] / np.float32(255)
    best = float("inf")
    for _ in range(10):
        start = time.perf_counter()
        spaces.distance(image)
        best = min(best, time.perf_counter() - start)
    assert best < 0.003
