"""Edges in eight directions as one picture: in each place and direction a short line along the edge.

It is the thicker, the larger the number, and lies a little to the paper's side, so that an image looks like the
outlines of its strokes; where lines cross, the strongest is seen. The live view draws the same (ui/view/strokes.js).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Float32s
from lrdemo.shapes import CELLS, DIRECTIONS

STROKE = {
    "length": 1.1, "thickness": 0.45, "power": 1.5, "thinnest": 0.8, "offset": 0.25, "faintest": 0.1, "levels": 16,
    "black": 1.8,
}  # fmt: skip
"""In cells: a line's length (along a diagonal √2 times that, so that lines meet), its thickness at the limit, which
falls with this power of the number, in so many levels, and how far it lies towards the paper. No line is thinner than
`thinnest` pixels; what is below `faintest` of the limit has none. An image is full ink at `black`, which few of its
numbers exceed."""


def compass() -> npt.NDArray[np.float64]:
    """Return to where the ink grows in each direction, to the right and downwards, [8, 2]."""
    turn = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    return np.stack([np.cos(turn), np.sin(turn)], axis=1).round(15)


def strokes(values: npt.NDArray[np.floating[Any]], limit: float, side: int) -> Float32s:
    """Return values [..., 8, 10, 10] drawn as [..., side, side]: each pixel has the value of the line that covers it.

    Values count at most ±limit; what a line covers in part has so much less, and what none covers has 0.
    """
    shown = np.clip(np.nan_to_num(np.asarray(values, np.float32)), -limit, limit)
    maps = shown.reshape(-1, DIRECTIONS, CELLS, CELLS)
    margin = side // CELLS + 3
    sheets = np.zeros((len(maps), side + 2 * margin, side + 2 * margin), np.float32)
    levels = np.floor(np.abs(maps) / limit * STROKE["levels"] + 0.5).astype(np.int64)
    for direction, (right, down) in enumerate(compass()):
        lines = np.stack([_line(direction, level, side / CELLS) for level in range(int(STROKE["levels"]) + 1)])
        reach = lines.shape[-1] // 2
        for sheet, values_here, levels_here in zip(sheets, maps[:, direction], levels[:, direction], strict=True):
            for row, column in np.argwhere(np.abs(values_here) >= STROKE["faintest"] * limit):
                middle_x, middle_y = (
                    int(np.floor((place + 0.5 - STROKE["offset"] * towards) * side / CELLS)) + margin
                    for place, towards in ((column, right), (row, down))
                )
                part = sheet[middle_y - reach : middle_y + reach + 1, middle_x - reach : middle_x + reach + 1]
                line = values_here[row, column] * lines[levels_here[row, column]]
                np.copyto(part, line, where=np.abs(line) > np.abs(part))
    return sheets[:, margin:-margin, margin:-margin].reshape(*shown.shape[:-3], side, side)


def _line(direction: int, level: int, cell: float) -> Float32s:
    """Return how far a line covers the pixels around its middle, [n, n]; `cell` is a cell's side in pixels."""
    right, down = compass()[direction]
    half_length = STROKE["length"] / 2 * cell * (np.sqrt(2) if direction % 2 else 1)
    thickness = STROKE["thickness"] * cell * (level / STROKE["levels"]) ** STROKE["power"]
    half_thickness = max(thickness, STROKE["thinnest"]) / 2
    reach = int(np.ceil(STROKE["length"] / 2 * cell * np.sqrt(2))) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    across = np.minimum(min(1, 2 * half_thickness), half_thickness + 0.5 - np.abs(x * right + y * down))
    along = np.minimum(1, half_length + 0.5 - np.abs(x * down - y * right))
    return np.asarray(np.clip(across, 0, None) * np.clip(along, 0, None), np.float32)
