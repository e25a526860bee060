"""Inside: the ten templates enlarged, each with its bias, and as a picture to download."""

import streamlit as st

from lrdemo.plots import templates_png
from lrdemo.ui import state
from lrdemo.ui.live import live_view
from lrdemo.ui.run_notes import moment, show_trouble
from lrdemo.ui.section import following

OF_PIXELS = (
    "Each picture is one row of W: 784 weights laid out as 28×28 pixels. A logit is the sum of ink × weight over all "
    "pixels, plus the bias."
)
OF_EDGES = (
    "Each picture is one row of W: 800 weights, for edges in 8 directions on 10×10 places. A line is one weight and "
    "lies along its edge. A logit is the sum of edge × weight over all edges, plus the bias."
)

run = state.run()


def picture() -> bytes:
    snapshot = run.snapshot()
    assert snapshot is not None
    return templates_png(snapshot.lane.parameters, f"Weights at {moment(snapshot.moment, run.taught)}")


@following
def trouble_and_download() -> None:
    show_trouble()
    st.download_button("Download as PNG", picture, "templates.png", "image/png", icon=":material/download:", key="png",
                       disabled=run.snapshot() is None)  # fmt: skip


@following
def what_is_shown() -> None:
    st.markdown(OF_EDGES if run.settings.features == "directions" else OF_PIXELS)


what_is_shown()
live_view("inside", run.token)
trouble_and_download()
