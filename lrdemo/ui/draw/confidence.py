"""How far to believe the answer: which preparation is active, the threshold for "I don't know", and what both buy."""

from __future__ import annotations

import streamlit as st

from lrdemo.answers.confidence import TEMPERATURE
from lrdemo.errors import LrdemoError
from lrdemo.settings import FULL_SPEED
from lrdemo.ui import state
from lrdemo.ui.controls import guarded
from lrdemo.ui.draw import charts
from lrdemo.ui.figures import show_chart

READ_OF_100 = {"pixels": 79, "deskewed": 83, "normalised": 87}
"""Of 100 drawings by strangers, by a linear model after 6,000 iterations: `python -m lrdemo.bench.drawings`."""
DOES = {
    "pixels": "a drawing is scaled and centred as MNIST was made",
    "deskewed": "a drawing and all training images are also set upright",
    "normalised": "a drawing and all training images are also set upright and evened out in size and proportions",
}
ENOUGH_ITERATIONS = 3_000


def preparation() -> None:
    """Say how drawings are prepared for this run and what that buys."""
    settings = state.run().settings
    text = f"**Preparation: {settings.features}**: {DOES[settings.features]}. "
    if settings.model == "softmax":
        reads, best = READ_OF_100[settings.features], READ_OF_100["normalised"]
        text += f"Fully trained, the model then reads about **{reads} of 100** strangers' drawings"
        text += "." if settings.features == "normalised" else f"; with *normalised* it would be **{best} of 100**."
    st.markdown(text)


def training_for_drawings() -> None:
    """Offer the run that is best for drawings."""
    st.button(
        "Train for drawings", icon=":material/draw:", key="train_for_drawings", on_click=guarded,
        args=(_train_for_drawings,), help=f"Starts a run with normalised features, {ENOUGH_ITERATIONS:,} "
        "iterations or more, at full speed. It takes about a second.",
    )  # fmt: skip


def _train_for_drawings() -> None:
    visitor = state.visitor()
    visitor.change(
        features="normalised",
        model="softmax",
        iterations=max(visitor.draft.iterations, ENOUGH_ITERATIONS),
        pace=FULL_SPEED,
    )
    visitor.start()


@st.fragment
def how_sure() -> None:
    """Draw the threshold and what it does to coverage and accuracy on the test images."""
    visitor = state.visitor()
    settings = visitor.run.settings
    if settings.model == "softmax":
        temperature = TEMPERATURE[settings.features]  # type: ignore[index]
        st.markdown(
            f"Softmax is too sure of drawings. Their logits are divided by a **temperature of {temperature:g}**, "
            "measured on 3,300 drawings by 30 people, so that of answers given with 80 % about 80 of 100 are right. "
            "Test images keep temperature 1. *Sure* is 90 % and more, *probably* 60 % and more, *unsure* less."
        )
    st.slider(
        "Say “I don’t know” below", 0, 99, round(100 * visitor.threshold), format="%d %%", key="threshold",
        on_change=lambda: visitor.set_threshold(st.session_state["threshold"] / 100), persist_state="session",
    )  # fmt: skip
    try:
        answers = state.ask("test_answers")
    except LrdemoError as error:
        st.warning(f"{error}")
        return
    finally:
        st.button("Refresh", icon=":material/refresh:", key="sure_refresh", help="Measure the present model again.")
    confidence, right = answers["confidence"], answers["right"]
    answered = confidence >= visitor.threshold
    with st.container(horizontal=True):
        st.metric("Answered", f"{100 * answered.mean():.1f} %", width=180)
        st.metric("Right, of those", f"{100 * right[answered].mean():.2f} %" if answered.any() else "–", width=180)
        st.metric("Right without it", f"{100 * right.mean():.2f} %", width=180)
    st.caption(f"On all 10,000 test images, at iteration {answers['iteration']:,}.")
    show_chart(charts.coverage(confidence, right, visitor.threshold), 280, "coverage_chart")
