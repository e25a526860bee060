"""What each chapter asks the visitor to predict at its end, and what the next one says to it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lrdemo.ui.section import section


@dataclass(frozen=True)
class Prediction:
    """One question with its options, which of them is right, and the sentence that says so."""

    question: str
    options: tuple[str, ...]
    right: str
    answer: str


PREDICTIONS = {
    "average": Prediction(
        "There are about 6,000 handwritten 3s among the images of the next chapter. Put them all on top of each other: "
        "what will you see?",
        ("a grey smudge", "a blurred 3", "a sharp 3"),
        "a blurred 3",
        "About 6,000 handwritten 3s on top of each other make a blurred 3: everyone writes it differently, but all of "
        "them share its shape.",
    ),
    "parameters": Prediction(
        "For each of the ten digits the model will have one number per pixel, and one more. How many numbers "
        "is that in all?",
        ("28", "794", "7,850"),
        "7,850",
        "10 × 784 weights and 10 biases make 7,850 numbers.",
    ),
    "softmax": Prediction(
        "Scores can be any numbers, such as −3.3 or 7.1. How could ten of them become ten probabilities?",
        ("divide each by their sum", "make all positive, then divide by their sum", "keep only the largest"),
        "make all positive, then divide by their sum",
        "First make all ten scores positive, then divide by their sum: that is softmax. Dividing alone would leave "
        "negative “probabilities”.",
    ),
    "mistake": Prediction(
        "Two models take a 7 for a 1. One gave the 7 a probability of 0.01, the other only 0.00001. How much more "
        "will the second mistake cost?",
        ("the same: wrong is wrong", "2.5 times as much", "1,000 times as much"),
        "2.5 times as much",
        "A probability of 0.01 for the right digit costs 4.61, one of 0.00001 costs 11.51: 2.5 times as much.",
    ),
    "step": Prediction(
        "One step of training changes all 7,850 numbers at once, to lower the loss on a minibatch. What will the loss "
        "on its images do?",
        ("it falls", "it rises", "that depends on the size of the step"),
        "that depends on the size of the step",
        "A small step lowers the loss; one that is too large raises it.",
    ),
    "epoch": Prediction(
        "600 steps of 100 images use each training image once. What share of the test images will the model then "
        "classify correctly?",
        ("about 50\u00a0%", "about 70\u00a0%", "about 90\u00a0%"),
        "about 90\u00a0%",
        "",  # Train answers it live.
    ),
}


@section
def predict(name: str) -> None:
    """Ask a question whose answer comes in the next chapter."""
    asked = PREDICTIONS[name]
    with st.container(key="prediction"):
        st.markdown(f"**Before you go on.** {asked.question}")
        st.pills("Your prediction", asked.options, key=f"predicted_{name}", label_visibility="collapsed",
                 persist_state="session")  # fmt: skip


def answered(name: str) -> str:
    """Return what the next chapter says: what the visitor predicted, if so, and the answer."""
    asked = PREDICTIONS[name]
    said = st.session_state.get(f"predicted_{name}")
    if said is None:
        return asked.answer
    return f"You predicted “{said}”{', and so it is' if said == asked.right else ''}. {asked.answer}"
