"""The pad's measures, and the pointer's path as the canvas makes a stroke of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lrdemo.arrays import Float64s

SIDE = 420
"""The canvas's own pixels; the browser shows it as large as there is room."""
BRUSH = 30
INK, PAPER = "#000000", "#ffffff"
CURVE_AT = (0.25, 0.5, 0.75)
"""Where on a curve points are taken, beside its ends."""
MOST_POINTS = 1_500
WIDEST = 100
FARTHEST = 1e6


@dataclass(frozen=True, eq=False)
class PenStroke:
    """A stroke under way or just drawn: its number, higher than those before; its points [n, 2] in canvas pixels."""

    number: int
    width: float
    points: Float64s
    ended: bool = False
    """Whether the pen was lifted."""


def pen_stroke(message: dict[str, Any]) -> PenStroke:
    """Return the stroke that a browser tells of: {"stroke": number, "width": pixels, "path": [x, y, x, y, …]}.

    With the last message of a stroke comes "ended": true.
    Raises ValueError, TypeError or KeyError for anything that no pad of ours sends.
    """
    number, width, path = message["stroke"], message["width"], message["path"]
    if type(number) is not int or not 0 < number < 2**53 or not isinstance(path, list):
        raise TypeError("A stroke has a number and a path.")
    if not 2 <= len(path) <= 2 * MOST_POINTS or any(type(value) not in (int, float) for value in (width, *path)):
        raise ValueError("A path is a list of coordinates.")
    # A comparison with nan is false as well.
    if not 0 < width <= WIDEST or not all(abs(value) <= FARTHEST for value in path):
        raise ValueError("A coordinate lies somewhere.")
    points = np.array(path, dtype=np.float64).reshape(-1, 2)
    return PenStroke(number, width, np.clip(smooth(points), -SIDE, 2 * SIDE), message.get("ended") is True)


def canvas_object(stroke: PenStroke) -> dict[str, Any]:
    """Return the stroke as an object of the canvas's own data; it lies where its path says."""
    path = [["L", *point] for point in stroke.points.tolist()]
    path[0][0] = "M"
    return {
        "type": "Path", "path": path, "stroke": INK, "strokeWidth": stroke.width, "fill": None,
        "strokeLineCap": "round", "strokeLineJoin": "round",
    }  # fmt: skip


def smooth(points: Float64s) -> Float64s:
    """Return the path [m, 2] that the canvas makes of the places [n, 2] where the pointer was.

    It runs in curves from the middle between two places to the next middle, towards the place in between.
    """
    middles = (points[:-1] + points[1:]) / 2
    starts = np.concatenate([points[:1], middles[:-1]])[: len(middles)]
    curves = np.stack([*curve(starts, points[:-1], middles), middles], axis=1).reshape(-1, 2)
    return np.concatenate([points[:1], curves, points[-1:]])


def curve(start: Float64s, control: Float64s, end: Float64s) -> list[Float64s]:
    """Return points on the quadratic curve between its ends, which are left out.

    It bends towards its control point, where the pointer was. Its end points alone would cut every corner, the more
    so the fewer moves a busy browser reports.
    """
    return [(1 - at) ** 2 * start + 2 * at * (1 - at) * control + at**2 * end for at in CURVE_AT]
