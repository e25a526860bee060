"""The fever example of the first chapter: a line and an S-curve for nine patients, one of whom can be moved."""

from __future__ import annotations

from functools import cache

import numpy as np

from lrdemo.arrays import Float64s
from lrdemo.formats import fixed
from lrdemo.lesson import line
from lrdemo.probability import sigmoid
from lrdemo.ui.lesson.drag_chart import Axis, Band, Curve, Dots, DragChart, Handle, Line, drag_chart
from lrdemo.ui.lesson.page import question, scene, step
from lrdemo.ui.lesson.words import chances, pixels
from lrdemo.ui.section import section

OUTLIERS = np.arange(10.0, 301.0, 5.0)
"""The temperatures that the last patient can have."""
SCORES = np.arange(-80, 81) / 10
COOLEST, HOTTEST, LOWEST, HIGHEST = 0.0, 310.0, -0.5, 1.5
# Close together where the S-curve is steep.
GRID = np.concatenate([np.linspace(COOLEST, 120, 49), np.linspace(130, HOTTEST, 4)])


def place_of(places: Float64s, value: float) -> int:
    """Return which of the places of a handle has this value."""
    return int(np.abs(places - value).argmin())


def celsius(x: float) -> str:
    """Return a temperature in hundredths of a degree above 37 °C as it stands on a thermometer."""
    return f"{fixed(37 + x / 100)}\N{NO-BREAK SPACE}°C"


@section
def fever() -> None:
    """Show the nine patients and both rules; the visitor drags the last patient."""
    with scene("fever") as (picture, words):
        with picture:
            drag_chart("fever", fever_chart(), place_of(OUTLIERS, 100))
        with words:
            step(
                "patients",
                "Nine patients",
                f"Each symbol is a patient. Further right means hotter: the {pixels('temperature')} *x* counts "
                "hundredths of a degree above 37\u00a0°C, so 25 is 37.25\u00a0°C. The height is the **target** *t*, "
                "the answer we want: 1 for *fever* (triangles), 0 for *no fever* (circles). We look for a rule that "
                "turns *x* into the answer.",
            )
            step(
                "line",
                "A straight line",
                "The simplest rule is a :orange[**straight line**] (dashed): where it is above 0.5, it says *fever*. "
                "With the last patient at 100 it is correct for all nine. But its answers run into the grey bands, "
                "below 0 and above 1. An answer of 0.9 could mean “a fever, with a probability of 90\u00a0%”. What "
                "would 1.3 mean?",
            )
            step(
                "outlier",
                "One very hot patient",
                "**Drag the last patient to 300**, which is 40\u00a0°C. All nine targets are the same as before, yet "
                "the line tips over and misses three patients who have a fever. The "
                f"{chances('S-curve')} hardly moves: it was already almost certain about this patient, and has next to "
                "nothing to gain.",
            )
            question(
                "Can a lower threshold than 0.5 save the line when the last patient is at 300?",
                "Yes: at 0.35 it is correct for all nine again. But then the threshold depends on one unusual patient, "
                "and the answers are still not probabilities.",
            )
            question(
                "What happens when the last patient is at 10?",
                "Three patients now have the same temperature, two of them without a fever and one with. No rule that "
                "knows only the temperature can be correct for all three. The S-curve admits this: its answer for them "
                "is 0.17, neither 0 nor 1.",
            )


@cache
def fever_chart() -> DragChart:
    """Chart the nine patients and both rules; the last patient is the handle."""
    straight, curved, limits, missed, words = [], [], [], [], []
    for outlier in OUTLIERS:
        x, t = line.patients(outlier)
        slope, start = line.least_squares(x, t)
        w, b = line.logistic_fit(x, t)
        answers, curve = slope * x + start, sigmoid(w * x + b)
        limit = line.crossing(slope, start, line.THRESHOLD)
        straight.append([[end, slope * end + start] for end in (COOLEST, HOTTEST)])
        curved.append(np.stack([GRID, sigmoid(w * GRID + b)], axis=1))
        limits.append([[limit, LOWEST], [limit, line.THRESHOLD]])
        missed.append(np.where(line.right(answers, t)[:, None], np.nan, np.stack([x, t], axis=1)))
        words.append(
            f"Last patient: {fixed(outlier, 0)}, which is {celsius(outlier)}.\n"
            f"Straight line: {line.right(answers, t).sum()} of 9 correct, answers from {fixed(answers.min())} to "
            f"{fixed(answers.max())}.\n"
            f"S-curve: {line.right(curve, t).sum()} of 9 correct."
        )
    x, t = line.patients()
    patients = np.stack([x, t], axis=1)[:-1]
    return DragChart(
        "Nine patients, a straight line and an S-curve",
        Axis("temperature x, in hundredths of a degree above 37\N{NO-BREAK SPACE}°C", COOLEST, HOTTEST,
             (0, 50, 100, 150, 200, 250, 300)),
        Axis("answer", LOWEST, HIGHEST, (-0.5, 0, 0.5, 1, 1.5), decimals=1),
        Handle("Temperature of the last patient", np.stack([OUTLIERS, np.ones_like(OUTLIERS)], axis=1), words,
               symbol="triangle"),
        "Five patients without a fever at 1, 5, 10, 10 and 25, and four with one at 50, 70, 75 and where the last one "
        "is. A dashed straight line rises through them; an S-curve stays between 0 and 1.",
        curves=[
            Curve("straight line", np.array(straight), "orange", "dashed"),
            Curve("", np.array(limits), "orange", "dotted"),
            Curve("S-curve", np.array(curved), "blue"),
        ],
        dots=[
            Dots("missed by the line", np.array(missed), "red", "ring"),
            Dots("no fever", patients[t[:-1] < 0.5], "gray"),
            Dots("fever", patients[t[:-1] > 0.5], "text", "triangle"),
        ],
        bands=[Band(LOWEST, 0, "below 0"), Band(1, HIGHEST, "above 1")],
        lines=[Line(line.THRESHOLD, "above: “fever”")],
    )  # fmt: skip


@cache
def s_curve_chart() -> DragChart:
    """Chart the logistic function with the patients at their scores; the score is the handle."""
    x, t = line.patients()
    w, b = line.logistic_fit(x, t)
    patients = np.stack([w * x + b, t], axis=1)[np.abs(w * x + b) <= SCORES[-1]]
    heights = sigmoid(SCORES)
    words = [
        f"At {celsius((z - b) / w)} the score z is {fixed(z, 1)}.\n"
        f"σ({fixed(z, 1)}) = 1 / (1 + {fixed(np.exp(-z), 4)}) = {fixed(p, 4)}"
        for z, p in zip(SCORES, heights, strict=True)
    ]
    curve = np.stack([SCORES, heights], axis=1)
    return DragChart(
        "The logistic function σ",
        Axis("score z", SCORES[0], SCORES[-1], range(-8, 9, 2)),
        Axis("probability of a fever", -0.1, 1.1, (0, 0.5, 1), decimals=1),
        Handle("Score z", curve, words, colour="green", guides=True),
        "An S-curve from 0 at the left to 1 at the right, 0.5 at score 0.",
        curves=[Curve("S-curve", curve, "blue")],
        dots=[
            Dots("no fever", patients[patients[:, 1] < 0.5], "gray"),
            Dots("fever", patients[patients[:, 1] > 0.5], "text", "triangle"),
        ],
    )
