"""Draw: a drawn digit, what the model gets of it, what it answers, why, how sure it is, and how to teach it."""

import streamlit as st

from lrdemo.ui import state
from lrdemo.ui.draw import canvas, images
from lrdemo.ui.draw.confidence import how_sure, preparation
from lrdemo.ui.draw.teaching import correction, teach
from lrdemo.ui.live import live_view

visitor = state.visitor()
st.html(canvas.PAGE_STYLE)
with st.container(key="board"):
    left, right = st.columns([2, 3], gap="large")
with left:
    canvas.pad()
    images.choice()
with right:
    live_view("answer", visitor.run.token)
    correction()
preparation()
sections = {"How sure?": how_sure, "Teach it my handwriting": teach}
# Streamlit forgets which tab was open when the page is left.
st.session_state.setdefault("draw_sections", st.session_state.get("draw_tab", "How sure?"))
tabs = st.tabs(list(sections), key="draw_sections", on_change="rerun")
st.session_state["draw_tab"] = st.session_state["draw_sections"]
for tab, draw_section in zip(tabs, sections.values(), strict=True):
    if tab.open:
        with tab:
            draw_section()
