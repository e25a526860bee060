"""Race: several learning rates on the same minibatches from the same start."""

import streamlit as st

from lrdemo.ui import race_control
from lrdemo.ui.live import live_view

field, words = st.columns([1, 2], gap="medium", vertical_alignment="bottom")
with field:
    race_control.rates_field()
words.markdown(
    "All models start equal and see the same images. A small rate learns slowly; a large one overshoots. They are "
    "judged on training images held out for that: the test images stay unseen until the choice is made."
)
live_view("race", race_control.race().token)
