"""Features: the same model on images prepared in different ways, trained side by side; and other ways to write."""

import streamlit as st

from lrdemo.ui import comparison
from lrdemo.ui.comparison_control import deeper_box

st.html(comparison.PAGE_STYLE)
st.markdown(
    "**Which buys more: a deeper model or better features?** All lines are the same linear model, ten rows of weights, "
    "trained on the same digits with the same settings. Only what it gets of each image differs."
)
deeper_box()
comparison.live()
with st.container(key="features_words"):
    comparison.lesson()
    comparison.other_ways()
