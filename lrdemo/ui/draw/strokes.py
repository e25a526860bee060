"""From the canvas's own data to the pointer's paths, where they tell what is on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrdemo.arrays import Bytes, Float64s
from lrdemo.digit import draw_strokes, ink_from_rgba

SIDE = 280
BRUSH = 20
CURVE_AT = (0.25, 0.5, 0.75)
"""Where on a curve points are taken, beside its ends."""
HALF = 127
MOST_OTHER = 0.2
"""Of the inked pixels may differ between the strokes, drawn again, and the picture: their edges do."""


def strokes_of(drawing: dict[str, Any], rgba: Bytes) -> tuple[Float64s, ...] | None:
    """Return the pointer's paths [n, 2] in canvas pixels, or None where they do not tell what is on the canvas.

    The picture is the truth. Strokes that were moved with the canvas's editing tool, or that belong to the drawing
    before this one, give another picture than the one that is seen.
    """
    strokes = tuple(_points(part["path"]) for part in drawing.get("objects", []) if part.get("path"))
    ink = ink_from_rgba(rgba)
    if not strokes or not ink.any():
        return None
    scale = len(rgba) / SIDE
    drawn = draw_strokes([scale * stroke for stroke in strokes], scale * BRUSH, len(rgba))
    other = np.count_nonzero((drawn > HALF) != (ink > HALF))
    return strokes if other < MOST_OTHER * np.count_nonzero(ink > HALF) else None


def _points(path: list[list[Any]]) -> Float64s:
    """Return points along SVG path commands (M x y, L x y, Q cx cy x y …), [n, 2], as the canvas draws them.

    A quadratic curve bends towards its control point, where the pointer was. Its end points alone would cut every
    corner, the more so the fewer moves a busy browser reports.
    """
    points: list[Float64s] = []
    for command in path:
        if len(command) < 3:
            continue
        end = np.array(command[-2:], dtype=np.float64)
        if len(command) == 5 and points:
            start, control = points[-1], np.array(command[1:3], dtype=np.float64)
            points += [(1 - at) ** 2 * start + 2 * at * (1 - at) * control + at**2 * end for at in CURVE_AT]
        points.append(end)
    return np.array(points, dtype=np.float64)
