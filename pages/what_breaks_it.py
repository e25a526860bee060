"""Input lab: the same trained model on the same images, given in other ways."""

from typing import Any

import streamlit as st

from lrdemo import pictures
from lrdemo.answers.predict import logits
from lrdemo.answers.robustness import VARIANTS, Variant, given
from lrdemo.formats import fixed, percent, short
from lrdemo.probability import softmax
from lrdemo.ui import state
from lrdemo.ui.controls import state_of
from lrdemo.ui.draw import charts
from lrdemo.ui.figures import show_chart
from lrdemo.ui.run_notes import moment, show_run_note
from lrdemo.ui.section import section

visitor = state.visitor()


def measured() -> list[dict[str, Any]]:
    """Return what each variant gives, measured once for a state of the model."""
    snapshot = visitor.run.snapshot()
    now = snapshot and (visitor.run.token, snapshot.revision, snapshot.iteration, visitor.run.taught)
    kept = st.session_state.get("input_lab")
    if kept is None or kept[0] != now:
        with st.spinner("Reading 10,000 images in each way …"):
            kept = now, [state.ask("lrdemo.answers.robustness:input_lab", variant=variant.name) for variant in VARIANTS]
        st.session_state["input_lab"] = kept
    return kept[1]


def card(variant: Variant, found: dict[str, Any]) -> None:
    """Show one variant: the picture as the model gets it, its answer, and the figures on the test images."""
    st.markdown(f"**{variant.name.capitalize()}**")
    snapshot, shown = visitor.run.snapshot(), visitor.shown
    if shown is not None and snapshot is not None:
        image = given(shown.image, visitor.picture.ink(), variant.name)
        low, high = float(image.min()), float(image.max())
        # Drawn from its own lowest to its own highest value; the caption names them.
        grey = (image - low) / ((high - low) or 1)
        scores = logits(snapshot.lane.parameters, image.reshape(1, -1))[0]
        st.image(pictures.data_url(pictures.ink(grey, 5)), width=140, alt=f"{shown.title}, {variant.name}",
                     caption=f"{short(low, 3)} … {short(high, 3)}: read as {scores.argmax()} "
                         f"({percent(softmax(scores).max(), 0)})")  # fmt: skip
    accuracy, confidence = percent(found["accuracy"]), percent(found["confidence"])
    st.markdown(f"accuracy **{accuracy}**  \nloss **{fixed(found['loss'])}**  \nconfidence **{confidence}**")
    st.caption(variant.does)


@section
def lab() -> None:
    st.button("Refresh", icon=":material/refresh:", help="Measure the present model again.", key="lab_refresh")
    if visitor.shown is None:
        st.info("The canvas is empty. Draw a digit or take a test image on the Draw page to see it here.")
    if state_of(visitor.run) == "diverged":
        show_run_note()
        return
    found = measured()
    show_run_note()
    features = visitor.run.settings.features
    st.caption(
        f"At {moment(found[0]['iteration'], visitor.run.taught)}. Accuracy, loss (how wrong the model is: 0 = perfect, "
        "2.3 = guessing) and mean confidence are those on all 10,000 test images. The picture is the one on the Draw "
        "page."
    )
    st.caption(
        f"This model was trained on images prepared as **{features}**. Other preparations are foreign to it, even "
        "those that make a model trained on them better."
    )
    with st.container(horizontal=True, gap="small"):
        for variant, one in zip(VARIANTS, found, strict=True):
            with st.container(width=168, height=460, border=True, gap="small"):
                card(variant, one)
    names, values = [variant.name for variant in VARIANTS], [100 * one["accuracy"] for one in found]
    show_chart(charts.accuracies(names, values), 360, "input_lab_chart")


st.markdown(
    "**A model reads only what looks like its training images.** Nothing is trained here: the weights stay fixed; only "
    "the pictures are changed: inverted, not scaled, shifted or placed differently."
)
lab()
with st.expander("**Question.** ×255 hardly changes the accuracy. Why does the loss explode?", icon=":material/help:"):
    st.markdown(
        "All evidence becomes 255 times as large; the biases do not. The largest logit mostly stays the largest, so "
        "the answers stay the same. But softmax of such logits is 100 % sure of every answer, also of the wrong ones, "
        "and each of these costs hundreds instead of a few."
    )
