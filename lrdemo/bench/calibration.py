"""Measures of how far confidence can be believed, on labelled answers: calibration, temperature, and AUROC."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.probability import cross_entropy

Labels = npt.NDArray[np.integer[Any]]

LEAST_TEMPERATURE, MOST_TEMPERATURE = 0.2, 20.0


def fit_temperature(logits: npt.NDArray[Any], labels: Labels) -> float:
    """Return the temperature from 0.2 to 20 with the smallest mean cross-entropy on logits [N, 10].

    See Guo et al., "On Calibration of Modern Neural Networks", 2017. Searched on log T by thirds.
    """
    low, high = np.log(LEAST_TEMPERATURE), np.log(MOST_TEMPERATURE)
    while high - low > 1e-4:
        first, second = low + (high - low) / 3, high - (high - low) / 3
        if cross_entropy(logits / np.exp(first), labels) < cross_entropy(logits / np.exp(second), labels):
            high = second
        else:
            low = first
    return float(np.exp((low + high) / 2))


def expected_calibration_error(probabilities: npt.NDArray[Any], labels: Labels, bins: int = 15) -> float:
    """Return Σ (n_b / N) |accuracy_b − confidence_b| over equal bins of confidence; probabilities [N, 10]."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of, weights=right - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def separation(digits: npt.NDArray[Any], others: npt.NDArray[Any]) -> float:
    """Return the AUROC: how often the score of another thing is above that of a digit (ties count half)."""
    ordered = np.sort(digits)
    below, up_to = np.searchsorted(ordered, others), np.searchsorted(ordered, others, side="right")
    return float((below + up_to).mean() / (2 * len(digits)))
