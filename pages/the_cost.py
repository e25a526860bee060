"""Chapter 5: what an answer costs."""

import streamlit as st

from lrdemo.ui.lesson.page import chapter, scene, step
from lrdemo.ui.lesson.predictions import predict

with chapter("How can 7,850 numbers compare an image with ten digits?"):
    picture, words = None, None
    with scene("cost") as (picture, words):
        with picture:
            st.markdown("PICTURE " * 60)
        with words:
            step("cost_0", "Templates", "Some words " * 30)
            step("cost_1", "Products", "Some words " * 30)
            step("cost_2", "Scores", "Some words " * 30)
    predict("step")
