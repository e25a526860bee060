"""Lesson 1: why a straight line cannot answer yes or no, and what softmax and cross-entropy do instead."""

import math

import streamlit as st

from lrdemo import formats, probability
from lrdemo.lesson.source import source
from lrdemo.ui.figures import show_chart
from lrdemo.ui.lesson import charts
from lrdemo.ui.lesson.fever import fever
from lrdemo.ui.lesson.page import code, chapter, question
from lrdemo.ui.section import section

SCORES = (1.3, 1.2, 4.5, 4.8)
CHANCES = (0.00001, 0.0001, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 0.99999)


@section
def s_curve() -> None:
    st.header("2. The S-curve: any number becomes a probability", anchor=False)
    st.markdown(
        "The S-curve is the **logistic function**. It takes any number *z*, called a **score**, and returns a number "
        "between 0 and 1. *e* is the number 2.718…; $e^{-z}$ is large for negative *z* and close to 0 for large *z*."
    )
    st.latex(r"\sigma(z) = \frac{1}{1 + e^{-z}}")
    z = st.slider("Score z", -8.0, 8.0, 1.0, 0.1, key="s_curve_score", persist_state="session")
    power, value = math.exp(-z), float(probability.sigmoid(z))
    st.latex(
        rf"\sigma({formats.fixed(z, 1)}) = \frac{{1}}{{1 + {formats.fixed(power, 4).replace(',', '')}}}"
        rf" = {formats.fixed(value, 4)}"
    )
    show_chart(charts.s_curve(z), 280, "s_curve_chart")


@section
def softmax() -> None:
    st.header("3. Softmax: many scores become probabilities", anchor=False)
    st.markdown(
        "With more than two answers, each of the *K* classes gets a score. **Softmax** raises *e* to each score, which "
        "makes all of them positive, and divides by their sum (Σ means *sum*), so that they add up to 1. The largest "
        "score gets the largest probability."
    )
    st.latex(r"p_i = \frac{e^{\,z_i / T}}{\sum_{j=1}^{K} e^{\,z_j / T}}")
    row = st.container(horizontal=True)
    scores = [
        row.number_input(f"Score {i}", -20.0, 20.0, z, 0.1, key=f"softmax_{i}", width=150, persist_state="session")
        for i, z in enumerate(SCORES, 1)
    ]
    temperature = st.slider("Temperature T (1 = plain softmax)", 0.1, 10.0, 1.0, 0.1, key="softmax_temperature",
                            persist_state="session")  # fmt: skip
    p = probability.softmax(scores, temperature)
    show_chart(charts.probabilities(p.tolist()), 280, "softmax_chart")
    st.latex(" + ".join(formats.fixed(value, 3) for value in p) + f" = {formats.fixed(p.sum(), 3)}")
    first, second = (formats.fixed(value, 4) for value in probability.softmax([1.0, 0.0]))
    st.markdown(
        "With two classes, scored *z* and 0, softmax gives σ(*z*) and 1 − σ(*z*): the S-curve is softmax for two. "
        f"Scores 1 and 0, for example, become {first} and {second}."
    )
    question(
        "Add 1 to all four scores. What changes?",
        "Nothing: every power grows by the same factor (*e* when *T* = 1), and the division cancels it. Only "
        "differences count.",
    )
    question(
        "What do very low and very high temperatures do?",
        "Near 0 the largest score takes everything: softmax becomes *argmax*, which names the largest score (hence "
        "*soft argmax*). A high temperature evens the probabilities out, towards 1/4 each.",
    )
    code(source(probability.softmax, probability.below_largest))


@section
def cross_entropy() -> None:
    st.header("4. Cross-entropy: what a mistake costs", anchor=False)
    st.markdown(
        "Training needs one number that says how wrong an answer is: its **cost**. Take the probability *p* that the "
        "model gave to the **right** class; the cost is −log *p*. (log is the natural logarithm: log *p* is the power "
        "to which *e* must be raised to get *p*. It is negative for *p* below 1, so −log *p* is positive.)"
    )
    chance = st.select_slider(
        "Probability given to the right class", CHANCES, 0.5, key="cost_chance", persist_state="session",
        format_func=lambda p: formats.fixed(p, 5).rstrip("0"),
    )  # fmt: skip
    cost = float(probability.two_class_cross_entropy(chance, 1))
    st.metric("Cost −log p", formats.fixed(cost, 5 if cost < 0.01 else 2))
    show_chart(charts.cost(chance), 300, "cost_chart")
    st.markdown(
        "Giving the right class 0.99999 costs 0.00001. Giving it only 0.00001, that is being almost certain of "
        "something false, costs **11.51**. As formulas, with *p* for probabilities and *t* for the **target**:"
    )
    st.markdown("Two classes, where *p* is the probability of *t* = 1: one of the two terms is always zero.")
    st.latex(r"-\bigl(t \log p + (1-t) \log(1-p)\bigr)")
    st.markdown("More classes, where $t_i$ is 1 for the right class, else 0 (*one-hot*): again one term remains.")
    st.latex(r"-\sum_{i} t_i \log p_i")
    st.markdown("Many images: the **mean** of their costs, called the **loss** *L*. It is the loss on the Train page.")
    question(
        "Ten classes, and the model knows nothing: each gets probability 1/10. What is the loss?",
        "−log(1/10) = log 10 = **2.303**, the reference line on the Train page. Training starts close to it.",
    )
    code(source(probability.two_class_cross_entropy, probability.cross_entropy, probability.log_softmax))


with chapter("After this page you know how numbers become probabilities, and what a wrong answer costs."):
    fever()
    s_curve()
    softmax()
    cross_entropy()
