"""The frame of every page: navigation and transport, then the page itself."""

import streamlit as st

from lrdemo.ui import controls
from lrdemo.ui.navigation import pages

st.set_page_config(page_title="lrdemo: watch a model learn digits", page_icon=":material/neurology:", layout="wide")
page = st.navigation(pages())
controls.transport()
page.run()
