"""Chapter 2: the 70,000 images, as pictures and as numbers, by digit, as minibatches and as a map."""

import streamlit as st

from lrdemo.lesson import pca
from lrdemo.ui import state
from lrdemo.ui.lesson import data_sections
from lrdemo.ui.lesson.page import chapter
from lrdemo.ui.lesson.pca_map import pca_map
from lrdemo.ui.lesson.predictions import predict

digits = state.digits()


@st.cache_resource(show_spinner="Looking for the two directions in which 60,000 images differ most …")
def projection() -> tuple[pca.Projection, bytes]:
    found = pca.cached_projection(digits.train_images)
    return found, pca.quantised(found, digits.train_labels)


with chapter("What does a computer see when it looks at a handwritten digit?", "x"):
    st.html(data_sections.STYLE)
    data_sections.one_image(digits)
    data_sections.random_digits(digits)
    data_sections.counts(data_sections.training_facts())
    data_sections.averages(data_sections.training_facts())
    data_sections.minibatch(digits)
    pca_map(*projection(), digits.train_images)
    data_sections.kept_apart(digits)
    predict("parameters")
