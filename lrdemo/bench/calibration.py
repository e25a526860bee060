"""Measures of how far confidence can be believed, on labelled answers: calibration and AUROC."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.integer[Any]]


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
