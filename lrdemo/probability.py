"""From any number to a probability, and from a probability to a cost, in numpy.

PyTorch does the same in training; here each formula stands on one line so that a page can show it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def sigmoid(y: npt.ArrayLike) -> Floats:
    """Return 1 / (1 + e^-y), any shape, written so that e^… never overflows."""
    y = np.asarray(y, dtype=np.float64)
    small = np.exp(-np.abs(y))
    return np.asarray(np.where(y >= 0, 1.0, small) / (1.0 + small))


def softmax(scores: npt.ArrayLike, temperature: float = 1.0) -> Floats:
    """Return e^(y_i/T) / Σ_j e^(y_j/T) along the last axis: scores [..., K] become probabilities [..., K].

    Subtracting the largest score changes nothing but keeps e^… from overflowing.
    """
    y = np.asarray(scores, dtype=np.float64) / temperature
    powers = np.exp(y - y.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def two_class_cross_entropy(probability: npt.ArrayLike, label: npt.ArrayLike) -> Floats:
    """Return −(L log S + (1 − L) log(1 − S)) for probabilities S and labels L of 0 or 1, elementwise."""
    s, right = np.asarray(probability, dtype=np.float64), np.asarray(label, dtype=np.float64)
    return np.asarray(-(right * np.log(s) + (1 - right) * np.log1p(-s)))


def cross_entropy(probabilities: npt.ArrayLike, labels: npt.NDArray[np.integer]) -> float:
    """Return the mean of −log S_label: probabilities [N, K], labels [N]."""
    p = np.asarray(probabilities, dtype=np.float64)
    return float(-np.log(p[np.arange(len(p)), labels]).mean())
