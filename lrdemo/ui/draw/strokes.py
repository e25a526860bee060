"""From the canvas's own data to the pointer's paths, where they tell what is on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrdemo.arrays import Bytes, Float64s
from lrdemo.digit import ink_from_rgba

SIDE = 280
BRUSH = 20


def strokes_of(drawing: dict[str, Any], rgba: Bytes) -> tuple[Float64s, ...] | None:
    """Return the pointer's paths [n, 2] in canvas pixels, or None where they do not tell what is on the canvas.

    Strokes that were moved, turned or scaled with the canvas's editing tool no longer lie where they were drawn.
    """
    strokes = tuple(_points(part["path"]) for part in drawing.get("objects", []) if part.get("path"))
    ink = ink_from_rgba(rgba)
    if not strokes or not ink.any():
        return None
    points = np.concatenate(strokes)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    seen = np.array([columns[0], rows[0], columns[-1], rows[-1]], dtype=np.float64)
    told = np.clip(np.concatenate([points.min(axis=0) - BRUSH / 2, points.max(axis=0) + BRUSH / 2]), 0, SIDE)
    return strokes if np.abs(seen * SIDE / len(rgba) - told).max() < BRUSH / 2 else None


def _points(path: list[list[Any]]) -> Float64s:
    """Return the end points of SVG path commands (M x y, L x y, Q cx cy x y …), [n, 2]."""
    return np.array([command[-2:] for command in path if len(command) >= 3], dtype=np.float64)
