"""Lesson 3: the next iteration of the visitor's own run, taken apart; one button takes it for real."""

import streamlit as st

from lrdemo.ui.lesson import step_sections
from lrdemo.ui.lesson.data_sections import training_facts
from lrdemo.ui.lesson.page import chapter
from lrdemo.ui.lesson.step_control import seen_and_taken
from lrdemo.ui.run_notes import show_trouble
from lrdemo.ui.section import following


@following
def walk() -> None:
    seen, taken = seen_and_taken()
    show_trouble()
    if seen["finished"]:
        st.info("The run has finished. Start over to take steps by hand.")
    elif taken is not None:
        st.caption("The step has been taken. The page still shows its minibatch; go on to the next one.")
    step_sections.loss_metrics(seen, taken)
    image, digit = step_sections.minibatch(seen)
    step_sections.logits(seen, image, digit)
    step_sections.softmax(seen, image)
    step_sections.loss(seen, image)
    step_sections.gradient(seen, image)
    step_sections.update(seen, taken)
    step_sections.from_zero(seen, training_facts())


with chapter("After this page you can follow every number of one training step of **your own run**."):
    walk()
