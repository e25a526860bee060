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

_BLOCK = 500


def directions(images: Float32s) -> Float32s:
    """Return images [N, 28, 28] in 0 … 1 as [N, 8, 10, 10].

    The gradient (Sobel / 8, paper beyond the border) points to more ink. Its length is shared between the two nearest
    of eight directions, k · 45° clockwise from the right; each direction's map is read through a Gaussian at the
    centres of 10 × 10 cells; of that the square root is taken, times `SCALE`.
    """
    found = np.empty((len(images), DIRECTIONS, CELLS, CELLS), np.float32)
    for start in range(0, len(images), _BLOCK):
        found[start : start + _BLOCK] = _block(images[start : start + _BLOCK])
    return found


def _block(images: Float32s) -> Float32s:
    wide = np.zeros((len(images), SIDE + 2, SIDE + 2), np.float32)
    wide[:, 1:-1, 1:-1] = images
    down = wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]
    across = wide[:, :, :-2] + 2 * wide[:, :, 1:-1] + wide[:, :, 2:]
    x, y = (down[:, :, 2:] - down[:, :, :-2]).reshape(-1), (across[:, 2:] - across[:, :-2]).reshape(-1)
    edge = np.flatnonzero((x != 0) | (y != 0))
    x, y = x[edge] / 8, y[edge] / 8
    turn = np.arctan2(y, x) * np.float32(DIRECTIONS / (2 * np.pi))
    below = np.floor(turn)
    length = np.hypot(x, y)
    above = (turn - below) * length
    nearest = below.astype(np.int32) % DIRECTIONS
    maps = np.zeros((DIRECTIONS, len(images) * SIDE * SIDE), np.float32)
    maps[nearest, edge] = length - above
    maps[(nearest + 1) % DIRECTIONS, edge] = above
    rows = maps.reshape(-1, SIDE) @ _GATHER.T
    cells = _GATHER @ rows.reshape(-1, SIDE, CELLS)
    return SCALE * np.sqrt(cells.reshape(DIRECTIONS, len(images), CELLS, CELLS).swapaxes(0, 1))


def _gather() -> Float32s:
    """Return the Gaussian around each cell's centre, [10, 28], rows that add up to 1."""
    centre = (np.arange(CELLS) + 0.5) * SIDE / CELLS
    weights = np.exp(-0.5 * ((np.arange(SIDE) + 0.5 - centre[:, None]) / BLUR) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


_GATHER = _gather()
