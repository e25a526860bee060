"""Chapter 3: a template for each digit, products added up, and ten scores."""

import streamlit as st

from lrdemo.ui import state
from lrdemo.ui.lesson.machine import machine
from lrdemo.ui.lesson.page import chapter, code, formulas, question, scene, step
from lrdemo.ui.lesson.predictions import answered, predict
from lrdemo.ui.lesson.words import pixels, scores, weights
from lrdemo.ui.section import section

LIT = {"template": "W", "product": "xW", "score": "Wz", "training": "Wz"}


@section
def behind() -> None:
    with formulas():
        st.markdown(
            "*k* is a digit, *j* a pixel, and Σ means *sum*. The sum of the products alone is called the **dot "
            "product** of the image and the template."
        )
        st.latex(r"z_k = \sum_{j=1}^{784} x_j \, W_{kj} + b_k")
        st.markdown(
            "For 100 images at once, one row per image: shapes [100, 784] · [784, 10] + [10] → **[100, 10]**. PyTorch "
            "keeps the weights as [10, 784], one row per digit, and transposes them (swaps rows and columns; the `T` "
            "in the code)."
        )
    question(
        "Why does the model need the bias?",
        "It moves a digit's score up or down whatever the image is. A 1 has so little ink that its products never add "
        "up to much; a bias can make up for that.",
    )
    code(state.ask("lrdemo.lesson.code:texts")["logits"])


with chapter("How can a computer say **which digit** an image looks like, when all it has is 784 numbers?", "xWz"):
    with scene("scores") as (picture, words):
        with picture:
            machine("scores", "x", LIT)
        with words:
            step(
                "template",
                "One template per digit",
                f"For each digit there is a {weights('template')}: 784 {weights('weights')} "
                "*W*, one for each pixel, drawn as a picture. **Red**: ink here speaks for the digit. **Blue**: ink "
                "here speaks against it.",
            )
            step(
                "product",
                "Multiply and add",
                f"Lay the image on a template. Multiply each {pixels('pixel')} *x* by the {weights('weight')} under it "
                "and add up the 784 products. Ink on red adds, ink on blue takes away; paper, which is 0, does "
                "nothing. **Touch a digit** in the picture to see its products.",
            )
            step(
                "score",
                "Ten scores",
                f"Add one more number, the digit's {weights('bias')} *b*, and you have its {scores('score')} *z*, also "
                "called its **logit**. A thick line carries much, a dashed one less than nothing. The digit with the "
                f"largest score, marked ▸, is the model's answer. {answered('parameters')}",
            )
            step(
                "training",
                "Where do the templates come from?",
                "Nobody draws them. Before training they are random, and the largest score is an accident. Press "
                "**Start**: the templates take shape, and one score pulls away from the others. How training finds "
                "them is the subject of chapter 6.",
            )
    behind()
    predict("softmax")
