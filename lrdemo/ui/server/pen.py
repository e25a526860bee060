"""The pad's measures, and the pointer's path as the canvas makes a stroke of it."""

from __future__ import annotations

from lrdemo.arrays import Float64s

SIDE = 420
"""The canvas's own pixels; the browser shows it as large as there is room."""
BRUSH = 30
INK, PAPER = "#000000", "#ffffff"
CURVE_AT = (0.25, 0.5, 0.75)
"""Where on a curve points are taken, beside its ends."""


def curve(start: Float64s, control: Float64s, end: Float64s) -> list[Float64s]:
    """Return points on the quadratic curve between its ends, which are left out.

    It bends towards its control point, where the pointer was. Its end points alone would cut every corner, the more
    so the fewer moves a busy browser reports.
    """
    return [(1 - at) ** 2 * start + 2 * at * (1 - at) * control + at**2 * end for at in CURVE_AT]
