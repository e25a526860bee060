"""The sections of the page "The data": one image, eight at random, all of a digit, a minibatch."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lrdemo import formats, pictures
from lrdemo.data import Digits
from lrdemo.lesson import data_facts
from lrdemo.lesson.source import source
from lrdemo.ui import state
from lrdemo.ui.figures import ink_pictures, numbers_table, show_chart, signed_pictures
from lrdemo.ui.lesson import charts
from lrdemo.ui.lesson.page import code, question
from lrdemo.ui.section import section


@st.cache_resource(show_spinner="Counting ink …")
def training_facts() -> data_facts.Facts:
    """Return the facts of the training images, counted once for all visitors."""
    digits = state.digits()
    return data_facts.count_facts(digits.train_images, digits.train_labels)


@section
def sizes() -> None:
    """Show how many images there are, and how large they are."""
    row = st.container(horizontal=True)
    for label, value in (("Training images", "60,000"), ("Test images", "10,000"), ("Pixels in each", "28 × 28 = 784")):
        row.metric(label, value, width=220)


@section
def one_image(digits: Digits) -> None:
    """Show one image that the visitor chooses, as a picture and as numbers."""
    st.header("1. One image is 784 numbers", anchor=False)
    left, right = st.columns(2)
    training = left.segmented_control("Set", ["training", "test"], default="training", required=True, key="image_set",
                                      persist_state="session") == "training"  # fmt: skip
    images, labels = (
        (digits.train_images, digits.train_labels) if training else (digits.test_images, digits.test_labels)
    )
    wanted = right.number_input("Image (0 to 59,999)", 0, 59_999, 0, key="image_index", persist_state="session")
    index = min(wanted, len(images) - 1)
    scaled = st.toggle("Scale to 0 … 1, as the model sees it", True, key="image_scaled", persist_state="session")
    name = f"{'training' if training else 'test'} image {formats.count(index)}, label {labels[index]}"
    with st.container(horizontal=True):
        picture = pictures.data_url(pictures.ink(images[index] / 255, 8))
        st.image(picture, caption=name.capitalize(), width=224, alt=f"Handwritten {name}")
        numbers_table(images[index], scaled, f"The 28 × 28 pixel values of {name}")
    st.markdown(
        f"28 rows of 28 **pixels**: 0 is paper, {'1' if scaled else '255'} is full ink. One item of the data is the "
        f"pair (image of shape [1, 28, 28], label **{labels[index]}**). The 1 is the number of colour channels: grey "
        "has one."
    )


@section
def random_digits(digits: Digits) -> None:
    """Show eight training images; a click draws another eight."""
    st.header("2. Eight at random", anchor=False)
    draw = st.session_state.setdefault("random_draw", 0)
    if st.button("Another eight", icon=":material/casino:", key="another_eight", width="content"):
        draw = st.session_state["random_draw"] = draw + 1
    chosen = data_facts.random_indices(len(digits.train_images), 8, draw)
    ink_pictures(
        digits.train_images[chosen].astype(np.float32) / np.float32(255),
        [f"label {digits.train_labels[i]}" for i in chosen],
        alt=[f"Training image {formats.count(i)}, a handwritten {digits.train_labels[i]}" for i in chosen],
    )


@section
def all_digits(facts: data_facts.Facts) -> None:
    """Show how often each digit occurs, its average image, and the pixels without ink."""
    st.header("3. All training images at once", anchor=False)
    show_chart(charts.class_counts(facts.counts), 280, "counts_chart")
    with st.container():
        st.markdown("**The average image of each digit**: its images added up, divided by their number.")
        ink_pictures(facts.averages, [f"average {digit}" for digit in range(10)])
    empty = facts.never_inked
    with st.container():
        st.markdown(f"**{empty.sum()} of the 784 pixels are never inked** in any of the 60,000 images (blue, the rim):")
        signed_pictures(-empty[None].astype(np.float32), [f"{empty.sum()} pixels"], "Blue: never inked,", 1.0, 160)
    question(
        "What can a model learn about a pixel that is never inked?",
        "Nothing. Its value is always 0, so its product with any weight is 0, and training never changes that weight. "
        "You will see these pixels again as a speckled rim.",
    )


@section
def minibatch(digits: Digits) -> None:
    """Show the first hundred training images as the minibatch that a model gets."""
    st.header("4. A minibatch", anchor=False)
    images, labels = data_facts.minibatch(digits.train_images, digits.train_labels, np.arange(100))
    flat = data_facts.flattened(images)
    st.markdown("A training step does not look at all 60,000 images but at a **minibatch**, here of 100:")
    sheet = pictures.data_url(pictures.mosaic(pictures.ink(images[:, 0], 1), 20))
    st.image(sheet, width=640, alt="100 handwritten digits in five rows")
    st.markdown(
        f"images {list(images.shape)}, labels {list(labels.shape)}. The model takes each image as one long row: its 28 "
        f"rows of pixels, laid end to end. This **flattening** gives {list(flat.shape)}. The first image as a row:"
    )
    row = pictures.data_url(pictures.ink(flat[:1], 2).repeat(16, axis=0))
    st.image(row, width="stretch", alt="One row of 784 grey values")
    code(source(data_facts.minibatch, data_facts.flattened))


@section
def kept_apart() -> None:
    """Say what the test images are for."""
    st.header("6. Why the test images are kept apart", anchor=False)
    st.markdown(
        "The model learns from the 60,000 training images and is **never trained on** the 10,000 test images. Like an "
        "exam with new questions, they show how well it does on images it has not seen. Its share of correct answers "
        "to them is the **test accuracy**."
    )
