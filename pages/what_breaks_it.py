"""What breaks it: the same trained model on pictures that are shifted, turned, blurred or prepared in other ways."""

import random

import streamlit as st

from lrdemo.answers.robustness import VARIANTS
from lrdemo.formats import fixed, percent
from lrdemo.ui import state
from lrdemo.ui.breaking import view_data
from lrdemo.ui.draw import charts
from lrdemo.ui.figures import show_chart, table
from lrdemo.ui.live import live_view
from lrdemo.ui.run_notes import moment
from lrdemo.ui.section import following
from lrdemo.ui.server.picture import picture_of

visitor = state.visitor()
MEASURED = "prepared_in_other_ways"


def take_test_image() -> None:
    visitor.picture = picture_of(random.randrange(10_000))


def measure() -> None:
    """Measure each variant on all test images."""
    with st.spinner("Reading 10,000 images in each way …"):
        found = state.ask("lrdemo.answers.robustness:in_all_ways")
        at = moment(found["iteration"], visitor.run.taught)
        st.session_state[MEASURED] = beginning(), at, found["ways"]


def beginning() -> int:
    """Tell the run from the ones before and after it."""
    snapshot = visitor.run.snapshot()
    return snapshot.revision if snapshot else 0


@following
def sliders() -> None:
    live_view("breaking", visitor.run.token, **view_data(visitor.run.settings.features))


@following
def in_other_ways() -> None:
    if st.button("Measure all of them", key="measure_all"):
        measure()
    measured_on, at, found = st.session_state.get(MEASURED, (None, "", []))
    if measured_on != beginning():
        return
    names = [variant.name for variant in VARIANTS]
    st.caption(f"At {at}, on all 10,000 test images.")
    show_chart(charts.accuracies(names, [100 * one["accuracy"] for one in found]), 380, "prepared_chart")
    table(
        ["prepared", "accuracy", "loss", "mean confidence", "what it is"],
        [
            [variant.name, percent(one["accuracy"]), fixed(one["loss"]), percent(one["confidence"]), variant.does]
            for variant, one in zip(VARIANTS, found, strict=True)
        ],
        left=1,
    )


visitor.leave_empty_pad()
sliders()
st.button("Another test image", icon=":material/casino:", on_click=take_test_image)
with st.expander("All ways to prepare the images, side by side"):
    in_other_ways()
with st.expander("**Question.** ×255 hardly changes the accuracy. Why does the loss explode?", icon=":material/help:"):
    st.markdown(
        "All evidence becomes 255 times as large; the biases do not. The largest logit mostly stays the largest, so "
        f"the answers stay the same. But softmax of such logits is {percent(1, 0)} sure of every answer, also of the "
        "wrong ones, and each of these costs hundreds instead of a few."
    )
