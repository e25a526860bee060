"""The fever example of the first lesson: a line and an S-curve for nine patients, one of whom can be moved."""

from __future__ import annotations

import streamlit as st

from lrdemo import formats, probability
from lrdemo.lesson import line
from lrdemo.lesson.source import source
from lrdemo.ui.figures import show_chart
from lrdemo.ui.lesson import charts
from lrdemo.ui.lesson.page import code, question
from lrdemo.ui.section import section


@section
def fever() -> None:
    """Show the nine patients and both rules; the visitor moves the last patient and the threshold."""
    st.header("1. A question with two answers", anchor=False)
    st.markdown(
        "Nine patients, each with a temperature *x* in hundredths of a degree above 37\u00a0°C (25 is 37.25\u00a0°C) "
        "and a label *t*: **1 = fever, 0 = no fever**. We want a rule that turns *x* into an answer. Two candidates: a "
        "**straight line** and an **S-curve**. Above the **threshold** the answer counts as *fever*. Move the last "
        "patient and the threshold."
    )
    left, right = st.columns(2)
    outlier = left.slider(
        "Temperature x of the last patient", 10, 300, 100, 5, key="fever_outlier", persist_state="session"
    )
    threshold = right.slider("Threshold", 0.05, 0.95, 0.5, 0.05, key="fever_threshold", persist_state="session")
    x, t = line.patients(outlier)
    straight, curve = line.least_squares(x, t), line.logistic_fit(x, t)
    show_chart(charts.fever(x, t, straight, curve, threshold), 420, "fever_chart")
    answers, chances = straight[0] * x + straight[1], probability.sigmoid(curve[0] * x + curve[1])
    for column, name, values in zip(st.columns(2), ("Straight line", "S-curve"), (answers, chances), strict=True):
        column.metric(name, f"{line.right_answers(values, t, threshold)} of 9 correct")
        column.caption(
            f"Its answers range from {formats.fixed(values.min(), 3)} to {formats.fixed(values.max(), 3)}."
        )
    st.markdown(
        "Both rules were fitted to the nine labels: the line has the smallest sum of squared distances to them "
        "(*least squares*), the S-curve makes them most probable (*maximum likelihood*), with a small penalty on its "
        "slope, since it would otherwise become a cliff between the two groups."
    )
    st.markdown(
        "- **Problem 1.** The line runs into the grey bands, below 0 and above 1. Such an answer is not a "
        "probability.\n"
        "- **Problem 2.** Move the last patient to 300, which is 40\u00a0°C. No patient has changed from healthy to "
        "ill, yet the line tips over and now misses the patients at 50, 70 and 75. The S-curve hardly moves: a patient "
        "far on the correct side costs it next to nothing."
    )
    question(
        "Can a lower threshold save the line when the last patient is at 300?",
        "Yes: at 0.35 it is correct for all nine again. But then the threshold depends on one unusual patient, and the "
        "answers are still not probabilities.",
    )
    question(
        "What happens when the last patient is at 10?",
        "Three patients now have the same temperature, two of them healthy and one ill. No rule that sees only the "
        "temperature can be correct for all three. The S-curve admits it: its answer for them is neither 0 nor 1.",
    )
    code(source(line.least_squares, line.logistic_fit))
