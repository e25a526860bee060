"""How far to believe the answer: the preparation in use, the threshold for "I don't know", and what each gains."""

from __future__ import annotations

from typing import cast

import streamlit as st

from lrdemo.answers.confidence import PROBABLY, SURE, drawing_factor
from lrdemo.answers.strangers import READ_OF_100
from lrdemo.features import Features
from lrdemo.formats import count, percent, short
from lrdemo.settings import DEFAULTS, FULL_SPEED
from lrdemo.ui import state
from lrdemo.ui.controls import guarded
from lrdemo.ui.draw import charts
from lrdemo.ui.figures import show_chart
from lrdemo.ui.run_notes import moment
from lrdemo.ui.section import following

SURE_RIGHT_OF_100 = 99
"""Correct of 100 drawings of digits that are called sure, rounded: `python -m lrdemo.bench.drawings`."""
DOES = {
    "pixels": "a drawing is scaled and centred as MNIST was made",
    "deskewed": "a drawing and all training images are also set upright",
    "normalised": "a drawing and all training images are also set upright and evened out in size and proportions",
    "directions": "a drawing and all training images are also set upright and evened out, and then the model gets "
    "their edges in eight directions in place of their pixels",
}
BEST: tuple[Features, bool] = ("directions", True)
ENOUGH_ITERATIONS = 3_000
RETRAIN = "Retrain to read drawings"


@following
def preparation() -> None:
    """Say how drawings are prepared for this run and what that gains."""
    settings = state.run().settings
    features = cast(Features, settings.features)
    styles = "; other ways to write are among the training images" if settings.styles else ""
    text = f"**Preparation: {features}**: {DOES[features]}{styles}. "
    reads, best = (READ_OF_100.get((settings.model, *one)) for one in ((features, settings.styles), BEST))
    if reads is not None and best is not None:
        text += f"Fully trained, such a model classifies about **{reads} of 100** strangers' drawings correctly"
        better = f"; with *directions* and *other ways to write* it would be **{best} of 100**: *{RETRAIN}* does that."
        text += better if reads < best and settings.model == "softmax" else "."
    st.markdown(text)


def training_for_drawings() -> None:
    """Offer the run that is best for drawings."""
    st.button(
        RETRAIN, icon=":material/draw:", key="train_for_drawings", on_click=guarded,
        args=(_train_for_drawings,), help=f"Starts a run on directions and other ways to write, "
        f"{count(ENOUGH_ITERATIONS)} iterations or more, at full speed. It takes about a second.",
    )  # fmt: skip


def _train_for_drawings() -> None:
    visitor = state.visitor()
    kept = {name: getattr(visitor.draft, name) for name in ("seed", "device")}
    features, styles = BEST
    iterations = max(visitor.draft.iterations, ENOUGH_ITERATIONS)
    visitor.change(
        **DEFAULTS | kept | {"features": features, "styles": styles, "iterations": iterations, "pace": FULL_SPEED}
    )
    visitor.start()


@following
def how_sure() -> None:
    """Draw the threshold and how many of the test images are answered with it, and how many of these correctly."""
    visitor = state.visitor()
    settings = visitor.run.settings
    factor = drawing_factor(cast(Features, settings.features), settings.styles, from_strokes=True)
    st.markdown(
        f"The logits of a drawing are divided by a **temperature**: {short(factor)} times the one that suits the run's "
        "own test images best. That number was measured on 6,000 drawings by 124 people, so that of the answers given "
        f"with {percent(0.8, 0)} about 80 in 100 are correct. Test images keep temperature 1.\n\n"
        f"*Sure* means {percent(SURE, 0)} or more for a digit of a usual shape: of 100 drawn digits that are called "
        f"sure, about {SURE_RIGHT_OF_100} are read correctly. *Probably* means {percent(PROBABLY, 0)} or more, "
        "*unsure* less. Beside a warning no answer is called sure.\n\n"
        "Every answer is a digit, also to a drawing of something else. Most letters and signs are warned of. Some look "
        "like digits, and this model cannot tell them apart: O, o and D from 0; I, l, | and / from 1; Z and z from 2; "
        "Y from 4; S and s from 5; b and G from 6; ) and > from 7; q and g from 9. A drawn 0 or 1 is never called sure."
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
