"""Lesson 1: why a straight line cannot answer yes or no, and what softmax and cross-entropy do instead."""

import numpy as np
import streamlit as st

from lrdemo import probability
from lrdemo.lesson.source import source
from lrdemo.ui.figures import show_chart
from lrdemo.ui.lesson import charts, fever
from lrdemo.ui.lesson.page import code, lesson_page, question

FILE = "line_to_probability.py"
SCORES = (1.3, 1.2, 4.5, 4.8)
CHANCES = (0.00001, 0.0001, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 0.99999)


@st.fragment
def s_curve() -> None:
    st.header("2. The S-curve: any number becomes a probability", anchor=False)
    st.markdown(
        "The S-curve is the **logistic function**. It takes any number *y*, here called a **score**, and returns a "
        "number between 0 and 1. The letter *e* is the number 2.718…; $e^{-y}$ is large for negative *y* and nearly 0 "
        "for large *y*."
    )
    st.latex(r"\sigma(y) = \frac{1}{1 + e^{-y}}")
    y = st.slider("Score y", -8.0, 8.0, 1.0, 0.1, key="s_curve_score", persist_state="session")
    value = float(probability.sigmoid(y))
    st.latex(rf"\sigma({y:.1f}) = \frac{{1}}{{1 + {np.exp(-y):.4g}}} = {value:.4f}")
    show_chart(charts.s_curve(y), 280, "s_curve_chart")
    first, second = probability.softmax([y, 0.0])
    st.markdown(
        "With more than two answers we give **each** answer a score (next section). With exactly two, scored *y* and "
        f"0, it comes to the same: they get {first:.4f} and {second:.4f}, and the first is σ(*y*)."
    )


@st.fragment
def softmax() -> None:
    st.header("3. Softmax: many scores become probabilities", anchor=False)
    st.markdown(
        "Give each of *K* classes a score. **Softmax** raises *e* to each score, so that all are positive, and divides "
        "by their sum, so that they add up to 1. The largest score gets the largest probability. The sign Σ means "
        "*sum*."
    )
    st.latex(r"p_i = \frac{e^{\,y_i / T}}{\sum_{j=1}^{K} e^{\,y_j / T}}")
    row = st.container(horizontal=True)
    scores = [
        row.number_input(f"Score {i}", -20.0, 20.0, y, 0.1, key=f"softmax_{i}", width=150, persist_state="session")
        for i, y in enumerate(SCORES, 1)
    ]
    temperature = st.slider("Temperature T (1 = plain softmax)", 0.1, 10.0, 1.0, 0.1, key="softmax_temperature",
                            persist_state="session")  # fmt: skip
    p = probability.softmax(scores, temperature)
    show_chart(charts.probabilities(p.tolist()), 280, "softmax_chart")
    st.latex(" + ".join(f"{value:.3f}" for value in p) + rf" = {p.sum():.3f}")
    question(
        "Add 1 to all four scores. What changes?",
        "Nothing: every power grows by the same factor *e*, and the division cancels it. Only differences count.",
    )
    question(
        "What do very low and very high temperatures do?",
        "Near 0 the largest score takes everything: softmax becomes *argmax*, the place of the largest score (hence "
        "a *soft argmax*). A high temperature evens all probabilities out towards 1/4.",
    )
    code(source(probability.softmax))


@st.fragment
def cross_entropy() -> None:
    st.header("4. Cross-entropy: what a mistake costs", anchor=False)
    st.markdown(
        "Training needs one number that says how bad an answer is: the **loss**. Look at the probability *p* that the "
        "model gave to the **right** class and take −log *p*. (log is the natural logarithm: log *p* is the power to "
        "which *e* must be raised to get *p*. For *p* below 1 it is negative, so −log *p* is positive.)"
    )
    chance = st.select_slider("Probability given to the right class", CHANCES, 0.5, key="cost_chance",
                              format_func=lambda p: f"{p:.5f}".rstrip("0"), persist_state="session")  # fmt: skip
    cost = float(probability.two_class_cross_entropy(chance, 1))
    st.metric("Cost −log p", f"{cost:.5f}" if cost < 0.01 else f"{cost:.2f}")
    show_chart(charts.cost(chance), 300, "cost_chart")
    st.markdown(
        "Nearly right (0.00001 short of 1) costs 0.00001; nearly wrong (0.00001) costs **11.51**. Being sure and wrong "
        "is what costs most. As a formula, with *S* the probabilities and *L* the labels:"
    )
    st.markdown("Two classes, label *L* = 1 or 0: one of the two terms is always zero.")
    st.latex(r"-\bigl(L \log S + (1-L) \log(1-S)\bigr)")
    st.markdown("More classes: $L_i$ is 1 for the right class, 0 for the others (*one-hot*). Again one term remains.")
    st.latex(r"-\sum_{i} L_i \log S_i")
    st.markdown("Many images: the **mean** of their costs. This is the loss on the Train page.")
    question(
        "Ten classes, and the model knows nothing: each gets probability 1/10. What is the loss?",
        "−log(1/10) = log 10 = **2.303**. This is where training starts, and the reference line on the Train page.",
    )
    code(source(probability.two_class_cross_entropy, probability.cross_entropy))


with lesson_page(FILE, "After this page you know how numbers become probabilities, and what a wrong answer costs."):
    fever.section()
    s_curve()
    softmax()
    cross_entropy()
