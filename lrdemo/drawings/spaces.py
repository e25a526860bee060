"""How far a drawing is from what digits look like: one space per digit, fitted once to the training images and kept.

Confidence does not tell digits from other things; this distance does. It is taken between directions, whatever the
model gets, and other ways to write count as digits. NumPy only, well under a millisecond a drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Bytes, Float32s
from lrdemo.cache import Arrays, CacheFile, fingerprint
from lrdemo.data import Digits
from lrdemo.features import inputs, prepared
from lrdemo.shapes import EDGES, IMAGE
from lrdemo.styles import COPIES, STYLES, VARIANTS, styled_digits

FAR_FROM_PIXELS, FAR_FROM_STROKES = 1.6, 1.7
"""Distances that 5 % of real pen digits exceed: read from the canvas, and drawn again from their strokes.

Chosen on two groups of writers, so that of neither more are beyond.
"""
UNUSUAL = 1.2
"""And one that 13 % of them exceed, but 81 % of other people's letters and signs."""

_AXES = 40
_USUAL = 0.95
_LAYOUT = {
    "means": (np.float32, (10, EDGES.size)),
    "axes": (np.float32, (10, _AXES, EDGES.size)),
    "usual": (np.float32, (10,)),
}
_VERSION = 3
_STYLED = fingerprint(np.frombuffer(repr((STYLES, VARIANTS, COPIES)).encode(), np.uint8))
"""Other styles are other spaces."""


@dataclass(frozen=True, eq=False)
class DigitSpaces:
    """Per digit the mean [10, 800] and the leading principal axes [10, K, 800], orthonormal rows, of its directions.

    `usual` [10] is the squared distance to them that 95 % of the digit's own images do not exceed.
    """

    means: Float32s
    axes: Float32s
    usual: Float32s

    def distances(self, edges: npt.NDArray[Any]) -> Float32s:
        """Return the squared distances [10] of one image's directions (800 numbers), each in what is usual there.

        The smallest is below 1 for most digits, and larger for most other things.
        """
        offsets = np.asarray(edges, np.float32).reshape(1, -1) - self.means
        within = (self.axes @ offsets[:, :, None])[:, :, 0]
        squares = (offsets * offsets).sum(axis=1) - (within * within).sum(axis=1)
        return np.asarray(squares / self.usual, np.float32)


def fit_spaces(packed: Bytes, labels: npt.NDArray[np.integer[Any]]) -> DigitSpaces:
    """Return the mean and the 40 leading principal axes of each digit's directions, in bytes [N, 8, 10, 10].

    Class-PCA, as in Oja, "Subspace Methods of Pattern Recognition", 1983. About 5 s for MNIST.
    """
    means, axes, usual = [], [], []
    for digit in range(10):
        own = EDGES.unpacked(packed[labels == digit]).reshape(-1, EDGES.size)
        mean = own.mean(axis=0)
        own -= mean
        _, vectors = np.linalg.eigh(own.T @ own)
        leading = vectors[:, : -_AXES - 1 : -1]
        squares = (own * own).sum(axis=1) - ((own @ leading) ** 2).sum(axis=1)
        means.append(mean)
        axes.append(leading.T)
        usual.append(np.quantile(squares, _USUAL))
    return DigitSpaces(np.stack(means), np.ascontiguousarray(np.stack(axes)), np.array(usual, np.float32))


def is_far(distances: npt.ArrayLike, from_strokes: bool) -> npt.NDArray[np.bool_]:
    """Return for each distance whether it is larger than that of 95 % of real digits."""
    return np.asarray(distances) > (FAR_FROM_STROKES if from_strokes else FAR_FROM_PIXELS)


def is_unusual(distances: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return for each distance whether no answer to such a drawing should be called sure."""
    return np.asarray(distances) > UNUSUAL


def keep_spaces(digits: Digits) -> None:
    """Fit the spaces to the training images of MNIST and of other ways to write, unless the cache has them."""

    def make() -> Arrays:
        styled, labels = styled_digits()
        edges = EDGES.packed(inputs(IMAGE.unpacked(styled), "directions").reshape(-1, *EDGES.shape))
        packed = np.concatenate([prepared(digits, "directions").train_images, *[edges] * COPIES])
        return vars(fit_spaces(packed, np.concatenate([digits.train_labels, *[labels] * COPIES])))

    _file(digits.fingerprint).kept(make)


def kept_spaces(digits: Digits) -> DigitSpaces | None:
    """Return the spaces of these digits from the cache, or None while they have not been fitted."""
    try:
        return _kept(digits.fingerprint)
    except LookupError:
        return None


@lru_cache(maxsize=1)
def _kept(digits: str) -> DigitSpaces:
    # What is raised is not remembered, so that spaces fitted later are found.
    found = _file(digits).read()
    if found is None:
        raise LookupError(digits)
    return DigitSpaces(**found)


def _file(digits: str) -> CacheFile:
    return CacheFile(f"spaces-{_VERSION}-{_STYLED}", digits, _LAYOUT)
