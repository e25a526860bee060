import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from torch.nn import functional as F

from lrdemo.probability import (
    LEAST_TEMPERATURE,
    MOST_TEMPERATURE,
    cross_entropy,
    fit_temperature,
    log_softmax,
    sigmoid,
    softmax,
    two_class_cross_entropy,
)


def test_softmax_of_the_four_scores() -> None:
    p = softmax([1.3, 1.2, 4.5, 4.8])
    assert p.round(3).tolist() == [0.017, 0.015, 0.412, 0.556]
    assert p.sum() == pytest.approx(1)


@pytest.mark.parametrize("temperature", [0.1, 1.0, 10.0])
def test_softmax_agrees_with_pytorch(temperature: float) -> None:
    scores = np.random.default_rng(0).normal(size=(50, 10)) * 30
    expected = F.softmax(torch.from_numpy(scores) / temperature, dim=1)
    assert np.allclose(softmax(scores, temperature), expected.numpy(), atol=1e-12)


def test_float32_scores_are_computed_in_float64() -> None:
    scores = np.random.default_rng(0).normal(size=(5, 10)).astype(np.float32)
    labels = np.arange(5)
    assert softmax(scores).dtype == sigmoid(scores).dtype == np.float64
    assert softmax(scores).tolist() == softmax(scores.astype(np.float64)).tolist()
    part = softmax(scores).astype(np.float32)
    assert cross_entropy(part, labels) == cross_entropy(part.astype(np.float64), labels)
    assert two_class_cross_entropy(part, 1.0).tolist() == two_class_cross_entropy(part.astype(np.float64), 1.0).tolist()


def test_softmax_of_huge_scores_does_not_overflow() -> None:
    assert softmax([1e4, 0.0]).tolist() == [1.0, 0.0]


def test_two_class_softmax_is_the_logistic_function() -> None:
    y = np.concatenate([np.linspace(-800, 800, 101), np.linspace(-3, 3, 25)])
    assert np.allclose(softmax(np.stack([y, np.zeros_like(y)], axis=1))[:, 0], sigmoid(y))
    assert np.allclose(sigmoid(y), torch.sigmoid(torch.from_numpy(y)).numpy())


def test_nearly_right_costs_next_to_nothing_and_nearly_wrong_costs_eleven_and_a_half() -> None:
    assert float(two_class_cross_entropy(1 - 1e-5, 1)) == pytest.approx(1e-5, rel=1e-4)
    assert float(two_class_cross_entropy(1e-5, 1)) == pytest.approx(11.51, abs=0.005)
    assert float(two_class_cross_entropy(1e-5, 0)) == pytest.approx(1e-5, rel=1e-4)
    assert float(two_class_cross_entropy(1 - 1e-5, 0)) == pytest.approx(11.51, abs=0.005)


def test_two_class_cross_entropy_agrees_with_pytorch() -> None:
    s, labels = np.linspace(0.01, 0.99, 40), np.arange(40) % 2.0
    expected = F.binary_cross_entropy(torch.from_numpy(s), torch.from_numpy(labels), reduction="none")
    assert np.allclose(two_class_cross_entropy(s, labels), expected.numpy())


def test_certainty_costs_nothing_when_right_and_everything_when_wrong() -> None:
    assert two_class_cross_entropy([1.0, 0.0, 1.0, 0.0], [1, 0, 0, 1]).tolist() == [0, 0, math.inf, math.inf]


def test_cross_entropy_agrees_with_pytorch_and_is_ln_10_for_equal_scores() -> None:
    scores = torch.randn(100, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = torch.arange(100) % 10
    assert cross_entropy(scores.numpy(), labels.numpy()) == pytest.approx(float(F.cross_entropy(scores, labels)))
    assert cross_entropy(1000 * scores.numpy(), labels.numpy()) == pytest.approx(
        float(F.cross_entropy(1000 * scores, labels))
    )
    assert cross_entropy(np.zeros((5, 10)), np.arange(5)) == pytest.approx(math.log(10))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_log_softmax_agrees_with_pytorch_also_where_softmax_is_zero(temperature: float) -> None:
    scores = np.random.default_rng(1).normal(size=(50, 10)) * 3000
    expected = F.log_softmax(torch.from_numpy(scores) / temperature, dim=1)
    np.testing.assert_allclose(log_softmax(scores, temperature), expected.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([math.inf, 0, 5], [1, 0, 0]),
        ([math.inf, math.inf, 5], [0.5, 0.5, 0]),
        ([-math.inf, 0, 0], [0, 0.5, 0.5]),
        ([-math.inf, -math.inf, -math.inf], [1 / 3, 1 / 3, 1 / 3]),
        ([1e308, -1e308, 0], [1, 0, 0]),
        ([math.nan, 0, 5], [math.nan, math.nan, math.nan]),
        ([math.inf, math.nan, 5], [math.nan, math.nan, math.nan]),
    ],
)
def test_scores_that_have_exploded_have_the_limit_or_nan_and_warn_of_nothing(
    scores: list[float], expected: list[float]
) -> None:
    np.testing.assert_allclose(softmax(scores, 0.1), expected)
    np.testing.assert_allclose(np.exp(log_softmax(scores, 0.1)), expected)
    assert np.isnan(cross_entropy([scores], np.array([0]))) == math.isnan(expected[0])


@pytest.mark.parametrize("scale", [0.001, 0.25, 0.7, 1.0, 2.5, 15.0, 40.0, 1e6])
def test_the_fitted_temperature_is_where_a_search_finds_the_least_cross_entropy(scale: float) -> None:
    """The labels are drawn from the probabilities, so that the temperature is about `scale` within its bounds."""
    random = np.random.default_rng(0)
    honest = random.normal(0, 2, (2_000, 10))
    labels = (honest + random.gumbel(size=honest.shape)).argmax(axis=1)
    scores = (scale * honest).astype(np.float32)
    bounds = np.log([LEAST_TEMPERATURE, MOST_TEMPERATURE])
    oracle = minimize_scalar(
        lambda log: cross_entropy(scores.astype(float) / np.exp(log), labels), bounds=bounds, method="bounded",
        options={"xatol": 1e-7},
    )  # fmt: skip

    assert fit_temperature(scores, labels) == pytest.approx(np.exp(oracle.x), rel=1e-4)
    assert fit_temperature(scores, labels) == pytest.approx(np.clip(scale, 0.2, 20), rel=0.1)


def test_answers_that_are_all_right_are_sharpened_and_all_wrong_ones_flattened_up_to_the_bounds() -> None:
    scores = np.random.default_rng(0).normal(size=(50, 10))
    assert fit_temperature(scores, scores.argmax(axis=1)) == pytest.approx(LEAST_TEMPERATURE)
    assert fit_temperature(scores, scores.argmin(axis=1)) == pytest.approx(MOST_TEMPERATURE)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_scores_that_are_not_finite_ask_for_no_temperature(wrong: float) -> None:
    scores = np.random.default_rng(0).normal(size=(50, 10))
    scores[7, 3] = wrong
    assert fit_temperature(scores, np.zeros(50, int)) == 1
    assert fit_temperature(np.zeros((50, 10)), np.zeros(50, int)) == 1
