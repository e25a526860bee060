"""A chart with one handle that is moved by hand, in the chart itself: by pointer, by finger or by keyboard.

All numbers and words are worked out here, for each place that the handle can have; the script only chooses the place
nearest to the pointer and draws. So what is seen while dragging needs no answer from the server.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from lrdemo import formats
from lrdemo.arrays import Float64s
from lrdemo.ui.scripts import VIEW, joined, read

FOLDER = Path(__file__).parent
SHARPNESS = 4
"""Decimals of a coordinate where its axis is one unit long: finer than any screen."""

Colour = Literal["blue", "orange", "green", "red", "violet", "gray", "text"]
"""The theme's colours for text, which also the words of the lesson have; "text" is that of plain text."""
Symbol = Literal["circle", "triangle", "diamond", "ring"]


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high`: its name with the unit, and its ticks, labelled with their numbers or `labels`."""

    name: str
    low: float
    high: float
    ticks: Sequence[float]
    decimals: int = 0
    labels: Sequence[str] | None = None


@dataclass(frozen=True)
class Curve:
    """A line through points [M, 2], or through others for each of the N places, [N, M, 2]; NaN leaves a gap.

    One without a name is not in the legend.
    """

    name: str
    points: Float64s
    colour: Colour
    dash: Literal["solid", "dashed", "dotted"] = "solid"


@dataclass(frozen=True)
class Dots:
    """Symbols at points [K, 2], or at others for each of the N places, [N, K, 2]; one at NaN is left out."""

    name: str
    points: Float64s
    colour: Colour
    symbol: Symbol = "circle"


@dataclass(frozen=True)
class Band:
    """A grey band across the chart between two heights, with a name in it."""

    low: float
    high: float
    name: str = ""


@dataclass(frozen=True)
class Line:
    """A dotted line of reference across the chart at a height, with a name at its right end."""

    height: float
    name: str = ""


@dataclass(frozen=True)
class Handle:
    """What is moved: its name, the points [N, 2] of its places in the order of the arrow keys, and words for each.

    Lines of words are separated by a line break. The hint stands at the handle until it is moved for the first time.
    With `guides`, dotted lines lead from the handle to both axes.
    """

    name: str
    points: Float64s
    words: Sequence[str]
    colour: Colour = "text"
    symbol: Symbol = "circle"
    guides: bool = False
    hint: str = "Drag"


@dataclass(frozen=True)
class DragChart:
    """What is drawn, later curves over earlier ones; `alt` tells those who cannot see it what the chart shows.

    `height` is that of the plot in rem, without title, legend, names and words; where a large screen has room for more,
    it takes that.
    """

    title: str
    x: Axis
    y: Axis
    handle: Handle
    alt: str
    curves: Sequence[Curve] = ()
    dots: Sequence[Dots] = ()
    bands: Sequence[Band] = ()
    lines: Sequence[Line] = ()
    height: float = 18


def script() -> str:
    """Return the chart's module."""
    return joined(VIEW / "elements.js", VIEW / "closing.js", FOLDER / "drag_chart.js")


def style() -> str:
    """Return the chart's style."""
    return read(FOLDER / "drag_chart.css")


_mount = st.components.v2.component(
    "lrdemo_drag_chart", html=read(FOLDER / "drag_chart.html"), css=style(), js=script()
)


def drag_chart(key: str, chart: DragChart, start: int) -> int:
    """Draw the chart and return the place in which the handle was put down last, at first `start`.

    The place is kept for as long as `start` stays the same, also while the visitor is on other pages; another `start`
    moves the handle there. What surrounds the chart is run again each time the handle is put down.
    """
    kept = f"dragged_{key}"
    begun: int
    place: int
    begun, place = st.session_state.get(kept, (start, start))
    if begun != start or place >= len(chart.handle.points):
        place = start
    result: Any = _mount(key=key, data=described(chart) | {"start": start, "place": place}, on_place_change=_noticed)
    reported = getattr(result, "place", None)
    if isinstance(reported, int | float) and 0 <= reported < len(chart.handle.points):
        place = int(reported)
    st.session_state[kept] = start, place
    return place


def described(chart: DragChart) -> dict[str, Any]:
    """Return the chart as the script takes it; coordinates are as exact as can be seen.

    Raises ValueError where curves, dots or words do not have the handle's number of places.
    """
    handle, places = chart.handle, len(chart.handle.points)
    each = [part.points for part in chart.curves] + [part.points for part in chart.dots]
    if any(points.ndim == 3 and len(points) != places for points in each) or len(handle.words) != places:
        raise ValueError("curves, dots and words are for as many places as the handle has")

    def located(points: Float64s) -> dict[str, Any]:
        return {"x": _rounded(points[..., 0], chart.x), "y": _rounded(points[..., 1], chart.y)}

    return {
        "title": chart.title,
        "alt": chart.alt,
        "height": chart.height,
        "x": _axis(chart.x),
        "y": _axis(chart.y),
        "curves": [
            {"name": one.name, "colour": one.colour, "dash": one.dash, **located(one.points)} for one in chart.curves
        ],
        "dots": [
            {"name": one.name, "colour": one.colour, "symbol": one.symbol, **located(one.points)} for one in chart.dots
        ],
        "bands": [{"low": band.low, "high": band.high, "name": band.name} for band in chart.bands],
        "lines": [{"height": line.height, "name": line.name} for line in chart.lines],
        "handle": {
            "name": handle.name, "words": list(handle.words), "colour": handle.colour, "symbol": handle.symbol,
            "guides": handle.guides, "hint": handle.hint, **located(handle.points),
        },
    }  # fmt: skip


def _axis(axis: Axis) -> dict[str, Any]:
    labels = axis.labels or [formats.fixed(tick, axis.decimals) for tick in axis.ticks]
    ticks = list(zip(axis.ticks, labels, strict=True))
    return {"name": axis.name, "low": axis.low, "high": axis.high, "ticks": ticks}


def _rounded(values: npt.NDArray[np.float64], axis: Axis) -> Any:
    """Return coordinates as lists; those that are the same for all places only once."""
    decimals = SHARPNESS - math.floor(math.log10(axis.high - axis.low))
    if values.ndim == 2 and np.array_equal(values, np.broadcast_to(values[0], values.shape), equal_nan=True):
        values = values[0]
    rounded = np.round(values, decimals).astype(object)
    rounded[np.isnan(values)] = None
    return rounded.tolist()


def _noticed() -> None:
    """Do nothing: what surrounds the chart is run again."""
