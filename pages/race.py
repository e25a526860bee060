"""Race: several learning rates on the same minibatches from the same start."""

import streamlit as st

from lrdemo.ui import notice, race_control
from lrdemo.ui.live import live_view

field, words = st.columns([1, 2], gap="small", vertical_alignment="bottom")
with field:
    problem = race_control.rates_field()
with words:
    if problem:
        notice.warn(problem)
    else:
        st.markdown(
            "All models start equal and see the same images. They are judged on training images held out for that; the "
            "test images stay unseen until the choice is made."
        )
live_view("race", race_control.race().token)
