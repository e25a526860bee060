"""Lesson 5: from ten scores to an answer, and from answers to the test accuracy."""

import numpy as np
import streamlit as st

from lrdemo import pictures
from lrdemo.formats import count, fixed
from lrdemo.ui import state
from lrdemo.ui.figures import show_chart
from lrdemo.ui.lesson import charts
from lrdemo.ui.lesson.page import chapter, question
from lrdemo.ui.run_notes import moment, show_run_note
from lrdemo.ui.section import following


@following
def output() -> None:
    digits = state.digits()
    row = st.container(horizontal=True)
    batch = row.number_input("Batch of 100 test images (0 to 99)", 0, 99, 0, key="output_batch", width=280,
                             persist_state="session")  # fmt: skip
    place = row.number_input("Row of the batch (0 to 99)", 0, 99, 0, key="output_row", width=220,
                             persist_state="session")  # fmt: skip
    seen = state.ask("lrdemo.lesson.output:read_output", batch=batch)
    scores, answer, label = seen["scores"][place], int(seen["answers"][place]), int(seen["labels"][place])
    index, now = 100 * batch + place, moment(seen["iteration"], state.run().taught)

    st.header("1. One row: ten scores", anchor=False)
    st.markdown(
        f"Your run, at **{now}**, turns a batch [100, 784] into scores **[100, 10]**: one row per image, one column "
        f"per digit. Row {place} belongs to test image {count(index)}:"
    )
    show_run_note()
    left, right = st.columns([1, 3])
    name = f"Test image {count(index)}, label {label}"
    picture = pictures.data_url(pictures.ink(digits.test_images[index] / 255, 6))
    left.image(picture, width=168, caption=name, alt=name)
    with right:
        show_chart(charts.scores(scores, answer), 280, "output_chart")
    st.markdown(
        f"The place of the largest score, the **argmax**, is the answer: **{answer}**. The label is **{label}**: "
        + ("✓ a match." if answer == label else "✗ no match.")
    )

    st.header("2. The whole batch", anchor=False)
    st.dataframe(
        {
            "image": 100 * batch + np.arange(100),
            **{f"score {digit}": np.round(np.float64(seen["scores"][:, digit]), 2) for digit in range(10)},
            "argmax": seen["answers"],
            "label": seen["labels"],
            "match": np.where(seen["answers"] == seen["labels"], "✓", "✗"),
        },
        height=320,
        hide_index=True,
    )
    matches, total = int(seen["matches"][batch]), int(seen["matches"].sum())
    st.markdown(f"Matches in this batch: **{matches} of 100**.")

    st.header("3. All 100 batches", anchor=False)
    st.latex(
        r"\mathrm{accuracy} = \frac{\mathrm{matches}}{\mathrm{images}} ="
        rf"\frac{{{total}}}{{10000}} = {fixed(total / 100)}\,\%"
    )
    show_chart(charts.matches(seen["matches"], batch), 260, "matches_chart")
    st.markdown(f"This is the **test accuracy** at {now}. The model has never been trained on any of these images.")
    question(
        "The scores do not add up to 1. Must we apply softmax before taking the largest?",
        "No. Softmax keeps the order: the largest score becomes the largest probability. Softmax is needed for the "
        "loss and for saying how sure the model is, not for the answer.",
    )


with chapter("After this page you can read a model's output and check its accuracy by counting."):
    output()
