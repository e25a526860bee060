"""Chapter 6: one step of training taken apart, on a copy of the visitor's run; it can be taken for real."""

import streamlit as st

from lrdemo.ui.lesson import step_sections
from lrdemo.ui.lesson.data_sections import training_facts
from lrdemo.ui.lesson.page import chapter
from lrdemo.ui.lesson.predictions import predict
from lrdemo.ui.lesson.step_control import WALK

with chapter("How can 7,850 numbers become better, a little at a time?", "WL"):
    st.html(step_sections.STYLE)
    step_sections.status()
    # Without a copy, the status says why there is none.
    if WALK in st.session_state:
        step_sections.follow_an_image()
        step_sections.weigh_the_images()
        step_sections.accumulation()
        step_sections.update()
        step_sections.from_zero(training_facts())
    predict("epoch")
