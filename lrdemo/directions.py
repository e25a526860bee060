"""Strokes and their directions: a prepared image as eight maps of how much edge lies where, one per direction.

The feature of Liu, Nakashima, Sako and Fujisawa ("Handwritten digit recognition: investigation of normalization and
feature extraction techniques", Pattern Recognition 37, 2004) on 10 × 10 places. NumPy only.
"""

from __future__ import annotations

import numpy as np

from lrdemo.arrays import Float32s
from lrdemo.shapes import CELLS, DIRECTIONS, SIDE

BLUR = 1.6
"""Standard deviation, in pixels of the image, of the Gaussian that gathers the edges around each place."""
SCALE = 4.5
"""What the roots are multiplied by, so that the learning rates that suit pixels suit them too."""

_BLOCK = 20
"""Images at a time: so few that each array takes the place of an earlier one. Larger ones are asked of the system
anew, page by page, which doubles the time."""
_DIFFERENCE = ((np.eye(SIDE, k=-1) - np.eye(SIDE, k=1)) / 8).astype(np.float32)
_SMOOTHING = ((np.eye(SIDE, k=-1) + 2 * np.eye(SIDE) + np.eye(SIDE, k=1)) / 8).astype(np.float32)
"""An image times these is Sobel's difference and Sobel's sum of neighbours along its rows, over 8; paper around it."""
_ARCTAN = (0.9998660, -0.3302995, 0.1801410, -0.0851330, 0.0208351)
"""Arctan r for 0 ≤ r ≤ 1 as a polynomial in odd powers, to 1e-5 (Abramowitz and Stegun, 4.4.49): the library's own
would take most of the time."""


def directions(images: Float32s) -> Float32s:
    """Return images [N, 28, 28] in 0 … 1 as [N, 8, 10, 10].

    The gradient (Sobel / 8, paper beyond the border) points to more ink. Its length is shared between the two nearest
    of eight directions, k · 45° clockwise from the right; each direction's map is read through a Gaussian at the
    centres of 10 × 10 cells; of that the square root is taken, times `SCALE`.
    """
    found = np.empty((len(images), DIRECTIONS, CELLS, CELLS), np.float32)
    for start in range(0, len(images), _BLOCK):
        block = images[start : start + _BLOCK]
        rows = _edges(*_gradient(block)).reshape(-1, SIDE) @ _GATHER.T
        cells = (_GATHER @ rows.reshape(-1, SIDE, CELLS)).reshape(DIRECTIONS, len(block), CELLS, CELLS)
        found[start : start + _BLOCK] = SCALE * np.sqrt(cells.swapaxes(0, 1))
    return found


def _gradient(images: Float32s) -> tuple[Float32s, Float32s]:
    """Return how fast the ink grows to the right and downwards, [N, 28, 28] each."""
    rows = np.asarray(images, np.float32).reshape(-1, SIDE)
    across, smooth = (rows @ _DIFFERENCE).reshape(images.shape), (rows @ _SMOOTHING).reshape(images.shape)
    right = 2 * across
    right[:, 1:] += across[:, :-1]
    right[:, :-1] += across[:, 1:]
    down = np.zeros_like(smooth)
    down[:, :-1] = smooth[:, 1:]
    down[:, 1:] -= smooth[:, :-1]
    return right, down


def _edges(right: Float32s, down: Float32s) -> Float32s:
    """Return the gradients' lengths, [8, …], each shared linearly by angle between its two nearest directions."""
    wide, high = np.abs(right), np.abs(down)
    length = np.sqrt(right * right + down * down)
    ratio = np.minimum(wide, high) / np.maximum(np.maximum(wide, high), np.float32(1e-12))
    square = ratio * ratio
    share = np.full_like(ratio, _ARCTAN[-1])
    for coefficient in _ARCTAN[-2::-1]:
        share *= square
        share += np.float32(coefficient)
    diagonal = share * ratio * length * np.float32(4 / np.pi)
    straight = length - diagonal
    # Signed: to the right and to the left are one axis, and so on.
    flat = wide >= high
    horizontal, vertical = np.copysign(straight * flat, right), np.copysign(straight * ~flat, down)
    falls = right * down > 0
    falling, rising = np.copysign(diagonal * falls, right), np.copysign(diagonal * ~falls, right)
    maps = np.empty((DIRECTIONS, *right.shape), np.float32)
    half = DIRECTIONS // 2
    for direction, axis in enumerate((horizontal, falling, vertical)):
        np.maximum(axis, 0, out=maps[direction])
        np.maximum(-axis, 0, out=maps[direction + half])
    np.maximum(-rising, 0, out=maps[3])
    np.maximum(rising, 0, out=maps[7])
    return maps


def _gather() -> Float32s:
    """Return the Gaussian around each cell's centre, [10, 28], rows that add up to 1."""
    centre = (np.arange(CELLS) + 0.5) * SIDE / CELLS
    weights = np.exp(-0.5 * ((np.arange(SIDE) + 0.5 - centre[:, None]) / BLUR) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


_GATHER = _gather()
