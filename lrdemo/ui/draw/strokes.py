"""From the canvas's own data to the pointer's paths, where they tell what is on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrdemo.arrays import Bytes, Float64s
from lrdemo.digit import draw_strokes, ink_from_rgba
from lrdemo.ui.server.pen import BRUSH, PAPER, SIDE, curve

HALF = 127
MOST_OTHER = 0.2
"""Of the inked pixels may differ between the strokes, drawn again, and the picture: their edges do."""


def strokes_of(drawing: dict[str, Any], rgba: Bytes) -> tuple[Float64s, ...] | None:
    """Return the pointer's paths [n, 2] in canvas pixels, or None where they do not tell what is on the canvas.

    The picture is the truth. Strokes that were partly erased, or that belong to the drawing before this one, give
    another picture than the one that is seen.
    """
    parts = [part for part in drawing.get("objects", []) if part.get("path")]
    ink = ink_from_rgba(rgba)
    if not parts or not ink.any() or any(part.get("stroke") == PAPER for part in parts):
        return None
    strokes = tuple(_points(part["path"]) for part in parts)
    scale = len(rgba) / SIDE
    drawn = np.zeros(ink.shape, np.uint8)
    for stroke, part in zip(strokes, parts, strict=True):
        again = draw_strokes([scale * stroke], scale * part.get("strokeWidth", BRUSH), len(rgba))
        np.maximum(drawn, again, out=drawn)
    other = np.count_nonzero((drawn > HALF) != (ink > HALF))
    return strokes if other < MOST_OTHER * np.count_nonzero(ink > HALF) else None


def _points(path: list[list[Any]]) -> Float64s:
    """Return points along SVG path commands (M x y, L x y, Q cx cy x y …), [n, 2], as the canvas draws them."""
    points: list[Float64s] = []
    for command in path:
        if len(command) < 3:
            continue
        end = np.array(command[-2:], dtype=np.float64)
        if len(command) == 5 and points:
            points += curve(points[-1], np.array(command[1:3], dtype=np.float64), end)
        points.append(end)
    return np.clip(np.array(points, dtype=np.float64), -SIDE, 2 * SIDE)
