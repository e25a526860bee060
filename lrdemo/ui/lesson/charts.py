"""The charts of the lesson as ECharts options: numbers in, a plain dictionary out."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.lesson.line import crossing
from lrdemo.probability import sigmoid
from lrdemo.ui.lesson.page import axis

Floats = npt.NDArray[np.float64]

BLUE, ORANGE, GREEN, GREY, RED = "#2b7bba", "#d9730d", "#2a9d6f", "#8a8f98", "#d1495b"
_GRID = {"left": 24, "right": 16, "top": 16, "bottom": 24}


def fever(
    x: Floats, y: Floats, line: tuple[float, float], curve: tuple[float, float], threshold: float
) -> dict[str, Any]:
    """Draw the patients, the straight line, the S-curve, and where each of the two crosses the threshold."""
    grid = np.linspace(0, 310, 156)
    wrong = (line[0] * x + line[1] > threshold) != (y > 0.5)
    logit = float(np.log(threshold / (1 - threshold)))
    return {
        "grid": {**_GRID, "bottom": 64},
        "animation": False,
        "tooltip": {"trigger": "item", "valueFormatter": "%.2f"},
        "legend": {"bottom": 0, "data": ["no fever", "fever", "line is wrong", "straight line", "S-curve"]},
        "xAxis": axis("temperature x (made-up scale)", min=0, max=310, axisLabel={"showMaxLabel": False}),
        "yAxis": axis("answer", 34, min=-0.5, max=1.5),
        "series": [
            _line("straight line", grid, line[0] * grid + line[1], ORANGE, "dashed", crossing(*line, threshold)),
            _line("S-curve", grid, sigmoid(curve[0] * grid + curve[1]), BLUE, "solid", crossing(*curve, logit)),
            _points("line is wrong", x[wrong], y[wrong], RED, "emptyCircle", 24),
            _points("no fever", x[y < 0.5], y[y < 0.5], GREY, "circle", 11),
            _points("fever", x[y > 0.5], y[y > 0.5], GREEN, "triangle", 13),
            {
                "type": "line",
                "name": "threshold",
                "data": [[0, threshold], [310, threshold]],
                "showSymbol": False,
                "silent": True,
                "lineStyle": {"color": GREY, "width": 1.5, "type": "dotted"},
                "markArea": {
                    "silent": True,
                    "itemStyle": {"color": GREY, "opacity": 0.12},
                    "data": [[{"yAxis": -0.5}, {"yAxis": 0}], [{"yAxis": 1}, {"yAxis": 1.5}]],
                },
            },
        ],
    }  # fmt: skip


def s_curve(y: float) -> dict[str, Any]:
    """Draw the logistic function with a mark at y."""
    grid = np.linspace(-8, 8, 161)
    return {
        "grid": _GRID,
        "animation": False,
        "tooltip": {"trigger": "item", "valueFormatter": "%.4f"},
        "xAxis": axis("score y", min=-8, max=8),
        "yAxis": axis("probability", 34, min=0, max=1),
        "series": [_line("S-curve", grid, sigmoid(grid), BLUE, "solid", y), _mark(y, float(sigmoid(y)))],
    }


def cost(probability: float) -> dict[str, Any]:
    """Draw −log p with a mark at one probability, which lies at 11.51 for p = 0.00001."""
    grid, height = np.concatenate([np.logspace(-5, -2, 60), np.linspace(0.011, 1, 150)]), -float(np.log(probability))
    return {
        "grid": _GRID,
        "animation": False,
        "tooltip": {"trigger": "item"},
        "xAxis": axis("probability given to the right class", min=0, max=1),
        "yAxis": axis("cost", 34, min=0, max=12),
        "series": [_line("cost", grid, -np.log(grid), BLUE, "solid", None), _mark(probability, height)],
    }


def bars(
    names: list[str], values: list[float], name: str, unit: str, decimals: int, top: float | None = None
) -> dict[str, Any]:
    """Draw one bar per name with its value written on it."""
    return {
        "grid": {**_GRID, "top": 28},
        "animation": False,
        "xAxis": {**axis(name), "type": "category", "data": names},
        "yAxis": axis(unit, 44, min=0, **({"max": top} if top else {})),
        "series": [
            {
                "type": "bar",
                "itemStyle": {"color": BLUE},
                "label": {"show": True, "position": "top", "formatter": "{c}", "fontSize": 10},
                "data": [round(float(value), decimals) for value in values],
            }
        ],
    }


def _line(name: str, x: Floats, y: Floats, colour: str, dash: str, down: float | None) -> dict[str, Any]:
    series: dict[str, Any] = {
        "type": "line",
        "name": name,
        "data": np.stack([x, y], axis=1).round(7).tolist(),
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


def _points(name: str, x: npt.NDArray[Any], y: npt.NDArray[Any], colour: str, symbol: str, size: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "symbol": symbol,
        "symbolSize": size,
        "itemStyle": {"color": colour, **({"borderWidth": 2.5} if symbol.startswith("empty") else {})},
        "data": np.stack([x, y], axis=1).tolist(),
    }


def _mark(x: float, y: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "here",
        "symbolSize": 14,
        "itemStyle": {"color": ORANGE},
        "data": [[x, y]],
        "z": 5,
    }


def scores(values: npt.NDArray[np.floating], answer: int) -> dict[str, Any]:
    """Draw the ten scores of one image; the largest has another colour and is named."""
    named = {"label": {"formatter": "argmax\n{c}", "fontWeight": "bold", "lineHeight": 13}}
    return {
        "grid": {**_GRID, "top": 28},
        "animation": False,
        "xAxis": {**axis("digit"), "type": "category", "data": [str(digit) for digit in range(len(values))]},
        "yAxis": axis("score", 34),
        "series": [
            {
                "type": "bar",
                "label": {"show": True, "position": "top", "formatter": "{c}", "fontSize": 10},
                "data": [
                    {
                        "value": round(float(value), 2),
                        "itemStyle": {"color": ORANGE if digit == answer else BLUE},
                        **(named if digit == answer else {}),
                    }
                    for digit, value in enumerate(values)
                ],
            }
        ],
    }


def matches(counts: npt.NDArray[np.integer], chosen: int) -> dict[str, Any]:
    """Draw the matches of each batch as dots, the chosen batch larger and in another colour."""
    return {
        "grid": _GRID,
        "animation": False,
        "tooltip": {"trigger": "item"},
        "xAxis": axis("batch", min=0, max=len(counts)),
        "yAxis": axis("matches of 100", 34, min=0, max=100),
        "series": [
            {**_points("matches", np.arange(len(counts)) + 0.0, counts + 0.0, BLUE, "circle", 6)},
            {**_points("this batch", np.array([chosen + 0.0]), counts[[chosen]] + 0.0, ORANGE, "diamond", 16)},
        ],
    }
