"""From scores to probabilities, and from a probability to what it costs, in NumPy.

The lesson's letters: scores z, probabilities p, targets t. PyTorch does the same in training. Scores that have
overflowed give the limit of the formula, scores that are not numbers give nan; neither is a warning.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Float64s

LEAST_TEMPERATURE, MOST_TEMPERATURE = 0.2, 20.0


def sigmoid(z: npt.ArrayLike) -> Float64s:
    """Return 1 / (1 + e^−z) for scores z of any shape, written so that e^… never overflows."""
    z = np.asarray(z, dtype=np.float64)
    small = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1.0, small) / (1.0 + small))


def softmax(scores: npt.ArrayLike, temperature: float = 1.0) -> Float64s:
    """Return e^(z_i/T) / Σ_j e^(z_j/T) along the last axis: scores z [..., K] become probabilities [..., K]."""
    powers = np.exp(below_largest(scores, temperature))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def log_softmax(scores: npt.ArrayLike, temperature: float = 1.0) -> Float64s:
    """Return the logarithm of softmax, z_i/T − log Σ_j e^(z_j/T), exact also where softmax rounds to 0."""
    z = below_largest(scores, temperature)
    return np.asarray(z - np.log(np.exp(z).sum(axis=-1, keepdims=True)))


def two_class_cross_entropy(probability: npt.ArrayLike, target: npt.ArrayLike) -> Float64s:
    """Return −(t log p + (1 − t) log(1 − p)) for probabilities p and targets t of 0 or 1, elementwise."""
    p, t = np.asarray(probability, dtype=np.float64), np.asarray(target)
    with np.errstate(divide="ignore"):
        return np.asarray(-np.where(t == 1, np.log(p), np.log1p(-p)))


def cross_entropy(scores: npt.ArrayLike, labels: npt.NDArray[np.integer]) -> float:
    """Return the mean of −log p_label, p the softmax of the scores [N, K]; labels [N]."""
    logs = log_softmax(scores)
    return float(-logs[np.arange(len(logs)), labels].mean())


def fit_temperature(scores: npt.NDArray[np.floating], labels: npt.NDArray[np.integer]) -> float:
    """Return the temperature from 0.2 to 20 with the smallest mean cross-entropy on scores [N, K], labels [N].

    Newton's method on β = 1/T: the mean of log Σ_j e^(β z_j) − β z_label is convex in β; its derivatives are the mean
    and the variance of z under softmax(β z). Where scores are not finite the temperature is 1. 2 ms for [10000, 10].
    See Guo et al., "On Calibration of Modern Neural Networks", 2017.
    """
    # Along rows of ten numbers, sums would take a multiple of the time.
    z = np.ascontiguousarray(scores.T, np.float32)
    if not np.isfinite(z).all():
        return 1.0
    z = z - z.max(axis=0)
    of_labels = z[labels, np.arange(len(labels))].mean(dtype=np.float64)
    least, most = 1 / MOST_TEMPERATURE, 1 / LEAST_TEMPERATURE
    low, high, beta = least, most, 1.0
    tried = []
    while True:
        tried.append(beta)
        weights = np.exp(np.float32(beta) * z)
        weights /= weights.sum(axis=0)
        weighted = weights * z
        mean = weighted.sum(axis=0)
        variance = (weighted * z).sum(axis=0) - mean * mean
        slope = float(mean.mean(dtype=np.float64) - of_labels)
        curvature = max(float(variance.mean(dtype=np.float64)), 1e-12)
        low, high = (low, beta) if slope > 0 else (beta, high)
        after = min(max(beta - slope / curvature, least), most)
        if abs(after - beta) <= 1e-5 * beta or high - low <= 1e-5 * beta:
            return 1 / after
        # Where the curve is not like a parabola, halving on the scale of ratios is safe.
        beta = after if low <= after <= high and after not in tried else math.sqrt(low * high)


def below_largest(scores: npt.ArrayLike, temperature: float) -> Float64s:
    """Return z/T less the largest of them: that changes no probability and keeps e^… from overflowing."""
    with np.errstate(over="ignore", invalid="ignore"):
        z = np.asarray(scores, dtype=np.float64) / temperature
        largest = z.max(axis=-1, keepdims=True)
        return np.where(z == largest, 0.0, z - largest)
