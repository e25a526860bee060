"""Appendix: the same model written three ways, and four ways to start it."""

import streamlit as st

from lrdemo.ui.lesson import three_ways
from lrdemo.ui.lesson.page import chapter

st.html(three_ways.STYLE)
with chapter("How is such a model written in PyTorch, and from which values does it start?"):
    three_ways.ways()
    three_ways.starts()
