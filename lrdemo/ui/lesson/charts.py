"""The charts of the lesson: numbers in, titles, options and descriptions out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrdemo.arrays import Float32s, Float64s, Ints
from lrdemo.formats import count, fixed
from lrdemo.ui.charts import (
    BLUE,
    GREEN,
    GREY,
    GRID,
    ON_TOP,
    ORANGE,
    RED,
    Chart,
    Option,
    axis,
    bars,
    categories,
    line,
)
from lrdemo.ui.charts import points as dots


def probabilities(values: Sequence[float]) -> Chart:
    """Chart the probabilities of classes 1, 2, 3, …"""
    names = [f"class {index}" for index in range(1, len(values) + 1)]
    alt = "; ".join(f"{name}: {fixed(value, 3)}" for name, value in zip(names, values, strict=True))
    return Chart("Probabilities", bars(names, values, "", "probability", 3, 1), alt)


def class_counts(counts: Ints) -> Chart:
    """Chart how many training images there are of each digit, counts [10]."""
    names = [str(digit) for digit in range(len(counts))]
    alt = ", ".join(f"{name}: {count(number)}" for name, number in zip(names, counts, strict=True))
    return Chart("How often each digit occurs", bars(names, counts.tolist(), "digit", "training images", 0, 8000), alt)


def scores(values: Float32s, answer: int) -> Chart:
    """Chart the ten scores of one image; the answer's bar has a frame and is named."""
    # Three figures are as many as have room above the ten bars on a phone.
    decimals = 2 if np.abs(values).max() < 10 else 1 if np.abs(values).max() < 100 else 0

    def bar(digit: int, value: float) -> Option:
        words = fixed(value, decimals)
        if digit != answer:
            return {"value": value, "label": {"formatter": words}}
        named = {"formatter": f"argmax\n{words}", "fontWeight": "bold", "lineHeight": 15}
        return {"value": value, "label": named, "itemStyle": {"borderColor": GREY, "borderWidth": 3}}

    option: Option = {
        "grid": {**GRID, "top": 36},
        "animation": False,
        "xAxis": categories("digit", [str(digit) for digit in range(len(values))]),
        # The numbers stand at the bars; ECharts would write those of the axis with a hyphen for a minus.
        "yAxis": axis("score z", 12, axisLabel={"show": False}),
        "series": [
            {
                "type": "bar",
                "label": ON_TOP,
                "itemStyle": {"color": GREEN},
                "data": [bar(digit, float(value)) for digit, value in enumerate(values)],
            }
        ],
    }
    return Chart("Scores z of this image", option, f"The largest score is that of {answer}.")


def matches(counts: Ints, chosen: int) -> Chart:
    """Chart the matches in each batch of 100 as dots, the chosen batch larger and in another colour."""
    option: Option = {
        "grid": GRID,
        "animation": False,
        "tooltip": {"trigger": "item"},
        "xAxis": axis("batch", min=0, max=len(counts)),
        "yAxis": axis("matches of 100", 34, min=0, max=100),
        "series": [
            dots("matches", np.arange(len(counts)), counts, BLUE, "circle", 6),
            dots("this batch", [chosen], counts[[chosen]], ORANGE, "diamond", 16),
        ],
    }
    alt = f"From {counts.min()} to {counts.max()} of 100, {count(counts.sum())} in all."
    return Chart("Matches in each batch of 100 test images", option, alt)


def costs(values: Float64s) -> Chart:
    """Chart the cost of each image, values [m], from the highest to the lowest, with their mean."""
    ordered = np.sort(values)[::-1]
    mean = float(ordered.mean())
    option: Option = {
        "grid": GRID,
        "animation": False,
        "tooltip": {"trigger": "item"},
        "legend": {"show": False},
        "xAxis": axis("images, from the highest cost to the lowest", min=0, max=len(ordered)),
        "yAxis": axis("cost", 34, min=0),
        "series": [
            dots("cost", np.arange(1, len(ordered) + 1), ordered.round(4), RED, "circle", 6),
            line("mean: the loss", [0, len(ordered)], [mean, mean], GREY, "dashed"),
        ],
    }
    alt = (
        f"{len(ordered)} images cost from {fixed(ordered[-1], 3)} to {fixed(ordered[0], 3)}; "
        f"their mean, the loss, is {fixed(mean, 3)}."
    )
    return Chart("What each of 100 test images costs, and their mean (dashed)", option, alt)
