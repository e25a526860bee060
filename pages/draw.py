"""Draw: a drawn digit, what the model gets of it, what it answers, why, how sure it is, and how to teach it."""

import random

import streamlit as st

from lrdemo.ui import state
from lrdemo.ui.draw import canvas
from lrdemo.ui.draw.confidence import how_sure, preparation, training_for_drawings
from lrdemo.ui.draw.teaching import teach
from lrdemo.ui.live import live_view
from lrdemo.ui.section import section
from lrdemo.ui.server.picture import picture_of

visitor = state.visitor()


def take_test_image() -> None:
    visitor.picture = picture_of(st.session_state["test_image"])


def take_any_test_image() -> None:
    st.session_state["test_image"] = random.randrange(10_000)
    take_test_image()


drawn_for = visitor.shown_version


@section
def board() -> None:
    canvas.drawing_canvas()
    st.button("Clear", icon=":material/delete:", key="clear", on_click=canvas.clear)
    if visitor.shown_version != drawn_for:
        # The answer is pushed to the browser already; now the sections below follow.
        st.rerun()


st.markdown("**Draw a digit** with mouse, pen or finger. The model answers at once, also while it is being trained.")
left, right = st.columns([2, 3], gap="large")
with left:
    board()
with right:
    live_view("answer", visitor.run.token)
with st.container(horizontal=True, vertical_alignment="bottom"):
    # Without a default value, which would contradict the number that the button below puts into the session.
    st.number_input("Or take a test image (0 to 9,999)", 0, 9_999, key="test_image", width=260,
                    on_change=take_test_image)  # fmt: skip
    st.button("Any test image", icon=":material/casino:", key="any_test_image", on_click=take_any_test_image)
    training_for_drawings()
preparation()
tabs = st.tabs(["How sure?", "Teach it my handwriting"], key="draw_sections", on_change="rerun")
for tab, draw_section in zip(tabs, (how_sure, teach), strict=True):
    if tab.open:
        with tab:
            draw_section()
