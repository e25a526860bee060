"""The scenes of the chapter "The data": one image, labels, all digits, their averages, a minibatch, the test images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from lrdemo import formats, pictures
from lrdemo.arrays import Bytes
from lrdemo.data import Digits
from lrdemo.lesson import data_facts
from lrdemo.lesson.source import source
from lrdemo.lesson.wall import wall
from lrdemo.ui import state
from lrdemo.ui.figures import ink_pictures, numbers_table, show_chart, signed_pictures
from lrdemo.ui.lesson import charts, words
from lrdemo.ui.lesson.page import code, question, scene, step
from lrdemo.ui.lesson.pixel_grid import pixel_grid
from lrdemo.ui.lesson.predictions import answered
from lrdemo.ui.scripts import read
from lrdemo.ui.section import section

STYLE = Path(__file__).with_name("data.css")
DRAWERS = Path(__file__).with_name("drawers.html")
ON_WALL, COLUMNS, PICKED = 2_400, 80, 100


@st.cache_resource(show_spinner="Counting ink …")
def training_facts() -> data_facts.Facts:
    """Return the facts of the training images, counted once for all visitors."""
    digits = state.digits()
    return data_facts.count_facts(digits.train_images, digits.train_labels)


@section
def one_image(digits: Digits) -> None:
    """Show one image that the visitor chooses as picture and numbers in one, and say what an item of the data is."""
    with scene("pixels") as (picture, told):
        with picture:
            image, label, name = _chosen_image(digits)
            pixel_grid(image, name, label)
        with told:
            step(
                "numbers",
                "An image is 784 numbers",
                f"A computer sees only numbers. This image has 28 rows of 28 squares, the {words.pixels('pixels x')}: "
                "784 numbers, 0 for paper and 1 for full ink. The data files hold whole numbers from 0 to 255; we "
                "divide each by 255. Point at a pixel, touch it or use the arrow keys to read its number.",
            )
            step(
                "item",
                "An item is an image and its label",
                f"With each image comes its **label**: the digit that it shows, here {label}. The ten digits are the "
                "**classes** to choose from. One item of the data is the pair (image of shape [1, 28, 28], label "
                f"**{label}**). The **shape** counts channels, rows and columns. A grey picture has one channel; a "
                "colour photo has three.",
            )
            with st.expander("All 784 numbers", icon=":material/grid_on:"):
                scaled = st.toggle("Divided by 255", True, key="image_scaled", persist_state="session")
                numbers_table(image, scaled, f"The 28 × 28 pixel values of {name.lower()}")


def _chosen_image(digits: Digits) -> tuple[Bytes, int, str]:
    """Show the choice of an image; return it, its label and its name."""
    with st.container(horizontal=True, vertical_alignment="center", key="image_choice"):
        training = st.segmented_control("Set", ["training", "test"], default="training", required=True,
                                        key="image_set", persist_state="session", label_visibility="collapsed",
                                        width="content") == "training"  # fmt: skip
        images, labels = (
            (digits.train_images, digits.train_labels) if training else (digits.test_images, digits.test_labels)
        )
        # The field stands between its arrows, and the other set can be the smaller one.
        wanted = st.session_state["image_index"] = min(st.session_state.get("image_index", 0), len(images) - 1)

        def turn(by: int) -> None:
            st.session_state["image_index"] = (wanted + by) % len(images)

        st.button("◀ Previous", key="image_before", on_click=turn, args=(-1,), width="content")
        st.number_input("Image (0 to 59,999)", 0, 59_999, key="image_index", persist_state="session",
                        label_visibility="collapsed", width=110)  # fmt: skip
        st.button("Next ▶", key="image_after", on_click=turn, args=(1,), width="content")
    return images[wanted], int(labels[wanted]), f"{'Training' if training else 'Test'} image {formats.count(wanted)}"


@section
def random_digits(digits: Digits) -> None:
    """Show eight training images with their labels; a click draws another eight."""
    with scene("labels") as (picture, told):
        with picture:
            draw = _draws("another_eight", "Another eight")
            chosen = data_facts.random_indices(len(digits.train_images), 8, draw)
            with st.container(key="eight"):
                ink_pictures(
                    digits.train_images[chosen].astype(np.float32) / np.float32(255),
                    [f"label {digits.train_labels[i]}" for i in chosen],
                    alt=[f"Training image {formats.count(i)}, a handwritten {digits.train_labels[i]}" for i in chosen],
                )
        with told:
            step(
                "labels",
                "Everybody writes differently",
                "These eight images were drawn at random from those that the model will learn from, the **training "
                "images**. Press **Another eight** a few times, and read the digits without looking at their labels: "
                "some are hard even for people.",
            )


def _draws(key: str, label: str) -> int:
    """Show a button that draws again; return how often it has been pressed."""
    pressed = st.button(label, icon=":material/casino:", key=key, width="content")
    st.session_state[f"{key}_draw"] = draw = st.session_state.get(f"{key}_draw", 0) + pressed
    return int(draw)


@section
def counts(facts: data_facts.Facts) -> None:
    """Show how often each digit occurs."""
    rarest, commonest = int(facts.counts.argmin()), int(facts.counts.argmax())
    with scene("counts") as (picture, told):
        with picture:
            show_chart(charts.class_counts(facts.counts), 300, "counts_chart")
        with told:
            step(
                "counts",
                "60,000 images to learn from",
                f"There are {formats.count(facts.counts.sum())} training images, about 6,000 of each digit. The "
                f"{rarest} is the rarest, the {commonest} the most common. Anyone who always answers {commonest} is "
                f"correct for {formats.percent(facts.counts.max() / facts.counts.sum())} of them without looking. A "
                "model has to do better than that.",
            )


@section
def averages(facts: data_facts.Facts) -> None:
    """Answer the last chapter's question with the average images, and show the pixels without ink."""
    empty = facts.never_inked
    with scene("averages") as (picture, told):
        with picture:
            with st.container(key="averages"):
                st.markdown("**The average image of each digit**")
                ink_pictures(facts.averages, [f"average {digit}" for digit in range(10)])
            with st.container(key="never_inked"):
                st.markdown("**Pixels without ink in all 60,000 images**")
                alt = "Blue: never inked,"
                signed_pictures(-empty[None].astype(np.float32), [f"{empty.sum()} pixels"], alt, 1.0, 160)
        with told:
            step(
                "averages",
                "What all 3s have in common",
                f"{answered('average')} Each picture is the **average** of one digit's images: all of them added up, "
                "pixel by pixel, and divided by their number.",
            )
            step(
                "never_inked",
                f"{empty.sum()} pixels are never inked",
                f"{empty.sum()} of the 784 pixels (blue) are paper in every single training image. All of them lie "
                "at the edge.",
            )
            question(
                "What can a model learn about a pixel that is never inked?",
                "Nothing. It is 0 in every image, whatever the digit, so it cannot help to tell digits apart. You will "
                "meet these pixels again: in the pictures of what the model learns, they stay as they were at the "
                "start.",
            )


@section
def minibatch(digits: Digits) -> None:
    """Pick a hundred images out of a wall of them, as the minibatch that a model gets."""
    with scene("minibatch") as (picture, told):
        with picture, st.container(key="wall"):
            draw = _draws("another_hundred", f"Another {PICKED}")
            chosen = data_facts.random_indices(ON_WALL, PICKED, draw)
            images, labels = data_facts.minibatch(digits.train_images, digits.train_labels, chosen)
            flat = data_facts.flattened(images)
            _strip(
                pictures.data_url(wall(digits.train_images[:ON_WALL], chosen, COLUMNS)),
                f"{formats.count(ON_WALL)} of the 60,000 training images; {PICKED} are picked out",
            )
            sheet = pictures.mosaic(pictures.ink(images[:, 0], 1), 25)
            _strip(pictures.data_url(sheet), f"The minibatch: these {PICKED} images")
            row = pictures.ink(flat[:1], 2).repeat(40, axis=0)
            _strip(pictures.data_url(row), "Its first image, flattened: one row of 784 pixels")
        with told:
            step(
                "minibatch",
                f"{PICKED} at a time",
                "Looking at all 60,000 images before each small improvement would take too long. So training picks a "
                f"few at random: a **minibatch** of *m* images, here *m* = {PICKED}. (It picks from all 60,000; the "
                f"wall shows {formats.count(ON_WALL)} of them.) 600 minibatches × 100 images = 60,000 images = 1 "
                "**epoch**: every image once.",
            )
            step(
                "flattened",
                "Each image becomes one row",
                f"The minibatch is a block of numbers of shape {list(images.shape)}: images, channels, rows, columns. "
                f"Its labels have shape {list(labels.shape)}. The model takes each image as one long row, its 28 rows "
                f"of pixels laid end to end. This **flattening** gives {list(flat.shape)}.",
            )
            code(source(data_facts.minibatch, data_facts.flattened))


def _strip(url: str, words: str) -> None:
    st.image(url, caption=words, width="stretch", alt=words)


@section
def kept_apart(digits: Digits) -> None:
    """Say what the test images are for."""
    with scene("apart") as (picture, told):
        with picture:
            some = pictures.mosaic(pictures.ink(digits.train_images[:32].astype(np.float32) / 255, 2), 16)
            st.html(read(DRAWERS).replace("DIGITS", pictures.data_url(some)))
        with told:
            step(
                "apart",
                "The test images stay locked away",
                "The model learns from the 60,000 training images and is **never trained on** the other 10,000, the "
                "**test images**. They are an exam with new questions: they show how well it reads digits that it has "
                "not seen. The share that it classifies correctly is its **test accuracy**.",
            )
