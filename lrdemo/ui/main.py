"""The frame of every page: navigation, transport, then the page."""

from pathlib import Path

import streamlit as st

from lrdemo.ui import controls, state
from lrdemo.ui.navigation import pages

st.set_page_config(page_title="lrdemo: watch a model learn digits", page_icon="✏️", layout="wide",
                   initial_sidebar_state=220)  # fmt: skip
st.html(Path(__file__).with_name("frame.css"))
page = st.navigation(pages())
state.write_url()
controls.transport()
page.run()
