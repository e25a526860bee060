"""The fever example of the lesson: a line and an S-curve for nine patients, with an outlier to move."""

from __future__ import annotations

import streamlit as st

from lrdemo import probability
from lrdemo.lesson import line
from lrdemo.lesson.source import source
from lrdemo.ui.figures import show_chart
from lrdemo.ui.lesson import charts
from lrdemo.ui.lesson.page import code, question


@st.fragment
def section() -> None:
    """Show the nine patients with both rules; the visitor moves the last patient and the threshold."""
    st.header("1. A question with two answers", anchor=False)
    st.markdown(
        "Nine patients, each with a temperature *x* (on a made-up scale) and a label *y*: **1 = fever, 0 = no fever**. "
        "We want a rule that turns *x* into an answer. Two candidates: a **straight line** and an **S-curve**. "
        "A patient *has fever* if the answer lies above the **threshold**. Move the last patient and the threshold."
    )
    left, right = st.columns(2)
    outlier = left.slider(
        "Temperature of the last patient", 10, 300, 100, 5, key="fever_outlier", persist_state="session"
    )
    threshold = right.slider("Threshold", 0.05, 0.95, 0.5, 0.05, key="fever_threshold", persist_state="session")
    x, y = line.patients(outlier)
    straight, curve = line.least_squares(x, y), line.logistic_fit(x, y)
    answers, chances = straight[0] * x + straight[1], probability.sigmoid(curve[0] * x + curve[1])
    right_line, right_curve = (line.right_answers(values, y, threshold) for values in (answers, chances))
    show_chart(charts.fever(x, y, straight, curve, threshold), 420, "fever_chart")
    left, right = st.columns(2)
    left.metric("Straight line", f"{right_line} of 9 right")
    left.caption(f"Its answers go from {answers.min():.2f} to {answers.max():.2f}.")
    right.metric("S-curve", f"{right_curve} of 9 right")
    right.caption(f"Its answers go from {chances.min():.3f} to {chances.max():.3f}.")
    st.markdown(
        "- **Problem 1.** The line runs into the grey bands: below 0 and above 1. Such an answer is no probability.\n"
        "- **Problem 2.** Move the last patient to 300. Nobody's fever has changed, yet the line tips over and now "
        "misses the patients at 50, 70 and 75. The S-curve hardly moves: a patient far on the right side costs it "
        "nothing."
    )
    question(
        "Can a lower threshold save the line when the last patient is at 300?",
        "Yes: at 0.35 it is right for all nine again. But then the threshold depends on one odd patient, and the "
        "answers are still not probabilities.",
    )
    question(
        "What happens with the last patient at 10?",
        "Three patients now have the same temperature 10, two healthy and one ill. No rule that sees only the "
        "temperature can get all three right; the S-curve says so with an answer between 0 and 1.",
    )
    code(source(line.least_squares, line.logistic_fit))
