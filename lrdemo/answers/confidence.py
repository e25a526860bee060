"""How far to believe a prediction: calibrated probabilities, plain words for them, and "this is not a digit".

Confidence does not tell digits from other things; the distance to what digits look like does. Everything here
is NumPy on arrays; nothing trains or draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from lrdemo.features import Features
from lrdemo.probability import softmax

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.integer[Any]]
Word = Literal["sure", "probably", "unsure"]

TEMPERATURE: dict[Features, float] = {"pixels": 1.1, "deskewed": 1.3, "normalised": 1.3}
"""Divides the logits of a drawing: best calibrated on 3,300 pen digits after 2,000 … 20,000 iterations."""
SURE, PROBABLY = 0.9, 0.6
FAR_FROM_PIXELS: dict[Features, float] = {"pixels": 19.4, "deskewed": 17.2, "normalised": 31.3}
FAR_FROM_STROKES: dict[Features, float] = {"pixels": 20.9, "deskewed": 19.5, "normalised": 35.5}
"""Distances that 5 % of real pen digits exceed: read from the canvas, and drawn again from their strokes."""


@dataclass(frozen=True, eq=False)
class DigitSpaces:
    """Hold per digit the mean [10, D] and the leading principal directions [10, K, D], orthonormal rows."""

    means: npt.NDArray[np.float32]
    directions: npt.NDArray[np.float32]

    def distances(self, image: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return the squared distances [10] of one image (D numbers, 0 … 1) to the digits' spaces."""
        offsets = np.asarray(image, np.float32).reshape(1, -1) - self.means
        within = (self.directions @ offsets[:, :, None])[:, :, 0]
        return np.asarray((offsets * offsets).sum(axis=1) - (within * within).sum(axis=1), np.float32)

    def distance(self, image: npt.NDArray[Any]) -> float:
        """Return the smallest of the ten squared distances: small for digits, large for other things."""
        return float(self.distances(image).min())


def fit_spaces(images: npt.NDArray[np.uint8], labels: Labels, directions: int = 20) -> DigitSpaces:
    """Return the mean and leading principal directions of each digit's images [N, …], scaled to 0 … 1.

    Class-PCA, as in Oja, "Subspace Methods of Pattern Recognition", 1983. About 3 s for MNIST.
    """
    means, axes = [], []
    for digit in range(10):
        own = images[labels == digit].reshape(-1, int(np.prod(images.shape[1:]))).astype(np.float32) / 255
        mean = own.mean(axis=0)
        own -= mean
        _, vectors = np.linalg.eigh(own.T @ own)
        means.append(mean)
        axes.append(vectors[:, : -directions - 1 : -1].T)
    return DigitSpaces(np.stack(means), np.ascontiguousarray(np.stack(axes)))


def fit_temperature(logits: npt.NDArray[Any], labels: Labels) -> float:
    """Return the temperature between 0.2 and 20 with the smallest mean cross-entropy on logits [N, 10]."""
    low, high = np.log(0.2), np.log(20.0)

    def loss(log_temperature: float) -> float:
        right = softmax(logits, float(np.exp(log_temperature)))[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(right, 1e-300)).mean())

    while high - low > 1e-4:
        first, second = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, second) if loss(first) < loss(second) else (first, high)
    return float(np.exp((low + high) / 2))


def expected_calibration_error(probabilities: npt.NDArray[Any], labels: Labels, bins: int = 15) -> float:
    """Return Σ (n_b / N) |accuracy_b − confidence_b| over equal bins of confidence; probabilities [N, 10]."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of, weights=right - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def word(probability: float) -> Word:
    """Return the word for the largest probability: "sure" from 0.9, "probably" from 0.6, else "unsure"."""
    return "sure" if probability >= SURE else "probably" if probability >= PROBABLY else "unsure"


def coverage_and_accuracy(
    probabilities: npt.NDArray[Any], labels: Labels, threshold: float
) -> tuple[float, float | None]:
    """Return the part answered ("I don't know" below `threshold`) and its accuracy (None: no answer)."""
    answered = probabilities.max(axis=1) >= threshold
    if not answered.any():
        return 0.0, None
    right = probabilities[answered].argmax(axis=1) == labels[answered]
    return float(answered.mean()), float(right.mean())


def separation(digits: npt.NDArray[Any], others: npt.NDArray[Any]) -> float:
    """Return the AUROC: how often the score of another thing is above that of a digit (ties count half)."""
    ordered = np.sort(digits)
    below, up_to = np.searchsorted(ordered, others), np.searchsorted(ordered, others, side="right")
    return float((below + up_to).mean() / (2 * len(digits)))
