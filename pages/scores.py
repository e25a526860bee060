"""Chapter 3: a template for each digit, a dot product, and ten scores."""

import streamlit as st

from lrdemo.ui.lesson.page import chapter, scene, step
from lrdemo.ui.lesson.predictions import predict

with chapter("How can 7,850 numbers compare an image with ten digits?"):
    picture, words = None, None
    with scene("scores") as (picture, words):
        with picture:
            st.markdown("PICTURE " * 60)
        with words:
            step("scores_0", "Templates", "Some words " * 30)
            step("scores_1", "Products", "Some words " * 30)
            step("scores_2", "Scores", "Some words " * 30)
    predict("softmax")
