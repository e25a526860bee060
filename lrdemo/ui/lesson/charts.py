"""The charts of the lesson: numbers in, titles, options and descriptions out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrdemo.arrays import Float32s, Float64s, Ints
from lrdemo.formats import count, fixed
from lrdemo.lesson.line import crossing, right_answers
from lrdemo.probability import sigmoid
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
    legend,
    line,
    mark,
)
from lrdemo.ui.charts import points as dots

HOTTEST = 310

Line = tuple[float, float]
"""Slope and intercept; for the S-curve those of its score."""


def fever(x: Float64s, t: Float64s, straight: Line, curve: Line, threshold: float) -> Chart:
    """Chart the patients, the straight line, the S-curve, and where each of the two crosses the threshold.

    x [9] are their temperatures, t [9] their labels, 1 for fever.
    """
    grid = np.linspace(0, HOTTEST, 156)
    answers, chances = straight[0] * x + straight[1], sigmoid(curve[0] * x + curve[1])
    wrong = (answers > threshold) != (t > 0.5)
    logit = float(np.log(threshold / (1 - threshold)))
    limit = {
        "type": "line",
        "name": "threshold",
        "data": [[0, threshold], [HOTTEST, threshold]],
        "showSymbol": False,
        "silent": True,
        "lineStyle": {"color": GREY, "width": 1.5, "type": "dotted"},
        "markArea": {
            "silent": True,
            "itemStyle": {"color": GREY, "opacity": 0.12},
            "data": [[{"yAxis": -0.5}, {"yAxis": 0}], [{"yAxis": 1}, {"yAxis": 1.5}]],
        },
    }
    option: Option = {
        "grid": {**GRID, "bottom": 64},
        "animation": False,
        "tooltip": {"trigger": "item", "valueFormatter": "%.2f"},
        "legend": legend("no fever", "fever", "line is wrong", "straight line", "S-curve"),
        "xAxis": axis(
            "temperature x, hundredths of a degree above 37 °C", min=0, max=HOTTEST, axisLabel={"showMaxLabel": False}
        ),
        "yAxis": axis("answer", 34, min=-0.5, max=1.5),
        "series": [
            line("straight line", grid, straight[0] * grid + straight[1], ORANGE, "dashed",
                 crossing(*straight, threshold)),
            line("S-curve", grid, sigmoid(curve[0] * grid + curve[1]), BLUE, "solid", crossing(*curve, logit)),
            dots("line is wrong", x[wrong], t[wrong], RED, "emptyCircle", 24),
            dots("no fever", x[t < 0.5], t[t < 0.5], GREY, "circle", 11),
            dots("fever", x[t > 0.5], t[t > 0.5], GREEN, "triangle", 13),
            limit,
        ],
    }  # fmt: skip
    alt = (
        f"Nine patients. At threshold {fixed(threshold)} the straight line is correct for "
        f"{right_answers(answers, t, threshold)} of 9, the S-curve for {right_answers(chances, t, threshold)} of 9. "
        f"The line's answers range from {fixed(answers.min())} to {fixed(answers.max())}."
    )
    return Chart("Line and S-curve for the same nine patients", option, alt)


def s_curve(score: float) -> Chart:
    """Chart the logistic function with a mark at one score."""
    grid, value = np.linspace(-8, 8, 161), float(sigmoid(score))
    option: Option = {
        "grid": GRID,
        "animation": False,
        "tooltip": {"trigger": "item", "valueFormatter": "%.4f"},
        "xAxis": axis("score z", min=-8, max=8),
        "yAxis": axis("probability", 34, min=0, max=1),
        "series": [line("S-curve", grid, sigmoid(grid), BLUE, "solid", score), mark(score, value)],
    }
    return Chart("Logistic function", option, f"At score {fixed(score, 1)} the logistic function is {fixed(value, 4)}.")


def cost(probability: float) -> Chart:
    """Chart −log p with a mark at one probability; it ends at 11.51 for p = 0.00001."""
    grid, height = np.concatenate([np.logspace(-5, -2, 60), np.linspace(0.011, 1, 150)]), -float(np.log(probability))
    option: Option = {
        "grid": GRID,
        "animation": False,
        "tooltip": {"trigger": "item"},
        "xAxis": axis("probability given to the right class", min=0, max=1),
        "yAxis": axis("cost", 34, min=0, max=12),
        "series": [line("cost", grid, -np.log(grid), BLUE), mark(probability, height)],
    }
    here = f"Probability {fixed(probability, 5)} costs {fixed(height, 5)}."
    return Chart("Cost of an answer", option, f"{here} The cost falls from 11.51 at 0.00001 to 0 at 1.")


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
    """Chart the ten scores of one image; the answer's bar has another colour and is named."""
    named = {"label": {"formatter": "argmax\n{c}", "fontWeight": "bold", "lineHeight": 15}}
    # Three figures are as many as have room above the ten bars on a phone.
    decimals = 2 if np.abs(values).max() < 10 else 1 if np.abs(values).max() < 100 else 0
    option: Option = {
        "grid": {**GRID, "top": 36},
        "animation": False,
        "xAxis": categories("digit", [str(digit) for digit in range(len(values))]),
        "yAxis": axis("score", 34),
        "series": [
            {
                "type": "bar",
                "label": ON_TOP,
                "data": [
                    {
                        "value": round(float(value), decimals),
                        "itemStyle": {"color": ORANGE if digit == answer else BLUE},
                        **(named if digit == answer else {}),
                    }
                    for digit, value in enumerate(values)
                ],
            }
        ],
    }
    return Chart("Scores (logits) of this image", option, f"The largest score is that of {answer}.")


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
    """Chart the cost of each image, values [m], from the dearest to the cheapest, with their mean."""
    ordered = np.sort(values)[::-1]
    mean = float(ordered.mean())
    option: Option = {
        "grid": GRID,
        "animation": False,
        "tooltip": {"trigger": "item"},
        "legend": {"show": False},
        "xAxis": axis("images, from the dearest to the cheapest", min=0, max=len(ordered)),
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
