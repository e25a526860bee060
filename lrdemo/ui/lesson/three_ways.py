"""The scenes of the appendix: one model in three ways of writing, and four ways to start it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from lrdemo import pictures
from lrdemo.arrays import Float32s
from lrdemo.formats import count, fixed, percent, short
from lrdemo.ui import state
from lrdemo.ui.figures import table
from lrdemo.ui.lesson.page import question, scene, step
from lrdemo.ui.lesson.words import cost, scores, weights
from lrdemo.ui.section import section

STYLE = Path(__file__).with_name("three_ways.css")
WAYS = {"tensors": "Two tensors", "class": "A class of our own", "module": "An nn.Module"}
STARTS = {
    "zeros": "All zero",
    "normal": "Normal / √784, bias\u00a00",
    "linear": "nn.Linear's default",
    "xavier": "Xavier uniform, bias\u00a00",
}
LIMIT = 0.25


@section
def ways() -> None:
    """Show the three in tabs, and beside them what is the same and what is not."""
    found = state.ask("lrdemo.lesson.three_ways:three_ways")
    number = count(found["number"])
    with scene("ways") as (picture, words):
        for tab, name in zip(picture.tabs(list(WAYS.values())), WAYS, strict=True):
            shapes = ", ".join(f"{parameter} {list(shape)}" for parameter, shape in found["parameters"][name])
            tab.code(found["code"][name], language="python", wrap_lines=True)
            tab.markdown(f"Parameters: **{shapes}**, together **{number}** numbers.")
        with words:
            step(
                "ways",
                "One model, written three ways",
                f"A model is a list of numbers, its {weights('parameters')} (here {number}), and a rule that turns an "
                f"image into ten {scores('logits')}. How it is written down does not matter: as two tensors, as a "
                "Python class of our own that holds them, or as PyTorch does it, in an `nn.Module`.",
            )
            step(
                "shapes",
                "Two shapes of W",
                f"The first two keep {weights('W')} as [784, 10]: images [*m*, 784] times *W* give [*m*, 10]. "
                f"`nn.Linear` keeps {weights('W')} as [10, 784], one row for each digit, and transposes it before it "
                "multiplies.",
            )
            step(
                "listed",
                "What training may change",
                "`parameters()` lists the tensors that training may change. Our class has to say which they are. An "
                "`nn.Module` finds those of its layers by itself, and `print(model)` names the layers:",
            ).code(found["printed"], language="text", wrap_lines=True)
            _equal(found["outputs"], found["largest_difference"])


def _equal(outputs: Float32s, difference: float) -> None:
    how = f"the same to {short(difference, 1)}" if difference else "exactly the same"
    below = step(
        "equal",
        "The same ten logits",
        "One fixed random *W* and *b*, not those of your run, go through all three. Over 100 test images the "
        f"{scores('logits')} are **{how}**{'; the rest is rounding' if difference else ''}.",
    )
    with below.expander("The ten logits of test image 0, a 7", icon=":material/table:"):
        table(
            ["digit", *WAYS.values()],
            [[str(digit), *(fixed(z, 6) for z in row)] for digit, row in enumerate(outputs[:, 0].T)],
        )


@section
def starts() -> None:
    """Show one digit's weights before and after an epoch from each start, and beside them how well that went."""
    with scene("starts") as (picture, words):
        with picture:
            digit = st.segmented_control(
                "Weights of digit", list(range(10)), default=0, required=True, key="starts_class",
                persist_state="session",
            )  # fmt: skip
            with st.spinner("Training four models for one epoch each …"):
                found = state.ask("lrdemo.lesson.three_ways:starts")
            names = [STARTS[init] for init in found["inits"]]
            for part, title in (("before", "At the start"), ("after", "After one epoch")):
                st.markdown(f"**{title}**")
                _four(part, found[part][:, digit], names, f"Weights of digit {digit}, {title.lower()}:")
            st.caption(f"All on one scale, from {fixed(-LIMIT)} (blue) through 0 (white) to {fixed(LIMIT)} (red).")
        with words:
            _results(names, found["loss_before"], found["accuracy_after"])


def _results(names: list[str], losses: list[float], right: list[float]) -> None:
    step(
        "starts",
        "Four ways to start",
        f"Before the first step, {weights('W')} and {weights('b')} need values. Here are four common choices, each "
        "then trained for one epoch: 600 minibatches of 100 images at a learning rate of 0.1. Choose a digit to see "
        "its weights before and after.",
    )
    question(
        "What do the four names mean?",
        "*Normal / √784*: numbers from a normal distribution, divided by √784 = 28. The other two draw every number "
        "between two limits with equal chance: `nn.Linear` between ±1/28, the biases too; *Xavier uniform* between "
        f"±√(6 / (784 + 10)) = ±{fixed(np.sqrt(6 / 794), 3)}.",
    )
    with step(
        "results",
        "It hardly matters here",
        f"All zero is pure guessing: a {cost('loss')} of log 10 = {fixed(np.log(10), 3)}. The random starts are close "
        f"to it, {fixed(max(losses), 3)} at most. After one epoch all four classify between {percent(min(right), 2)} "
        f"and {percent(max(right), 2)} of the test images correctly.",
    ):
        table(
            ["start", "test loss at the start", "test accuracy after one epoch"],
            [[name, fixed(loss, 3), percent(share, 2)] for name, loss, share in zip(names, losses, right, strict=True)],
            left=1,
        )
    with step(
        "rim",
        "The speckled rim",
        "67 pixels are blank in all training images, so their weights' gradient is always 0. After a random start they "
        "keep their random values: a **speckled rim**. From zero the rim stays white.",
    ):
        question(
            "Does the speckled rim cause mistakes?",
            "Almost never: each of these weights is multiplied by a pixel that is nearly always 0. It could on an "
            "image with ink at the rim; 1 of the 10,000 test images has some.",
        )


def _four(part: str, values: Any, names: list[str], alt: str) -> None:
    row = st.container(horizontal=True, gap="xsmall", key=f"four_{part}")
    for colours, name in zip(pictures.signed(values.reshape(-1, 28, 28), LIMIT), names, strict=True):
        row.image(pictures.data_url(colours), caption=name, alt=f"{alt} {name}", width="stretch")
