"""Lesson 4: the same model written three ways, and four ways to start it."""

import numpy as np
import streamlit as st

from lrdemo.formats import count, fixed, percent, short
from lrdemo.ui import state
from lrdemo.ui.figures import signed_pictures, table
from lrdemo.ui.lesson.page import chapter, question
from lrdemo.ui.section import section

WAYS = {
    "tensors": ("Two loose tensors", "Nothing but numbers and one line of arithmetic. Here W is kept as [784, 10]."),
    "class": ("A class of our own", "The same numbers, now kept together with the rule that uses them."),
    "module": ("An nn.Module", "PyTorch's way: it finds its parameters itself. W is kept as [10, 784]."),
}
STARTS = {
    "zeros": "All zero",
    "normal": "Normal / √784, bias 0",
    "linear": "nn.Linear's default",
    "xavier": "Xavier uniform, bias 0",
}
LIMIT = 0.25


@section
def ways() -> None:
    st.header("1. One model, written three ways", anchor=False)
    answer = state.ask("lrdemo.lesson.three_ways:three_ways")
    st.markdown(
        f"A model is a list of numbers, its **parameters** (here {count(answer['number'])}), and a rule that turns an "
        "image into ten logits. How it is written down does not matter: below, one fixed random *W* and *b*, not those "
        "of your run, go through all three."
    )
    for tab, (name, (_, words)) in zip(st.tabs([title for title, _ in WAYS.values()]), WAYS.items(), strict=True):
        with tab:
            st.markdown(words)
            st.code(answer["code"][name], language="python", wrap_lines=True)
            shapes = ", ".join(f"{parameter} {list(shape)}" for parameter, shape in answer["parameters"][name])
            st.markdown(f"Parameters: **{shapes}**, together **{count(answer['number'])}** numbers.")
            if name == "module":
                st.code(f"print(model)\n{answer['printed']}", language="text")
    with st.container():
        st.markdown("**The logits of test image 0 (a 7), from each of the three:**")
        table(
            ["class", "tensors", "class of our own", "nn.Module"],
            [
                [str(digit), *(fixed(score, 6) for score in scores)]
                for digit, scores in enumerate(answer["outputs"][:, 0].T)
            ],
        )
    st.markdown(
        f"Largest difference over 100 test images: **{short(answer['largest_difference'], 2)}**. It is zero or nearly "
        "zero: computers round each sum in its last digit."
    )


@section
def starts() -> None:
    st.header("2. Where training starts from", anchor=False)
    st.markdown(
        "Before the first step the parameters need values. Here are four common choices, each then trained for one "
        "epoch (600 minibatches of 100, learning rate 0.1). Choose a class to see its weights before and after."
    )
    digit = st.segmented_control("Class", list(range(10)), default=0, required=True, key="starts_class",
                                 persist_state="session")  # fmt: skip
    with st.spinner("Training four models for one epoch each …"):
        found = state.ask("lrdemo.lesson.three_ways:starts")
    names = [STARTS[init] for init in found["inits"]]
    with st.container():
        for title, part in (("At the start", "before"), ("After one epoch", "after")):
            st.markdown(f"**{title}**")
            weights = np.asarray(found[part])[:, digit].reshape(-1, 28, 28)
            signed_pictures(weights, names, f"Weights of class {digit}, {title.lower()}:", LIMIT, 150)
        st.caption(f"All on one scale, from {fixed(-LIMIT)} (blue) over 0 (white) to {fixed(LIMIT)} (red).")
    table(
        ["start", "test loss at the start", "test accuracy after one epoch"],
        [
            [name, fixed(loss, 3), percent(accuracy, 2)]
            for name, loss, accuracy in zip(names, found["loss_before"], found["accuracy_after"], strict=True)
        ],
        left=1,
    )
    st.markdown(
        "For this model the start hardly matters. But look at the **rim**: 67 pixels are never inked, so their weights "
        "never get a gradient. After a random start they keep their random values: a **speckled rim**. From zero it "
        "stays white."
    )
    question(
        "Does the speckled rim cause mistakes?",
        "Almost never: each of these weights is multiplied by a pixel that is nearly always 0. It could on an image "
        "with ink at the rim; 1 of the 10,000 test images has some.",
    )


with chapter("After this page you can read a PyTorch model, and know what its first values do."):
    ways()
    starts()
