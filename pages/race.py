"""Race: several learning rates on the same minibatches from the same start."""

import streamlit as st

from lrdemo.ui import race_control
from lrdemo.ui.live import live_view

with st.container(horizontal=True, vertical_alignment="center", key="race_choice"):
    with st.container(width=420):
        race_control.rates_field()
    st.markdown(
        "All models start equal and see the same images. A small rate learns slowly; a large one overshoots."
    )
live_view("race", race_control.race().token)
