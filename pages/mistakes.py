"""Mistakes: which digits the model takes for which others, the images, and which of them another model gets right."""

import streamlit as st

from lrdemo.ui import state
from lrdemo.ui.live import live_view
from lrdemo.ui.run_notes import show_trouble
from lrdemo.ui.section import following


@following
def trouble() -> None:
    show_trouble()


state.digits()  # Where there are none, the page ends with a sentence.
trouble()
live_view("mistakes", state.run().token)
with st.expander("**Question.** Why look at the most confident mistakes first?", icon=":material/help:"):
    st.markdown(
        "Where the model hesitates between two digits, an error is no surprise. Where it is almost certain and wrong, "
        "either the image is odd, or the model has learnt something that is not so. These mistakes also cost most: "
        "giving the right digit a probability of only 0.001 costs −log 0.001 = 6.91."
    )
