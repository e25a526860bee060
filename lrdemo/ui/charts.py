"""What all charts are made of: plain dictionaries of ECharts options from numbers, without Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.formats import fixed

BLUE, ORANGE, GREEN, GREY, RED = "#2b7bba", "#d9730d", "#2a9d6f", "#8a8f98", "#d1495b"
GRID = {"left": 24, "right": 16, "top": 16, "bottom": 24}
TYPE = {"fontSize": 12}
"""In CSS pixels, whatever the type around it: for a projector, whole charts are enlarged (lrdemo/ui/frame.css)."""
ON_TOP = {"show": True, "position": "top", **TYPE}
"""The label of a bar; what it says is each bar's own."""

Option = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """Hold a chart's title, its ECharts option, and its content in words for those who cannot see it."""

    title: str
    option: Option
    alt: str


def axis(name: str, gap: int = 28, **details: Any) -> Option:
    """Return a value axis with its name in the middle, `gap` pixels away from it."""
    return {
        "type": "value", "name": name, "nameLocation": "middle", "nameGap": gap, "nameTextStyle": TYPE, **details,
        "axisLabel": TYPE | details.get("axisLabel", {}),
    }  # fmt: skip


def categories(name: str, names: Sequence[str], **details: Any) -> Option:
    """Return an axis with one place per name."""
    return {**axis(name, **details), "type": "category", "data": list(names)}


def line(
    name: str, x: npt.ArrayLike, y: npt.ArrayLike, colour: str, dash: str = "solid", down: float | None = None
) -> Option:
    """Return a line through the points (x, y), with a vertical line at `down` where given."""
    series: Option = {
        "type": "line",
        "name": name,
        "data": np.stack([np.asarray(x), np.asarray(y)], axis=1).round(7).tolist(),
        "showSymbol": False,
        "lineStyle": {"color": colour, "width": 3, "type": dash},
        "itemStyle": {"color": colour},
    }
    if down is not None:
        series["markLine"] = {
            "silent": True,
            "symbol": "none",
            "label": {"show": False},
            "lineStyle": {"color": colour, "type": dash, "width": 1.2},
            "data": [{"xAxis": down}],
        }
    return series


def points(name: str, x: npt.ArrayLike, y: npt.ArrayLike, colour: str, symbol: str = "circle", size: int = 6) -> Option:
    """Return the points (x, y) as symbols."""
    return {
        "type": "scatter",
        "name": name,
        "symbol": symbol,
        "symbolSize": size,
        "itemStyle": {"color": colour, "opacity": 1},
        "data": np.stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)], axis=1).tolist(),
    }


def bars(names: Sequence[str], values: Sequence[float], name: str, unit: str, decimals: int, top: float) -> Option:
    """Return one bar per name, from 0 to `top`, with its value written on it."""
    return {
        "grid": {**GRID, "top": 28},
        "animation": False,
        "xAxis": categories(name, names),
        "yAxis": axis(unit, 44, min=0, max=top),
        "series": [
            {
                "type": "bar",
                "itemStyle": {"color": BLUE},
                "label": dict(ON_TOP),
                "data": [
                    {"value": round(float(value), decimals), "label": {"formatter": fixed(float(value), decimals)}}
                    for value in values
                ],
            }
        ],
    }
