"""The scenes of the chapter on the answer that stand below its picture: softmax by hand, a batch, all batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lrdemo import pictures, probability
from lrdemo.arrays import Bytes, Float32s
from lrdemo.formats import count, fixed
from lrdemo.lesson.source import source
from lrdemo.ui import state
from lrdemo.ui.figures import show_chart
from lrdemo.ui.lesson import charts
from lrdemo.ui.lesson.page import code, formulas, question, scene, step
from lrdemo.ui.lesson.words import chances, scores
from lrdemo.ui.run_notes import moment, show_run_note
from lrdemo.ui.section import following, section

SCORES = (1.3, 1.2, 4.5, 4.8)
BATCHES = 100


@section
def by_hand() -> None:
    """Show softmax of four scores that the visitor changes."""
    with scene("by_hand") as (picture, words):
        with picture:
            row = st.container(horizontal=True)
            z = [
                row.number_input(f"Score {i}", -20.0, 20.0, start, 0.1, key=f"softmax_{i}", width=140,
                                 persist_state="session")
                for i, start in enumerate(SCORES, 1)
            ]  # fmt: skip
            p = probability.softmax(z)
            show_chart(charts.probabilities(p.tolist()), 260, "softmax_chart")
            st.latex(" + ".join(fixed(value, 3) for value in p) + f" = {fixed(p.sum(), 3)}")
        with words:
            step(
                "four",
                "Softmax with four classes",
                f"Type other {scores('scores')} and read off the {chances('probabilities')}. Raise the first score by "
                "1: its power of *e* becomes 2.718 times as large, but its probability grows by less, since the sum "
                "has grown, too. A score of 0 is nothing special, and even a negative one gets a little probability.",
            )
            question(
                "Add 1 to all four scores. What changes?",
                "Nothing: every power grows by the same factor *e*, and the division cancels it. Only differences "
                "count.",
            )
            question(
                "With two classes, what is softmax?",
                "The S-curve of chapter 1: scores *z* and 0 get the probabilities σ(*z*) and 1 − σ(*z*). Scores 1 and "
                f"0, for example, become {' and '.join(fixed(one, 4) for one in probability.softmax([1.0, 0.0]))}.",
            )


def scores_picture(scores: Float32s, place: int) -> Bytes:
    """Return scores [100, 10] as coloured fields, [400, 160, 3], with a frame around the row at `place`."""
    picture = pictures.signed(scores, zoom=1).repeat(4, axis=0).repeat(16, axis=1)
    top, bottom = max(0, 4 * place - 2), min(len(picture), 4 * place + 6)
    picture[[top, top + 1, bottom - 2, bottom - 1]] = 0
    picture[top:bottom, [0, 1, -2, -1]] = 0
    return picture


def _chosen(name: str) -> int:
    return int(st.session_state.setdefault(name, 0))


def _move(name: str, by: int) -> None:
    st.session_state[name] = (_chosen(name) + by) % BATCHES


def _arrows(name: str, what: str) -> None:
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    for words, icon, by in (("Previous", "left", -1), ("Next", "right", 1)):
        row.button(f"{words} {what}", icon=f":material/chevron_{icon}:", key=f"{name}_{words.lower()}", on_click=_move,
                   args=(name, by))  # fmt: skip


@following
def output() -> None:
    """Show the scores of 100 test images and how one row of them is read; then the matches in all batches."""
    number = _chosen("output_batch")
    seen = state.ask("lrdemo.lesson.output:read_output", batch=number)
    _batch(seen, number, _chosen("output_row"))
    _all_batches(seen, number)


def _batch(seen: dict[str, Any], number: int, place: int) -> None:
    digits = state.digits()
    with scene("batch") as (picture, words):
        with picture:
            _arrows("output_row", "row")
            z, answer, label = seen["scores"][place], int(seen["answers"][place]), int(seen["labels"][place])
            index, now = BATCHES * number + place, moment(seen["iteration"], state.run().taught)
            left, right = st.columns([1, 3], gap="medium")
            with left:
                st.markdown("**One row per image**")
                st.image(
                    pictures.data_url(scores_picture(seen["scores"], place)), width=140, caption="red: above zero",
                    alt=f"100 rows of ten scores: red is above zero, blue below, white is zero. "
                    f"That of test image {count(index)} is framed.",
                )  # fmt: skip
            with right:
                name = f"Test image {count(index)}, label {label}"
                st.image(pictures.data_url(pictures.ink(digits.test_images[index] / 255, 6)), width=140, caption=name,
                         alt=name)  # fmt: skip
                show_chart(charts.scores(z, answer), 210, "output_chart")
        with words:
            step(
                "batch",
                "A hundred images at once",
                "Your run, at "
                f"**{now}**, turns a batch of 100 images into a table of scores **[100, 10]**: one row per image, one "
                f"column per digit. The framed row is that of test image {count(index)}. The place of its largest "
                f"score, the **argmax**, is **{answer}**; the image's label is **{label}**: "
                + ("✓ a match." if answer == label else "✗ no match."),
            )
            show_run_note()
            with st.expander("All 1,000 scores as numbers", icon=":material/table:"):
                st.dataframe(
                    {
                        "image": BATCHES * number + np.arange(BATCHES),
                        **{f"z of {digit}": np.round(np.float64(seen["scores"][:, digit]), 2) for digit in range(10)},
                        "argmax": seen["answers"],
                        "label": seen["labels"],
                        "match": np.where(seen["answers"] == seen["labels"], "✓", "✗"),
                    },
                    height=320,
                    hide_index=True,
                )


def _all_batches(seen: dict[str, Any], number: int) -> None:
    with scene("accuracy") as (picture, words):
        with picture:
            show_chart(charts.matches(seen["matches"], number), 260, "matches_chart")
            _arrows("output_batch", "batch")
        matches, total = int(seen["matches"][number]), int(seen["matches"].sum())
        with words:
            step(
                "accuracy",
                "How often is it right?",
                f"Count the matches: **{matches} of 100** in this batch, **{count(total)} of 10,000** in all. Their "
                f"share is the **test accuracy**, {fixed(total / 100)}\u00a0% at "
                f"{moment(seen['iteration'], state.run().taught)}. The model has never been trained on any of these "
                "images. Guessing among ten digits gives about 10\u00a0%.",
            )


@section
def behind() -> None:
    """Fold away the formula of softmax, what a temperature does, and the code."""
    with formulas():
        st.markdown("*k* is a class, here a digit; the sum below the line is over all ten.")
        st.latex(r"p_k = \frac{e^{\,z_k}}{e^{\,z_0} + e^{\,z_1} + \dots + e^{\,z_9}}")
        st.latex(r"\mathrm{accuracy} = \frac{\mathrm{matches}}{\mathrm{images}}")
        st.markdown(
            "All scores may first be divided by one number, softmax's **temperature** (it has nothing to do with a "
            "patient's). Far below 1, the largest score takes everything, and softmax becomes argmax: strictly "
            "speaking it is a *soft argmax*. Far above 1, the probabilities approach 1/10 each. Test images keep "
            "temperature 1. Drawings get one of their own, since on them the model is more confident than on those."
        )
    code(source(probability.softmax, probability.below_largest))
