"""How far to believe the answer: the preparation in use, the threshold for "I don't know", and what each gains."""

from __future__ import annotations

from typing import cast

import streamlit as st

from lrdemo.answers.confidence import drawing_temperature
from lrdemo.features import Features
from lrdemo.formats import count, percent, short
from lrdemo.settings import FULL_SPEED
from lrdemo.ui import state
from lrdemo.ui.controls import guarded
from lrdemo.ui.draw import charts
from lrdemo.ui.figures import show_chart
from lrdemo.ui.run_notes import moment
from lrdemo.ui.section import following

READ_OF_100 = {"pixels": 79, "deskewed": 83, "normalised": 87}
"""Correct of 100 drawings by strangers, softmax regression, 6,000 iterations: `python -m lrdemo.bench.drawings`."""
DOES = {
    "pixels": "a drawing is scaled and centred as MNIST was made",
    "deskewed": "a drawing and all training images are also set upright",
    "normalised": "a drawing and all training images are also set upright and evened out in size and proportions",
}
ENOUGH_ITERATIONS = 3_000
RETRAIN = "Retrain to read drawings"


@following
def preparation() -> None:
    """Say how drawings are prepared for this run and what that gains."""
    settings = state.run().settings
    text = f"**Preparation: {settings.features}**: {DOES[settings.features]}. "
    if settings.model == "softmax":
        reads, best = READ_OF_100[settings.features], READ_OF_100["normalised"]
        text += f"Fully trained, the model classifies about **{reads} of 100** strangers' drawings correctly"
        if settings.features == "normalised":
            text += "."
        else:
            text += f"; with *normalised* it would be **{best} of 100**: *{RETRAIN}* does that."
    st.markdown(text)


def training_for_drawings() -> None:
    """Offer the run that is best for drawings."""
    st.button(
        RETRAIN, icon=":material/draw:", key="train_for_drawings", on_click=guarded,
        args=(_train_for_drawings,), help=f"Starts a run with normalised features, "
        f"{count(ENOUGH_ITERATIONS)} iterations or more, at full speed. It takes about a second.",
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


@following
def how_sure() -> None:
    """Draw the threshold and how many of the test images are answered with it, and how many of these correctly."""
    visitor = state.visitor()
    settings = visitor.run.settings
    if settings.model == "softmax":
        temperature = drawing_temperature(settings.model, cast(Features, settings.features))
        st.markdown(
            "On drawings the model is more confident than it should be. Their logits are divided by a **temperature of "
            f"{short(temperature)}**, measured on 3,300 drawings by 30 people, so that of the answers given with "
            f"{percent(0.8, 0)} about 80 in 100 are correct. Test images keep temperature 1. *Sure* means "
            f"{percent(0.9, 0)} or more, *probably* {percent(0.6, 0)} or more, *unsure* less."
        )
    st.slider(
        "Say “I don’t know” below", 0, 99, round(100 * visitor.threshold), format="%d %%", key="threshold",
        on_change=lambda: visitor.set_threshold(st.session_state["threshold"] / 100), persist_state="session",
    )  # fmt: skip
    with st.spinner("computing …"):
        answers = state.ask("lrdemo.answers.robustness:test_answers")
    confidence, right = answers["confidence"], answers["right"]
    answered = confidence >= visitor.threshold
    with st.container(horizontal=True):
        st.metric("Answered", percent(answered.mean()), width=180)
        st.metric("Correct among answered", percent(right[answered].mean() if answered.any() else None, 2), width=220)
        st.metric("Correct if it must always answer", percent(right.mean(), 2), width=260)
    st.caption(f"On all 10,000 test images, at {moment(answers['iteration'], visitor.run.taught)}.")
    show_chart(charts.coverage(confidence, right, visitor.threshold), 280, "coverage_chart")
