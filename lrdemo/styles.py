"""Other ways to write: digits that MNIST has few or none of, made up by hand and drawn with variations.

A curled 9, a 7 with a bar, a 1 with a flag and a foot. The strokes in `STYLES` are this project's own; nobody's
handwriting is in them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrdemo.arrays import Bytes, Float32s, Float64s
from lrdemo.cache import Arrays, CacheFile, fingerprint
from lrdemo.digit import draw_strokes
from lrdemo.features import prepare
from lrdemo.shapes import IMAGE, SIDE

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Style:
    """One way to write a digit.

    Its strokes run smoothly through points (x, y) in 0 … 1, y downwards; at a point given twice there is a corner.
    """

    label: int
    name: str
    strokes: tuple[Points, ...]


_TALL_RING: Points = (
    (0.67, 0.11), (0.38, 0.03), (0.17, 0.3), (0.17, 0.7), (0.38, 0.97), (0.67, 0.89), (0.84, 0.5), (0.67, 0.11),
)  # fmt: skip

STYLES = (
    Style(9, "curled", (
        ((0.75, 0.2), (0.5, 0.02), (0.22, 0.2), (0.42, 0.42), (0.72, 0.25), (0.75, 0.2), (0.75, 0.2),
         (0.72, 0.75), (0.5, 0.98), (0.15, 0.85)),
    )),
    Style(9, "open, curled", (
        ((0.72, 0.08), (0.4, 0.02), (0.15, 0.2), (0.38, 0.36), (0.75, 0.2), (0.75, 0.2), (0.72, 0.8), (0.4, 1.0),
         (0.1, 0.9)),
    )),
    Style(9, "flat base", (
        ((0.7, 0.1), (0.35, 0.05), (0.2, 0.28), (0.45, 0.42), (0.72, 0.2), (0.72, 0.2), (0.7, 0.7), (0.55, 0.97),
         (0.05, 0.97)),
    )),
    Style(9, "like an S", (
        ((0.6, 0.1), (0.35, 0.05), (0.3, 0.25), (0.5, 0.3), (0.58, 0.12), (0.55, 0.4), (0.75, 0.7), (0.55, 0.97),
         (0.15, 0.88)),
    )),
    Style(9, "leaning", (
        ((0.85, 0.12), (0.45, 0.04), (0.1, 0.22), (0.35, 0.34), (0.85, 0.12), (0.85, 0.12), (0.2, 1.0)),
    )),
    Style(7, "barred", (((0.1, 0.05), (0.8, 0.05), (0.8, 0.05), (0.35, 1.0)), ((0.25, 0.52), (0.8, 0.48)))),
    Style(7, "rounded, barred", (
        ((0.15, 0.2), (0.3, 0.03), (0.6, 0.03), (0.72, 0.2), (0.6, 0.6), (0.3, 1.0)), ((0.15, 0.58), (0.85, 0.52)),
    )),
    Style(7, "hooked bar", (
        ((0.2, 0.2), (0.4, 0.02), (0.65, 0.1), (0.62, 0.4), (0.35, 1.0)),
        ((0.25, 0.75), (0.15, 0.6), (0.4, 0.55), (0.8, 0.5)),
    )),
    Style(7, "falling bar", (
        ((0.15, 0.05), (0.6, 0.02), (0.75, 0.25), (0.55, 0.7), (0.3, 1.0)), ((0.1, 0.4), (0.85, 0.6)),
    )),
    Style(1, "flag", (((0.2, 0.35), (0.6, 0.0), (0.6, 0.0), (0.5, 1.0)),)),
    Style(1, "long flag", (((0.05, 0.5), (0.75, 0.0), (0.75, 0.0), (0.4, 1.0)),)),
    Style(1, "upright, flag", (((0.25, 0.25), (0.55, 0.0), (0.55, 0.0), (0.55, 1.0)),)),
    Style(1, "flag and foot", (
        ((0.25, 0.25), (0.55, 0.0), (0.55, 0.0), (0.55, 1.0)), ((0.2, 1.0), (0.9, 1.0)),
    )),
    Style(1, "foot", (((0.5, 0.0), (0.5, 1.0)), ((0.2, 1.0), (0.85, 1.0)))),
    Style(1, "rounded flag", (((0.2, 0.35), (0.5, 0.03), (0.62, 0.1), (0.5, 1.0)),)),
    Style(0, "slashed", (_TALL_RING, ((0.85, 0.0), (0.15, 1.0)))),
    Style(0, "slashed inside", (_TALL_RING, ((0.75, 0.2), (0.25, 0.8)))),
    Style(4, "open", (((0.35, 0.0), (0.2, 0.6), (0.2, 0.6), (0.75, 0.6)), ((0.65, 0.35), (0.6, 1.0)))),
    Style(4, "open, rounded", (
        ((0.3, 0.0), (0.15, 0.45), (0.35, 0.6), (0.7, 0.5)), ((0.75, 0.3), (0.55, 1.0)),
    )),
    Style(4, "low bar", (((0.4, 0.0), (0.2, 0.65), (0.3, 0.8), (0.75, 0.72)), ((0.75, 0.5), (0.7, 1.0)))),
    Style(4, "one stroke", (((0.35, 0.0), (0.15, 0.6), (0.3, 0.72), (0.7, 0.5), (0.7, 0.5), (0.6, 1.0)),)),
    Style(5, "separate top", (
        ((0.25, 0.1), (0.2, 0.45), (0.55, 0.42), (0.8, 0.7), (0.5, 1.0), (0.1, 0.9)), ((0.25, 0.05), (0.85, 0.0)),
    )),
    Style(3, "hooked", (
        ((0.2, 0.2), (0.45, 0.02), (0.7, 0.15), (0.45, 0.42), (0.75, 0.7), (0.45, 1.0), (0.1, 0.88)),
    )),
    Style(3, "flat base", (
        ((0.25, 0.2), (0.45, 0.02), (0.75, 0.1), (0.55, 0.42), (0.55, 0.42), (0.8, 0.7), (0.6, 0.97), (0.05, 0.97)),
    )),
)  # fmt: skip

VARIANTS = 55
"""Drawings of each style; with 110 the model reads drawings 0.2 points better, and MNIST 0.1 points worse."""
COPIES = 3
"""How often each of them is mixed into the training images."""
MADE_UP = COPIES * VARIANTS * len(STYLES)
"""Images that these are in all."""

POINTS, TURN, SLANT, ASPECT = 0.035, 0.10, 0.12, 0.18
"""Standard deviations of a variant: each point in parts of the digit, radians, shear, and logarithm of the aspect."""
BRUSHES = 0.07, 0.14
"""The thinnest and the thickest brush, of the digit's longest side."""

_BETWEEN = 8
"""Points that a curve gets from one point to the next."""
_LONGEST, _CANVAS = 64, 92
"""Longest side of a drawing and the side of its canvas, in pixels: more would only take longer."""
_SEED, _VERSION = 0, 1


def styled_digits() -> tuple[Bytes, Bytes]:
    """Return the variants of all styles, normalised, uint8 [N, 28, 28], and their labels [N]; kept once drawn."""
    table = repr((STYLES, VARIANTS, POINTS, TURN, SLANT, ASPECT, BRUSHES, _BETWEEN, _SEED))
    file = CacheFile(
        f"styles-{_VERSION}",
        fingerprint(np.frombuffer(table.encode(), np.uint8)),
        {"images": (np.uint8, (VARIANTS * len(STYLES), SIDE, SIDE))},
    )

    def make() -> Arrays:
        return {"images": IMAGE.packed(np.concatenate([variants(style, VARIANTS) for style in STYLES]))}

    return file.kept(make)["images"], np.repeat(np.array([style.label for style in STYLES], np.uint8), VARIANTS)


def variants(style: Style, count: int, seed: int = _SEED) -> Float32s:
    """Return drawings of a style with variations, normalised, [count, 28, 28] in 0 … 1.

    Other seeds give others; 0 is that of the drawings to train on.
    """
    random = np.random.default_rng([seed, STYLES.index(style)])
    return np.stack([_drawn(style, random) for _ in range(count)])


def as_designed(style: Style) -> Float32s:
    """Return a style as its table says, normalised, [28, 28] in 0 … 1."""
    return _normalised([_through(np.array(stroke)) for stroke in style.strokes], sum(BRUSHES) / 2)


def _drawn(style: Style, random: np.random.Generator) -> Float32s:
    turn, slant, aspect = random.normal(0, (TURN, SLANT, ASPECT))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    changed = turned @ np.array([[1, -slant], [0, 1]]) @ np.diag([np.exp(aspect / 2), np.exp(-aspect / 2)])
    moved = [_jittered(np.array(stroke), random) @ changed.T for stroke in style.strokes]
    return _normalised([_through(stroke) for stroke in moved], random.uniform(*BRUSHES))


def _jittered(points: Float64s, random: np.random.Generator) -> Float64s:
    """Move the points, and both of a corner alike."""
    found = points + random.normal(0, POINTS, points.shape)
    corners = np.flatnonzero((points[1:] == points[:-1]).all(axis=1))
    found[corners + 1] = found[corners]
    return found


def _through(points: Float64s) -> Float64s:
    """Return a curve through points [n, 2], in pieces from one corner to the next."""
    corners = np.flatnonzero((points[1:] == points[:-1]).all(axis=1)) + 1
    return np.concatenate([_spline(part) for part in np.split(points, corners)])


def _spline(points: Float64s) -> Float64s:
    """Return the cubic through points [n, 2] whose slope at each is that from the one before to the one after it.

    See Catmull and Rom, "A Class of Local Interpolating Splines", 1974. Two points are joined by a straight line.
    """
    if len(points) < 3:
        return points
    # The ends go on as far beyond as their first and last parts are long.
    wide = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    before, start, end, after = (wide[place : place + len(points) - 1, None] for place in range(4))
    t = np.linspace(0, 1, _BETWEEN, endpoint=False)[:, None]
    steps = (end - before) / 2, (after - start) / 2
    curve = (
        (2 * t**3 - 3 * t**2 + 1) * start + (t**3 - 2 * t**2 + t) * steps[0]
        + (3 * t**2 - 2 * t**3) * end + (t**3 - t**2) * steps[1]
    )  # fmt: skip
    return np.concatenate([curve.reshape(-1, 2), points[-1:]])


def _normalised(strokes: list[Float64s], brush: float) -> Float32s:
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = _LONGEST / float((high - low).max())
    placed = [(stroke - (low + high) / 2) * scale + _CANVAS / 2 for stroke in strokes]
    found = prepare(draw_strokes(placed, brush * _LONGEST, _CANVAS), "normalised")
    assert found is not None
    return found
