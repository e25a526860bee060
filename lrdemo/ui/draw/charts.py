"""The charts of the pages Draw and What breaks it: numbers in, titles, options and descriptions out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lrdemo.answers.confidence import coverage_and_accuracy
from lrdemo.arrays import Float32s
from lrdemo.formats import percent
from lrdemo.ui.charts import BLUE, ORANGE, Chart, Option, axis, bars, line


def coverage(confidence: Float32s, right: npt.NDArray[np.bool_], threshold: float) -> Chart:
    """Chart, in per cent, how many answers are given and how many of these are correct, by threshold from 0 to 0.99.

    confidence [N] holds the largest probability of each image, right [N] whether its answer is correct.
    """
    thresholds = np.arange(100) / 100
    answered, correct = (100 * part for part in coverage_and_accuracy(confidence, right, thresholds))
    some = answered > 0
    here = round(100 * threshold)
    option: Option = {
        "grid": {"left": 34, "right": 16, "top": 12, "bottom": 64},
        "animation": False,
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f"},
        "legend": {"bottom": 0},
        "xAxis": axis("threshold, %", min=0, max=100),
        "yAxis": axis("per cent", 32, min=10 * (min([*answered, *correct[some]]) // 10), max=100),
        "series": [
            line("answered", 100 * thresholds, answered, BLUE, "solid", here),
            line("correct among answered", 100 * thresholds[some], correct[some], ORANGE, "dashed", here),
        ],
    }
    share = (confidence >= threshold).mean()
    return Chart("Answering less, erring less", option, f"At {percent(threshold, 0)}: {percent(share)} answered.")


def accuracies(names: Sequence[str], values: Sequence[float]) -> Chart:
    """Chart the test accuracy in per cent under each way of giving the images to the model, from top to bottom."""
    option = bars(names, values, "", "accuracy, %", 1, 100)
    option["xAxis"], option["yAxis"] = option["yAxis"] | {"nameGap": 28}, option["xAxis"] | {"inverse": True}
    option["yAxis"]["axisLabel"] = {"interval": 0, "fontSize": 14}
    option["grid"] = {"left": 120, "right": 56, "top": 8, "bottom": 48}
    option["series"][0]["label"] |= {"position": "right", "fontSize": 14}
    alt = ", ".join(f"{name} {percent(value / 100, 0)}" for name, value in zip(names, values, strict=True))
    return Chart("Test accuracy in %, same model, other input", option, alt)
