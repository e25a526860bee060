"""From what the visitor drew to the 28x28 numbers of the model, and plain findings about the drawing itself.

The ink is found on any background, its strokes are brought near one width (or drawn again where the pointer's
path is known), then `lrdemo.features` places it. NumPy only, a few milliseconds a drawing; nothing here
predicts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Bytes, Float32s, Float64s
from lrdemo.features import (
    Features,
    Placement,
    Prepared,
    cut_out,
    inputs,
    moments,
    prepare_with_way_back,
    resample,
    scale_and_shift,
    way_back,
)

Stroke = npt.NDArray[Any] | Sequence[Sequence[float]]

FAINTEST = 16
"""Largest difference from the background, of 255, that still counts as an empty canvas."""
BRUSH = 0.10
"""Brush of a drawing drawn again, of its longest side; 0.12 reads "normalised" 0.6 points worse."""

_FRAME = 88
_FRAME_RADIUS = 16.0
_EVEN_WIDTH = 0.26 * _FRAME_RADIUS
_EVEN_PART = 0.6
"""The width aimed at and how far to go there; 0.22 … 0.30 and 0.5 … 0.7 read within 0.3 points of this."""
_REDRAWN_SIDE, _REDRAWN_CANVAS = 160.0, 280
_POINT_DISTANCE = 2.0
_PIXELS_AT_ONCE = 1 << 15
"""Segments are drawn together until their windows have so many pixels; more no longer fit the processor's cache."""
_SMALL = 0.12
_FILLED = 7 / 20
_COARSE = 70


class Finding(Enum):
    """What is odd about a drawing, before any model sees it."""

    BLANK = "blank"
    TOO_SMALL = "too small"
    FILLED = "a filled shape"
    SEVERAL = "several digits"


@dataclass(frozen=True, eq=False)
class Even:
    """A drawing in strokes of one width, ink [H, W], and the map [3, 3] from there back to where it was drawn."""

    ink: Bytes | Float32s
    back: Float64s

    def prepared(self, features: Features) -> Prepared | None:
        """Return it put in its place as these features do it, with the way back to where it was drawn."""
        found = prepare_with_way_back(self.ink, features)
        return found and found.then(self.back)


@dataclass(frozen=True, eq=False)
class Given:
    """A drawing put in its place, what the model gets of it [D], and its edges [800], by which a digit is known."""

    placed: Prepared
    inputs: Float32s
    edges: Float32s


def given(placed: Callable[[Features], Prepared | None], features: Features) -> Given | None:
    """Return what is looked at of a drawing that can be placed as any features do it; None for a blank one."""
    found = placed(features)
    normalised = found if features in ("normalised", "directions") else placed("normalised")
    if found is None or normalised is None:
        return None
    numbers = inputs(found.image[None], features)[0]
    edges = numbers if features == "directions" else inputs(normalised.image[None], "directions")[0]
    return Given(found, numbers, edges)


def digit_from_rgba(
    rgba: Bytes, features: Features = "pixels", *, strokes: Sequence[Stroke] | None = None
) -> Float32s | None:
    """Return the drawing on a canvas [H, W, 4] as [28, 28] in 0 … 1, or None where the canvas is blank.

    `strokes` are the pointer's paths, [n, 2] each, x and y in canvas pixels with y downwards: where they are
    given the digit is drawn again from them, which takes brush, blots and cut edges out of the picture.
    """
    even = even_from_rgba(rgba, strokes=strokes)
    found = None if even is None else even.prepared(features)
    return None if found is None else found.image


def even_from_rgba(rgba: Bytes, *, strokes: Sequence[Stroke] | None = None) -> Even | None:
    """Return the drawing on a canvas, or drawn again from its strokes, as every preparation starts from it.

    None where the canvas is blank. The way back leads to the strokes' pixels, or else to those of the canvas.
    """
    ink = ink_from_rgba(rgba)
    if not ink.any():
        return None
    if strokes is not None and any(len(stroke) for stroke in strokes):
        return even_from_strokes(strokes)
    return Even(*_even_stroke(ink))


def even_from_strokes(strokes: Sequence[Stroke]) -> Even:
    """Return the digit drawn again from the pointer's paths, not all empty, with the way back to their pixels."""
    return Even(*_redraw(strokes, BRUSH))


def ink_from_rgba(rgba: Bytes) -> Bytes:
    """Return how far each pixel of [H, W, 4] is from the background, [H, W], 0 … 255; all 0 where blank.

    The background is the median colour of the border, its alpha included, so white on black, black on white
    and strokes on a transparent canvas are all the same ink.
    """
    colour = rgba
    if rgba[:, :, 3].min() < 255:
        colour = rgba.copy()
        colour[:, :, :3] = rgba[:, :, :3].astype(np.uint16) * rgba[:, :, 3:] // 255
    border = np.concatenate([colour[0], colour[-1], colour[:, 0], colour[:, -1]])
    background = np.median(border, axis=0).astype(np.uint8)
    # In whole rows of bytes, five times as fast: this is done with every touch of the pen.
    height, width, _ = rgba.shape
    rows, paper = colour.reshape(height, -1), np.tile(background, width)
    away = np.maximum(rows, paper) - np.minimum(rows, paper)
    red, green, blue, alpha = (away[:, channel::4] for channel in range(4))
    ink = np.maximum(np.maximum(red, green), np.maximum(blue, alpha))
    return np.zeros_like(ink) if ink.max() <= FAINTEST else ink


def findings(rgba: Bytes) -> tuple[Finding, ...]:
    """Return what is odd about the drawing on a canvas [H, W, 4]; nothing for an ordinary digit."""
    ink = ink_from_rgba(rgba)
    if not ink.any():
        return (Finding.BLANK,)
    solid, _, _ = cut_out(ink >= 0.5 * ink.max())
    found = []
    if max(solid.shape) < _SMALL * min(ink.shape):
        found.append(Finding.TOO_SMALL)
    if stroke_width(solid.astype(np.float32)) > _FILLED * max(solid.shape):
        found.append(Finding.FILLED)
    if _several_side_by_side(solid):
        found.append(Finding.SEVERAL)
    return tuple(found)


def draw_strokes(strokes: Sequence[Stroke], brush: float, size: int = 280) -> Bytes:
    """Return the strokes white on black [size, size], drawn with a round brush `brush` pixels wide.

    A pixel is white where its centre lies within the brush of a segment; the edge is one pixel soft
    (anti-aliased).
    """
    paths = [np.asarray(stroke, np.float64).reshape(-1, 2) for stroke in strokes if len(stroke)]
    squared = np.full((size, size), np.inf, np.float32)
    if paths:
        starts = np.concatenate([path[:-1] if len(path) > 1 else path for path in paths])
        ends = np.concatenate([path[1:] if len(path) > 1 else path for path in paths])
        _come_nearer(squared, starts, ends, brush / 2 + 1)
    ink = np.clip(brush / 2 + 0.5 - np.sqrt(squared), 0, 1)
    return np.rint(255 * ink).astype(np.uint8)


def _come_nearer(squared: Float32s, starts: Float64s, ends: Float64s, reach: float) -> None:
    """Lower squared distances [H, H] to those from segments [n, 2], as far as these reach; many segments at once."""
    size = len(squared)
    low = np.clip((np.minimum(starts, ends) - reach).astype(int), 0, size)
    windows = np.clip((np.maximum(starts, ends) + reach).astype(int) + 1, 0, size) - low
    areas = windows.prod(axis=1)
    order = np.argsort(areas, kind="stable")
    order = order[areas[order] > 0]
    while len(order):
        many = max(1, int(np.searchsorted(np.arange(1, len(order) + 1) * areas[order], _PIXELS_AT_ONCE)))
        chunk, order = order[:many], order[many:]
        width, height = window = windows[chunk].max(axis=0)
        corners = np.minimum(low[chunk], size - window)
        towards = ends[chunk] - starts[chunk]
        lengths = np.maximum((towards**2).sum(axis=1), 1e-12).astype(np.float32)[:, None, None]
        dx, dy = towards.T.astype(np.float32)[:, :, None, None]
        x, y = starts[chunk].T.astype(np.float32)[:, :, None]
        to_x = (corners[:, :1] + np.arange(width) + np.float32(0.5)).astype(np.float32) - x
        to_y = (corners[:, 1:] + np.arange(height) + np.float32(0.5)).astype(np.float32) - y
        to_x, to_y = to_x[:, None, :], to_y[:, :, None]
        along = np.clip((to_x * dx + to_y * dy) / lengths, 0, 1)
        found = (to_x - along * dx) ** 2 + (to_y - along * dy) ** 2
        for (left, top), one in zip(corners.tolist(), found, strict=True):
            part = squared[top : top + height, left : left + width]
            np.minimum(part, one, out=part)


def redraw(strokes: Sequence[Stroke], brush: float = BRUSH) -> Bytes:
    """Return the strokes [280, 280] centred, the longest side of their path 160 pixels, drawn with one brush.

    `brush` is a part of that side. Points nearer than 2 pixels to the one before are left out.
    """
    return _redraw(strokes, brush)[0]


def _redraw(strokes: Sequence[Stroke], brush: float) -> tuple[Bytes, Float64s]:
    """Return the strokes drawn again, and the map [3, 3] from there back to where they were drawn."""
    paths = [np.asarray(stroke, np.float64).reshape(-1, 2) for stroke in strokes if len(stroke)]
    points = np.concatenate(paths)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = _REDRAWN_SIDE / max(float((high - low).max()), 1e-6)
    placed = [(path - (low + high) / 2) * scale + _REDRAWN_CANVAS / 2 for path in paths]
    back = scale_and_shift(1 / scale, *((low + high - _REDRAWN_CANVAS / scale) / 2))
    return draw_strokes([_thinned(path) for path in placed], brush * _REDRAWN_SIDE, _REDRAWN_CANVAS), back


def even_stroke(ink: npt.NDArray[Any]) -> Float32s:
    """Return ink [H, W] (not blank) as [88, 88] in 0 … 1 with its strokes most of the way to one usual width.

    The digit is scaled to one size (root of the summed second moments), then its outline moves by the same
    distance everywhere: in where strokes are thick, out where they are thin. Going all the way would break
    thin places.
    """
    return _even_stroke(ink)[0]


def _even_stroke(ink: npt.NDArray[Any]) -> tuple[Float32s, Float64s]:
    """Return the ink with even strokes, and the map [3, 3] from there back to the ink as it was."""
    cut, top, left = cut_out(ink)
    batch = np.asarray(cut / cut.max(), np.float32)[None]
    m = moments(batch)
    scale = _FRAME_RADIUS / np.sqrt(m.vx + m.vy)
    placement = Placement(m.cy, m.cx, 0 * scale, scale, scale)
    framed = resample(batch, placement, _FRAME, _FRAME / 2)[0]
    framed = framed / framed.max()
    outward = _EVEN_PART * (_EVEN_WIDTH - stroke_width(framed)) / 2
    even = _grown(framed, outward) if outward > 0 else 1 - _grown(1 - framed, -outward)
    back = scale_and_shift(1, left, top) @ way_back(placement, _FRAME / 2)
    return np.asarray(even if even.max() > 0.5 else framed, np.float32), back


def stroke_width(ink: Float32s) -> float:
    """Return the mean width in pixels of strokes [H, W] in 0 … 1: twice the area by the outline's length."""
    padded = np.pad(ink, 1)
    across = padded[1:-1, 2:] - padded[1:-1, :-2]
    down = padded[2:, 1:-1] - padded[:-2, 1:-1]
    outline = 0.5 * float(np.sqrt(across * across + down * down).sum())
    return 2 * float(ink.sum()) / max(outline, 1e-6)


def _thinned(path: Float64s) -> Float64s:
    points = path.tolist()  # Plain numbers: NumPy takes ten times as long for each point.
    x, y = points[0]
    kept = [points[0]]
    for point in points[1:]:
        if abs(point[0] - x) + abs(point[1] - y) >= _POINT_DISTANCE:
            x, y = point
            kept.append(point)
    return np.array([*kept, points[-1]])


def _grown(ink: Float32s, by: float) -> Float32s:
    """Return ink [H, W] in 0 … 1 with its outline moved out by `by` pixels, parts of a pixel included.

    Grey dilation with a cone: the largest ink(p + o) + by − |o| over offsets o, so that for `by` = 0 the ink
    stays as it is. Faint ink counts at most four times itself, or the empty background would grow as well.
    """
    height, width = ink.shape
    reach = int(np.ceil(by + 1))
    padded = np.pad(ink, reach)
    most = 4 * padded
    grown = ink
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            gain = np.float32(by - np.hypot(dy, dx))
            if gain > -1:
                there = slice(reach + dy, reach + dy + height), slice(reach + dx, reach + dx + width)
                grown = np.maximum(grown, np.minimum(padded[there] + gain, most[there]))
    return np.asarray(np.minimum(grown, 1), np.float32)


def _several_side_by_side(solid: npt.NDArray[np.bool_]) -> bool:
    """Return whether two pieces of ink, each at least half as high as all of it, stand side by side."""
    block = max(1, -(-max(solid.shape) // _COARSE))
    height, width = (-(-length // block) for length in solid.shape)
    padded = np.zeros((height * block, width * block), bool)
    padded[: solid.shape[0], : solid.shape[1]] = solid
    coarse = np.asarray(padded.reshape(height, block, width, block).any(axis=(1, 3)))
    high = [box for box in _component_boxes(coarse) if box[1] - box[0] >= height / 2]
    return any(first[3] <= second[2] or second[3] <= first[2] for first, second in combinations(high, 2))


def _component_boxes(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int, int, int]]:
    """Return (top, bottom, left, right) of each 8-connected component, ends excluded; runs and union-find."""
    steps = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))))
    rows, starts = np.nonzero(steps == 1)
    _, ends = np.nonzero(steps == -1)
    runs = list(zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True))
    parent = list(range(len(runs)))

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    above = 0
    for run, (row, start, end) in enumerate(runs):
        while runs[above][0] < row - 1:
            above += 1
        other = above
        while runs[other][0] < row:
            if runs[other][1] <= end and start <= runs[other][2]:
                parent[root(other)] = root(run)
            other += 1
    boxes: dict[int, tuple[int, int, int, int]] = {}
    for run, (row, start, end) in enumerate(runs):
        top, bottom, left, right = boxes.get(root(run), (row, row, start, end))
        boxes[root(run)] = min(top, row), max(bottom, row + 1), min(left, start), max(right, end)
    return list(boxes.values())
