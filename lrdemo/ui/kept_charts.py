"""Runs on common axes: which lines they are, and the charts of loss and accuracy; numbers in, options out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from lrdemo.arrays import Float64s
from lrdemo.formats import fixed, percent
from lrdemo.history import smoothed, thinned
from lrdemo.serving.kept import Kept
from lrdemo.ui.charts import Chart, Option, axis, line

Axis = Literal["iterations", "epochs", "seconds"]
UNITS: dict[Axis, str] = {
    "iterations": "iteration", "epochs": "epoch", "seconds": "seconds of training on this computer",
}  # fmt: skip
COLOURS = ("#2b7bba", "#d9730d", "#2a9d6f", "#b3589a", "#8a6d00", "#d1495b", "#5f6bd6")
DASHES = ("solid", "dashed", "dotted")
MOST_POINTS = 150
LOSS_TOP = 2.6
"""Where the axis of the loss ends: a run that has gone wrong goes along its edge."""


@dataclass(frozen=True, eq=False)
class Line:
    """One run among others, with the sign that it has at the end of its line and in the table."""

    sign: str
    name: str
    run: Kept

    @property
    def label(self) -> str:
        """Return sign and name."""
        return f"{self.sign}: {self.name}"

    def across(self, iterations: Float64s, unit: Axis) -> Float64s:
        """Return iterations in this unit."""
        if unit == "epochs":
            return iterations / self.run.settings.iterations_per_epoch
        return iterations * self.run.step_seconds if unit == "seconds" else iterations


def loss(lines: Sequence[Line], unit: Axis) -> Chart:
    """Chart each run's loss on its minibatches, smoothed."""
    series, cut = [], False
    for place, one in enumerate(lines):
        losses = one.run.loss[np.isfinite(one.run.loss)]
        at = thinned(len(losses), MOST_POINTS)
        values = smoothed(losses, at)
        cut = cut or bool((values > LOSS_TOP).any())
        series.append(_series(place, one, one.across(at.astype(np.float64) + 1, unit), np.minimum(values, LOSS_TOP)))
    said = ". ".join(f"{one.label}: {fixed(_last_loss(one.run), 3)}" for one in lines)
    option = _option(series, unit, axis("loss", 34, min=0, max=LOSS_TOP))
    title = "Training loss, smoothed" + (f" (cut at {fixed(LOSS_TOP, 1)})" if cut else "")
    return Chart(title, option, f"Loss at the end of each run. {said}.")


def accuracy(lines: Sequence[Line], unit: Axis) -> Chart:
    """Chart each run's accuracy in its tests, in per cent."""
    series = []
    for place, one in enumerate(lines):
        tests = one.run.test_table[thinned(len(one.run.test_table), MOST_POINTS)].astype(np.float64)
        series.append(_series(place, one, one.across(tests[:, 0], unit), 100 * tests[:, 2]))
    lowest = min([100 * float(one.run.test_table[-1, 2]) for one in lines if len(one.run.test_table)], default=0.0)
    # The interesting part is near the top; what every run passes in its first steps may lie below.
    low = 80 if lowest > 84 else 0
    said = ". ".join(f"{one.label}: {percent(one.run.tests[-1].accuracy, 2)}" for one in lines if len(one.run.tests))
    option = _option(series, unit, axis("accuracy, %", 34, min=low, max=100))
    return Chart("Accuracy: images classified correctly, in %", option, f"Accuracy at the end of each run. {said}.")


def _last_loss(run: Kept) -> float | None:
    losses = run.loss[np.isfinite(run.loss)]
    return float(smoothed(losses, np.array([len(losses) - 1]))[0]) if len(losses) else None


def _series(place: int, one: Line, x: Float64s, y: Float64s) -> Option:
    colour = COLOURS[place % len(COLOURS)]
    drawn = line(one.label, x, y, colour, DASHES[place // len(COLOURS) % len(DASHES)])
    drawn["endLabel"] = {"show": True, "formatter": one.sign, "color": colour, "fontWeight": "bold", "fontSize": 14}
    drawn["labelLayout"] = {"moveOverlap": "shiftY"}
    drawn["emphasis"] = {"focus": "series"}
    return drawn


def _option(series: list[Option], unit: Axis, upwards: Option) -> Option:
    return {
        "grid": {"left": 50, "right": 44, "top": 12, "bottom": 44},
        "animation": False,
        "tooltip": {"trigger": "item", "formatter": "{a}"},
        "xAxis": axis(UNITS[unit], min=0),
        "yAxis": upwards,
        "series": [cast(Option, {**one, "clip": True}) for one in series],
    }
