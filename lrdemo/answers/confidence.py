"""How far to believe an answer: the temperature that calibrates it, and what saying "I don't know" buys."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Float64s
from lrdemo.features import Features

TEMPERATURE: dict[Features, float] = {"pixels": 1.1, "deskewed": 1.3, "normalised": 1.3}
"""Best calibrated for softmax regression on 3,300 pen digits after 2,000 … 20,000 iterations."""


def drawing_temperature(model: str, features: Features) -> float:
    """Return what the logits of a drawing are divided by: 1 for the perceptron, for which nothing was measured."""
    return TEMPERATURE[features] if model == "softmax" else 1.0


def coverage_and_accuracy(
    confidence: npt.NDArray[Any], right: npt.NDArray[np.bool_], thresholds: npt.ArrayLike
) -> tuple[Float64s, Float64s]:
    """Return the share answered at each threshold [K] and the share of that which is correct (nan: none answered).

    confidence [N] is the largest probability of each answer, right [N] whether it is correct; an answer is given
    from the threshold on.
    """
    order = np.argsort(-confidence, kind="stable")
    counts = np.searchsorted(-confidence[order], -np.asarray(thresholds, confidence.dtype), side="right")
    hits = np.concatenate([[0], np.cumsum(right[order])])[counts]
    return counts / len(right), np.where(counts > 0, hits / np.maximum(counts, 1), np.nan)
