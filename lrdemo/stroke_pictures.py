"""Edges in eight directions as one picture: in each place and direction a short line along the edge.

It is the thicker, the larger the number, and lies a little to the paper's side, so that an image looks like the
outlines of its strokes; where lines cross, the strongest is seen. The live view draws the same (ui/view/strokes.js).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Bytes, Float32s, Float64s
from lrdemo.pictures import signed
from lrdemo.shapes import CELLS, DIRECTIONS, EDGES, SIDE

STROKE = {
    "length": 1.1, "thickness": 0.45, "power": 1.5, "thinnest": 0.8, "offset": 0.25, "faintest": 0.1, "levels": 16,
    "black": 1.8,
}  # fmt: skip
"""In cells: a line's length (along a diagonal √2 times that, so that lines meet), its thickness at the limit, which
falls with this power of the number, in so many levels, and how far it lies towards the paper. No line is thinner than
`thinnest` pixels; what is below `faintest` of the limit has none. An image is full ink at `black`, which few of its
numbers exceed."""


def signed_inputs(values: npt.NDArray[np.floating[Any]], limit: float, zoom: int = 4) -> Bytes:
    """Return numbers that belong to a model's inputs as colours [..., 28 zoom, 28 zoom, 3], see `pictures.signed`.

    Those of pixels [..., 28, 28] are squares, those of edges [..., 8, 10, 10] are strokes.
    """
    if values.shape[-3:] == EDGES.shape:
        return signed(strokes(values, limit, zoom * SIDE), limit, 1)
    return signed(values, limit, zoom)


def strokes(values: npt.NDArray[np.floating[Any]], limit: float, side: int) -> Float32s:
    """Return values [..., 8, 10, 10] drawn as [..., side, side]: each pixel has the value of the line that covers it.

    Values count at most ±limit; what a line covers in part has so much less, and what none covers has 0.
    """
    shown = np.clip(np.nan_to_num(np.asarray(values, np.float32)), -limit, limit)
    shown[np.abs(shown) < STROKE["faintest"] * limit] = 0
    maps = shown.reshape(-1, *EDGES.shape)
    levels = np.floor(np.abs(maps) / (limit or 1) * STROKE["levels"] + 0.5).astype(np.int64)
    cell = side / CELLS
    reach = int(np.ceil(cell)) + 1
    margin = reach + 1
    sheets = np.zeros((len(maps), side + 2 * margin, side + 2 * margin), np.float32)
    for direction, towards in enumerate(_compass()):
        lines = _lines(direction, cell, reach)
        for row, column in np.ndindex(CELLS, CELLS):
            x, y = np.floor((np.array([column, row]) + 0.5 - STROKE["offset"] * towards) * cell).astype(int) + margin
            part = sheets[:, y - reach : y + reach + 1, x - reach : x + reach + 1]
            line = maps[:, direction, row, column, None, None] * lines[levels[:, direction, row, column]]
            np.copyto(part, line, where=np.abs(line) > np.abs(part))
    return sheets[:, margin:-margin, margin:-margin].reshape(*shown.shape[:-3], side, side)


def _compass() -> Float64s:
    """Return to where the ink grows in each direction, to the right and downwards, [8, 2]."""
    turn = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    return np.stack([np.cos(turn), np.sin(turn)], axis=1).round(15)


def _lines(direction: int, cell: float, reach: int) -> Float32s:
    """Return how far a line of each thickness covers the pixels around its middle, [17, 2 reach + 1, 2 reach + 1]."""
    right, down = _compass()[direction]
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    share = (np.arange(STROKE["levels"] + 1) / STROKE["levels"])[:, None, None]
    thickness = np.maximum(STROKE["thickness"] * cell * share ** STROKE["power"], STROKE["thinnest"])
    length = STROKE["length"] * cell * (np.sqrt(2) if direction % 2 else 1)
    across = np.minimum(np.minimum(1, thickness), (thickness + 1) / 2 - np.abs(x * right + y * down))
    along = np.minimum(1, (length + 1) / 2 - np.abs(x * down - y * right))
    return np.asarray(np.clip(across, 0, None) * np.clip(along, 0, None), np.float32)
