"""Lesson 2: the 70,000 images, as pictures, as numbers, as minibatches and as a map."""

import numpy as np
import streamlit as st

from lrdemo import pictures
from lrdemo.lesson import data_facts, pca
from lrdemo.lesson.source import source
from lrdemo.ui import state
from lrdemo.ui.figures import ink_pictures, numbers_table, show_chart, signed_pictures
from lrdemo.ui.lesson import charts, pca_map
from lrdemo.ui.lesson.page import code, lesson_page, question

FILE = "the_data.py"
digits = state.digits()


@st.cache_resource(show_spinner="Counting ink …")
def facts() -> data_facts.Facts:
    return data_facts.count_facts(digits.train_images, digits.train_labels)


@st.cache_resource(show_spinner="Looking for the two directions in which 60,000 images differ most …")
def projection() -> tuple[pca.Projection, bytes]:
    found = pca.cached_projection(digits.train_images)
    return found, pca.quantised(found, digits.train_labels)


def sizes() -> None:
    row = st.container(horizontal=True)
    for label, value in (("Training images", "60,000"), ("Test images", "10,000"), ("Pixels in each", "28 × 28 = 784")):
        row.metric(label, value, width=220)


@st.fragment
def one_image() -> None:
    st.header("1. One image is 784 numbers", anchor=False)
    left, right = st.columns(2)
    training = left.segmented_control("Set", ["training", "test"], default="training", required=True, key="image_set",
                                      persist_state="session") == "training"  # fmt: skip
    images, labels = (
        (digits.train_images, digits.train_labels) if training else (digits.test_images, digits.test_labels)
    )
    wanted = right.number_input("Image number, from 0", 0, 59_999, 0, key="image_index", persist_state="session")
    index = min(wanted, len(images) - 1)
    scaled = st.toggle("Scale to 0 … 1, as the model sees it", True, key="image_scaled", persist_state="session")
    name = f"{'training' if training else 'test'} image {index}, label {labels[index]}"
    left, right = st.columns([1, 3])
    picture = pictures.data_url(pictures.ink(images[index] / 255, 8))
    left.image(picture, caption=name.capitalize(), width=224, alt=f"Handwritten {name}")
    with right:
        numbers_table(images[index], scaled, f"The 28 × 28 pixel values of {name}")
    st.markdown(
        f"28 rows of 28 **pixels**: 0 is paper, {'1' if scaled else '255'} is full ink. One item of the data is the "
        f"pair (image of shape [1, 28, 28], label **{labels[index]}**). The 1 is the number of colour channels: grey "
        "has one."
    )


@st.fragment
def random_digits() -> None:
    st.header("2. Eight at random", anchor=False)
    draw = st.session_state.setdefault("random_draw", 0)
    if st.button("Another eight", icon=":material/casino:"):
        draw = st.session_state["random_draw"] = draw + 1
    chosen = data_facts.random_indices(len(digits.train_images), 8, draw)
    ink_pictures(
        digits.train_images[chosen] / 255,
        [f"label {digits.train_labels[i]}" for i in chosen],
        alt=[f"Training image {i}, a handwritten {digits.train_labels[i]}" for i in chosen],
    )


def all_digits() -> None:
    st.header("3. All training images at once", anchor=False)
    show_chart(charts.class_counts(facts().counts), 280)
    st.markdown("**The average image of each digit**: add its images, pixel by pixel, and divide by how many.")
    ink_pictures(facts().averages, [f"average {digit}" for digit in range(10)])
    empty = facts().never_inked
    st.markdown(f"**{empty.sum()} of the 784 pixels are never inked** in any of the 60,000 images (blue, at the rim):")
    signed_pictures(-empty[None].astype(np.float32), [f"{empty.sum()} pixels"], "Blue: never inked,", 1.0, 160)
    question(
        "What can a model learn about a pixel that is never inked?",
        "Nothing. Its value is always 0, so whatever weight it is multiplied by, the result is 0, and training never "
        "changes that weight. You will see it again as a speckled rim.",
    )


def minibatch() -> None:
    st.header("4. A minibatch", anchor=False)
    images, labels = data_facts.minibatch(digits.train_images, digits.train_labels, np.arange(100))
    flat = data_facts.flattened(images)
    st.markdown("Training does not look at all 60,000 images for each step, but at a **minibatch**, here of 100:")
    sheet = pictures.data_url(pictures.mosaic(pictures.ink(images[:, 0], 1), 20))
    st.image(sheet, width=640, alt="100 handwritten digits in five rows")
    st.markdown(
        f"images {list(images.shape)}, labels {list(labels.shape)}. The model takes each image as one long row: row "
        f"after row of pixels, laid end to end. This **flattening** gives {list(flat.shape)}. Here is the first image "
        "as a row:"
    )
    row = pictures.data_url(pictures.ink(flat[:1], 2).repeat(16, axis=0))
    st.image(row, width="stretch", alt="One row of 784 grey values")
    code(source(data_facts.minibatch, data_facts.flattened))


with lesson_page(FILE, "After this page you know what the model is given, and what is kept from it."):
    sizes()
    one_image()
    random_digits()
    all_digits()
    minibatch()
    pca_map.section(*projection(), digits.train_images)
    st.header("6. Why the test images are kept apart", anchor=False)
    st.markdown(
        "The model learns from the 60,000 training images only. The 10,000 test images are **never trained on**. Like "
        "an exam with new questions, they show how the model does on what it has not seen. Test accuracy is about them."
    )
