"""How far a drawing is from what digits look like: one space per digit, fitted once to the training images and kept.

Confidence does not tell digits from other things; this distance does. NumPy only, well under a millisecond a drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Bytes, Float32s
from lrdemo.cache import Arrays, CacheFile
from lrdemo.data import Digits
from lrdemo.features import Features, prepared

FAR_FROM_PIXELS: dict[Features, float] = {"pixels": 19.4, "deskewed": 17.2, "normalised": 31.3}
FAR_FROM_STROKES: dict[Features, float] = {"pixels": 20.9, "deskewed": 19.5, "normalised": 35.5}
"""Distances that 5 % of real pen digits exceed: read from the canvas, and drawn again from their strokes."""

_DIRECTIONS = 20
_LAYOUT = {"means": (np.float32, (10, 784)), "directions": (np.float32, (10, _DIRECTIONS, 784))}
_VERSION = 2


@dataclass(frozen=True, eq=False)
class DigitSpaces:
    """Per digit the mean [10, D] and the leading principal directions [10, K, D], orthonormal rows."""

    means: Float32s
    directions: Float32s

    def distances(self, image: npt.NDArray[Any]) -> Float32s:
        """Return the squared distances [10] of one image (D numbers, 0 … 1) to the digits' spaces."""
        offsets = np.asarray(image, np.float32).reshape(1, -1) - self.means
        within = (self.directions @ offsets[:, :, None])[:, :, 0]
        return np.asarray((offsets * offsets).sum(axis=1) - (within * within).sum(axis=1), np.float32)

    def distance(self, image: npt.NDArray[Any]) -> float:
        """Return the smallest of the ten squared distances: small for digits, large for other things."""
        return float(self.distances(image).min())


def fit_spaces(images: Bytes, labels: npt.NDArray[np.integer[Any]]) -> DigitSpaces:
    """Return the mean and the 20 leading principal directions of each digit's images [N, …], scaled to 0 … 1.

    Class-PCA, as in Oja, "Subspace Methods of Pattern Recognition", 1983. About 3 s for MNIST.
    """
    means, axes = [], []
    for digit in range(10):
        own = images[labels == digit].reshape(-1, int(np.prod(images.shape[1:]))).astype(np.float32) / 255
        mean = own.mean(axis=0)
        own -= mean
        _, vectors = np.linalg.eigh(own.T @ own)
        means.append(mean)
        axes.append(vectors[:, : -_DIRECTIONS - 1 : -1].T)
    return DigitSpaces(np.stack(means), np.ascontiguousarray(np.stack(axes)))


def is_far(distances: npt.ArrayLike, features: Features, from_strokes: bool) -> npt.NDArray[np.bool_]:
    """Return for each distance whether it is larger than that of 95 % of real digits."""
    return np.asarray(distances) > (FAR_FROM_STROKES if from_strokes else FAR_FROM_PIXELS)[features]


def keep_spaces(digits: Digits, features: Features) -> None:
    """Fit the spaces to the training images of MNIST, prepared as `features` says, unless the cache has them."""

    def make() -> Arrays:
        return vars(fit_spaces(prepared(digits, features).train_images, digits.train_labels))

    _file(digits.fingerprint, features).kept(make)


def kept_spaces(digits: Digits, features: Features) -> DigitSpaces | None:
    """Return the spaces of these digits from the cache, or None while they have not been fitted."""
    try:
        return _kept(digits.fingerprint, features)
    except LookupError:
        return None


@lru_cache(maxsize=3)
def _kept(fingerprint: str, features: Features) -> DigitSpaces:
    # What is raised is not remembered, so that spaces fitted later are found.
    found = _file(fingerprint, features).read()
    if found is None:
        raise LookupError(features)
    return DigitSpaces(**found)


def _file(fingerprint: str, features: Features) -> CacheFile:
    return CacheFile(f"spaces-{features}-{_VERSION}", fingerprint, _LAYOUT)
