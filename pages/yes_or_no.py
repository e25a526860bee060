"""Chapter 1: why a straight line is a bad judge of yes or no, and how an S-curve makes a probability of a score."""

import streamlit as st

from lrdemo.formats import fixed
from lrdemo.lesson import line
from lrdemo.lesson.source import source
from lrdemo.probability import sigmoid
from lrdemo.ui.lesson.drag_chart import drag_chart
from lrdemo.ui.lesson.fever import SCORES, celsius, fever, place_of, s_curve_chart
from lrdemo.ui.lesson.page import chapter, code, formulas, scene, step
from lrdemo.ui.lesson.predictions import predict
from lrdemo.ui.lesson.words import chances, scores, weights
from lrdemo.ui.section import section


@section
def s_curve() -> None:
    w, b = line.logistic_fit(*line.patients())
    with scene("s_curve") as (picture, words):
        with picture:
            drag_chart("s_curve", s_curve_chart(), place_of(SCORES, 1))
        with words:
            step(
                "score",
                "First a score",
                f"The S-curve is made in two steps. The first gives each patient a {scores('score')} "
                "*z*\u00a0=\u00a0*w*\u00a0·\u00a0*x*\u00a0+\u00a0*b*, which can be any number. "
                f"The {weights('weight')} *w* says how much each hundredth of a degree counts; the {weights('bias')} "
                f"*b* shifts all scores. Here *w*\u00a0=\u00a0{fixed(w, 3)} and *b*\u00a0=\u00a0{fixed(b, 3)}: "
                f"{celsius(50)}, *x*\u00a0=\u00a050, has score {fixed(w * 50 + b, 3)}.",
            )
            step(
                "logistic",
                "Then a probability",
                f"The **logistic function** σ (*sigma*) turns the score into a {chances('probability')}:\n\n"
                "$$\\sigma(z) = \\dfrac{1}{1 + e^{-z}}$$\n\n"
                "Here *e* is the number 2.718… **Drag the score** along the curve. At score 0 the probability is 0.5. "
                "Far to the left it comes close to 0, far to the right close to 1; it never leaves this range.",
            )
            step(
                "fits",
                "How the two were found",
                "The line has the smallest sum of squared vertical distances to the targets (*least squares*). The "
                "S-curve makes the nine targets as probable as it can (*maximum likelihood*), with a small penalty on "
                "a large *w*. Without it *w* would grow without limit, and the curve would become a cliff between "
                f"{celsius(25)} and {celsius(50)}.",
            )


def behind() -> None:
    with formulas():
        st.markdown(
            "*i* counts the nine patients, Σ means *sum*, and log is the natural logarithm (chapter 5 says more about "
            "it). *start* is the line's height at *x* = 0. The line's *start* and *slope* make this as small as "
            "possible:"
        )
        st.latex(r"\sum_{i} \bigl(t_i - (\text{start} + \text{slope} \cdot x_i)\bigr)^2")
        st.markdown(
            "The S-curve gives *fever* the probability $p_i = \\sigma(w x_i + b)$, and *no fever* 1 − $p_i$. Its *w* "
            "and *b* make this as small as possible; the last term is the penalty:"
        )
        st.latex(
            r"\begin{aligned} -\frac{1}{9} \sum_{i} \bigl(&t_i \log p_i \\ + (1 - t_i) &\log(1 - p_i)\bigr)"
            r" + \frac{w^2}{2} \end{aligned}"
        )
    code(source(line.least_squares, line.logistic_fit, sigmoid))


with chapter("Does a patient have a fever, **yes or no**? And why is a straight line a bad judge of that?"):
    fever()
    s_curve()
    behind()
    predict("average")
