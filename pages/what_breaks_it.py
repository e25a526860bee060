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
from lrdemo.ui.section import section
from lrdemo.ui.server.picture import picture_of

visitor = state.visitor()
MEASURED = "prepared_in_other_ways"


def take_test_image() -> None:
    visitor.picture = picture_of(random.randrange(10_000))


def measure() -> None:
    """Measure each variant on all test images."""
    with st.spinner("Reading 10,000 images in each way …"):
        asked = "lrdemo.answers.robustness:input_lab"
        st.session_state[MEASURED] = visitor.run.taught, [state.ask(asked, variant=one.name) for one in VARIANTS]


@section
def in_other_ways() -> None:
    if st.button("Measure all of them", key="measure_all"):
        measure()
    if MEASURED not in st.session_state:
        return
    taught, found = st.session_state[MEASURED]
    names = [variant.name for variant in VARIANTS]
    st.caption(f"At {moment(found[0]['iteration'], taught)}, on all 10,000 test images.")
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
live_view("breaking", visitor.run.token, **view_data(visitor.run.settings.features))
st.button("Another test image", icon=":material/casino:", on_click=take_test_image)
with st.expander("All ways to prepare the images, side by side"):
    in_other_ways()
with st.expander("**Question.** ×255 hardly changes the accuracy. Why does the loss explode?", icon=":material/help:"):
    st.markdown(
        "All evidence becomes 255 times as large; the biases do not. The largest logit mostly stays the largest, so "
        "the answers stay the same. But softmax of such logits is 100 % sure of every answer, also of the wrong ones, "
        "and each of these costs hundreds instead of a few."
    )
