"""Lesson 4: the same model written three ways, and four ways to start it."""

import numpy as np
import streamlit as st

from lrdemo.errors import LrdemoError
from lrdemo.ui import state
from lrdemo.ui.figures import signed_pictures
from lrdemo.ui.lesson.page import lesson_page, question, tiny

FILE = "three_ways.py"
WAYS = {
    "tensors": ("Two loose tensors", "Nothing but numbers and one line of arithmetic. Here W is kept as [784, 10]."),
    "class": ("A class of our own", "The same numbers, now kept together with the rule that uses them."),
    "module": ("nn.Linear in an nn.Module", "PyTorch's way: it finds its parameters itself. W is kept as [10, 784]."),
}
STARTS = {
    "zeros": "All zero",
    "normal": "Normal / √784, bias 0",
    "linear": "nn.Linear's default",
    "xavier": "Xavier uniform, bias 0",
}


def ways() -> None:
    answer = state.ask("three_ways")
    st.header("1. One model, written three ways", anchor=False)
    st.markdown(
        "A model is a handful of numbers (its **parameters**) and a rule that turns an image into ten logits. "
        "How it is written down does not matter: below, the same W and b go through all three."
    )
    for tab, (name, (_, words)) in zip(st.tabs([title for title, _ in WAYS.values()]), WAYS.items(), strict=True):
        with tab:
            st.markdown(words)
            st.code(answer["code"][name], language="python", wrap_lines=True)
            shapes = ", ".join(f"{parameter} {list(shape)}" for parameter, shape in answer["parameters"][name])
            st.markdown(f"Parameters: **{shapes}**, together **{answer['number']:,}** numbers.")
            if name == "module":
                st.code(f"print(model)\n{answer['printed']}", language="text")
    st.markdown("**The logits of test image 0 (a 7), from each of the three:**")
    lines = ["| class | tensors | class of our own | nn.Module |", "|---:|---:|---:|---:|"]
    for digit, scores in enumerate(np.asarray(answer["outputs"])[:, 0].T):
        lines.append(f"| {digit} | " + " | ".join(f"{score:.6f}".replace("-", "−") for score in scores) + " |")
    st.markdown("\n".join(lines))
    st.markdown(
        f"Largest difference over 100 test images: **{tiny(answer['largest_difference'])}**. It is zero or as "
        "good as zero: computers round each sum in the last digit."
    )


@st.fragment
def starts() -> None:
    st.header("2. Where training starts from", anchor=False)
    st.markdown(
        "Before the first step the parameters need values. Four usual choices, each then trained for one epoch (600 "
        "minibatches of 100, learning rate 0.1). Choose a class to see its weights before and after."
    )
    digit = st.segmented_control("Class", list(range(10)), default=0, required=True, key="starts_class",
                                 persist_state="session")  # fmt: skip
    with st.spinner("Training four models for one epoch each …"):
        found = state.ask("starts")
    names = [STARTS[init] for init in found["inits"]]
    for title, part in (("At the start", "before"), ("After one epoch", "after")):
        st.markdown(f"**{title}**")
        pictures = np.asarray(found[part])[:, digit].reshape(-1, 28, 28)
        signed_pictures(pictures, names, f"Weights of class {digit}, {title.lower()}:", 0.25, 150)
    st.caption("All on one scale, from −0.25 (blue) over 0 (white) to 0.25 (red).")
    lines = ["| start | test loss at the start | test accuracy after one epoch |", "|:---|---:|---:|"]
    for name, loss, accuracy in zip(names, found["loss_before"], found["accuracy_after"], strict=True):
        lines.append(f"| {name} | {loss:.3f} | {accuracy:.2%} |")
    st.markdown("\n".join(lines))
    st.markdown(
        "For this model the start hardly matters. But look at the **rim**: 67 pixels are never inked, so their weights "
        "never get a gradient. After a random start they keep their random values: a **speckled rim**. From zero it "
        "stays white."
    )
    question(
        "Does the speckled rim make mistakes?",
        "Not on these images: each weight there is multiplied by a pixel that is 0. It would on an image with ink at "
        "the rim.",
    )


with lesson_page(FILE, "After this page you can read a PyTorch model, and know what its first values do."):
    try:
        ways()
        starts()
    except LrdemoError as error:
        st.warning(f"{error}")
