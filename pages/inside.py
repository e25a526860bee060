"""Inside: the ten templates enlarged, each with its bias, and as a picture to download."""

import streamlit as st

from lrdemo.plots import templates_png
from lrdemo.ui import state
from lrdemo.ui.live import live_view
from lrdemo.ui.run_notes import moment, show_trouble

run = state.run()


def picture() -> bytes:
    snapshot = run.snapshot()
    assert snapshot is not None
    return templates_png(snapshot.lane.parameters, f"Weights at {moment(snapshot.iteration, run.taught)}")


st.markdown(
    "**What the model has learnt.** Each picture is one row of W: 784 weights laid out as 28×28 pixels. A logit is the "
    "sum of ink × weight over all pixels, plus the bias."
)
show_trouble()
live_view("inside", run.token)
if run.snapshot() is not None:
    st.download_button("Download as PNG", picture, "templates.png", "image/png", icon=":material/download:", key="png")
