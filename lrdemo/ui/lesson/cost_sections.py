"""The scenes of the chapter on the cost that stand below its picture: the curve, the mean over many images."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lrdemo import probability
from lrdemo.formats import fixed
from lrdemo.lesson.source import source
from lrdemo.ui import state
from lrdemo.ui.figures import show_chart
from lrdemo.ui.lesson import charts
from lrdemo.ui.lesson.drag_chart import Axis, Curve, DragChart, Handle, drag_chart
from lrdemo.ui.lesson.page import code, formulas, question, scene, step
from lrdemo.ui.lesson.predictions import answered
from lrdemo.ui.lesson.words import cost
from lrdemo.ui.run_notes import moment
from lrdemo.ui.section import following, section

CHANCES = (1e-5, 1e-4, 1e-3, *(i / 100 for i in range(1, 100)), 0.999, 0.9999, 0.99999)
"""The probabilities that the right digit can be given by hand."""


def cost_curve() -> DragChart:
    """Return the chart of −log p, with the probability of the right digit as its handle."""
    chances = np.array(CHANCES)
    costs = probability.two_class_cross_entropy(chances, 1)
    grid = np.concatenate([np.logspace(-5, -2, 60), np.linspace(0.011, 1, 150)])
    words = [
        f"Probability of the right digit: {_without_zeros(p)}. Cost: {fixed(value, 5 if value < 0.01 else 2)}"
        for p, value in zip(CHANCES, costs, strict=True)
    ]
    return DragChart(
        "What an answer costs",
        Axis("probability p of the right digit", 0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1), 1),
        Axis("cost −log p", 0, 12, (0, 2, 4, 6, 8, 10, 12)),
        Handle("Probability of the right digit", np.stack([chances, costs], axis=1), words, "red", guides=True),
        "The cost falls steeply from 11.51 at 0.00001 to 0.69 at 0.5 and 0 at 1.",
        [Curve("cost", np.stack([grid, -np.log(grid)], axis=1), "red")],
    )


def _without_zeros(chance: float) -> str:
    return fixed(chance, 5).rstrip("0")


@section
def curve() -> None:
    """Show −log p with the probability of the right digit as a handle."""
    with scene("curve") as (picture, words):
        with picture:
            drag_chart("cost_chance", cost_curve(), CHANCES.index(0.5))
        with words:
            step(
                "curve",
                "Drag the probability",
                f"{answered('mistake')} Drag the point along the curve. Giving the right digit 0.99999 costs only "
                "0.00001. Giving it only 0.00001, that is being almost certain of something false, costs **11.51**: "
                f"the {cost('cost')} punishes false certainty.",
            )


@following
def mean() -> None:
    """Show what each of 100 test images costs, and their mean."""
    seen = state.ask("lrdemo.lesson.output:read_output", batch=0)
    costs = -probability.log_softmax(seen["scores"])[np.arange(len(seen["labels"])), seen["labels"]]
    with scene("mean") as (picture, words):
        with picture:
            show_chart(charts.costs(costs), 300, "costs_chart")
        with words:
            step(
                "mean",
                "Many images, one loss",
                f"The mean of the {cost('costs')} of *m* images is the {cost('loss')} *L*: one number for how wrong "
                "the model is. On the first *m* = 100 test images your run has a loss of "
                f"**{fixed(float(costs.mean()), 3)}**, at {moment(seen['iteration'], state.run().taught)}. Once a "
                "model is good, a few images often cost more than all the others together.",
            )
            question(
                "A model knows nothing and gives each digit probability 1/10. What is its loss?",
                "−log(1/10) = log 10 = **2.303**, the line named *guessing* on the Train page. Training starts close "
                "to it.",
            )


@section
def behind() -> None:
    """Fold away the formulas of cross-entropy, and the code."""
    with formulas():
        st.markdown(
            "Cross-entropy, written with all ten targets *t*. Nine of them are 0, so only one term remains (*k* is a "
            "class, here a digit; Σ means *sum*):"
        )
        st.latex(r"-\sum_{k} t_k \log p_k")
        st.markdown("With two classes, where *p* is the probability of *t* = 1, as in chapter 1, it reads")
        st.latex(r"-\bigl(t \log p + (1-t) \log(1-p)\bigr)")
        st.markdown("The loss is the mean over the *m* images; *i* counts them:")
        st.latex(r"L = -\frac{1}{m} \sum_{i=1}^{m} \sum_{k} t_{ik} \log p_{ik}")
    code(source(probability.two_class_cross_entropy, probability.cross_entropy, probability.log_softmax,
                probability.below_largest))  # fmt: skip
