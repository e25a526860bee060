"""Input lab: the same trained model on the same images, given in other ways."""

from typing import Any

import streamlit as st

from lrdemo import pictures
from lrdemo.answers.predict import logits
from lrdemo.answers.robustness import VARIANTS, Variant, given
from lrdemo.errors import LrdemoError
from lrdemo.probability import softmax
from lrdemo.ui import state
from lrdemo.ui.draw import charts
from lrdemo.ui.figures import show_chart

visitor = state.visitor()


def measured() -> list[dict[str, Any]]:
    """Return what each variant gives, measured once for a state of the model."""
    snapshot = visitor.run.snapshot()
    now = snapshot and (visitor.run.token, snapshot.revision, snapshot.iteration, visitor.run.taught)
    kept = st.session_state.get("input_lab")
    if kept is None or kept[0] != now:
        with st.spinner("Reading 10,000 images in each way …"):
            kept = now, [state.ask("input_lab", variant=variant.name) for variant in VARIANTS]
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
                 caption=f"{low:.3g} … {high:.3g}: read as {scores.argmax()} ({100 * softmax(scores).max():.0f} %)"
                 .replace("-", "−"))  # fmt: skip
    accuracy, confidence = 100 * found["accuracy"], 100 * found["confidence"]
    st.markdown(f"accuracy **{accuracy:.1f} %**  \nloss **{found['loss']:.2f}**  \nconfidence **{confidence:.1f} %**")
    st.caption(variant.does)


@st.fragment
def lab() -> None:
    st.button("Refresh", icon=":material/refresh:", help="Measure the present model again.")
    if visitor.shown is None:
        st.info("The canvas is empty. Draw a digit or take a test image on the page Draw to see it here in each way.")
    try:
        found = measured()
    except LrdemoError as error:
        st.warning(f"{error}")
        return
    if not found[0]["iteration"]:
        st.info("This model is untrained, so every row is a guess. Press Start, then Refresh.")
    st.caption(
        f"At iteration {found[0]['iteration']:,}, features {visitor.run.settings.features}. Accuracy, loss (mean cross-"
        "entropy, in nats) and mean confidence are of all 10,000 test images. The picture is the one of the page Draw."
    )
    with st.container(horizontal=True, gap="small"):
        for variant, one in zip(VARIANTS, found, strict=True):
            with st.container(width=168, height=460, border=True, gap="small"):
                card(variant, one)
    names, values = [variant.name for variant in VARIANTS], [100 * one["accuracy"] for one in found]
    show_chart(charts.accuracies(names, values), 360, "input_lab_chart")


st.title("Input lab", anchor=False)
st.markdown(
    "**A model reads only what looks like its training images.** Here nothing is trained: the same weights get the "
    "same images, inverted, unscaled, moved or placed otherwise."
)
lab()
with st.expander("**Question.** ×255 hardly changes the accuracy. Why does the loss explode?", icon=":material/help:"):
    st.markdown(
        "All evidence grows 255 times while the biases stay. The largest logit mostly stays the largest, so the "
        "answers stay. But softmax of such logits is 100 % sure of each answer, also of the wrong ones, and each of "
        "those costs hundreds of nats instead of a few."
    )
