"""Lesson 3: the next iteration of the visitor's own run, taken apart; one button takes it for real."""

import streamlit as st

from lrdemo.errors import LrdemoError
from lrdemo.lesson import data_facts
from lrdemo.ui import state
from lrdemo.ui.lesson import step_sections
from lrdemo.ui.lesson.page import lesson_page

FILE = "one_step_by_hand.py"
SEEN = "step_seen"
STEP_SECONDS = 5.0


@st.cache_resource(show_spinner="Counting ink …")
def facts() -> data_facts.Facts:
    digits = state.digits()
    return data_facts.count_facts(digits.train_images, digits.train_labels)


def look_at_the_next_minibatch() -> None:
    st.session_state.pop(SEEN, None)


def take_the_step() -> None:
    before = st.session_state[SEEN]["iteration"]
    run = state.run()
    run.step()
    run.wait(STEP_SECONDS, lambda snapshot: snapshot.iteration > before)


def start_over() -> None:
    state.run().reset()
    look_at_the_next_minibatch()


def seen_and_taken() -> tuple[dict, dict | None]:
    """Return what was seen before the step and, once it is taken, where the run is; look anew if the run moved on."""
    seen = st.session_state.get(SEEN)
    if seen is not None:
        now = state.ask("look_back", indices=seen["indices"])
        if now["run"] == seen["run"] and now["iteration"] in (seen["iteration"], seen["iteration"] + 1):
            return seen, now if now["iteration"] > seen["iteration"] else None
    seen = st.session_state[SEEN] = state.ask("look")
    return seen, None


def buttons(seen: dict, taken: dict | None, place: str) -> None:
    row = st.container(horizontal=True)
    row.button("Take the step", type="primary", icon=":material/step:", on_click=take_the_step,
               key=f"take_{place}", disabled=taken is not None or seen["finished"])  # fmt: skip
    row.button("Next minibatch", icon=":material/skip_next:", on_click=look_at_the_next_minibatch,
               key=f"next_{place}", disabled=taken is None)  # fmt: skip
    row.button("Start over", icon=":material/restart_alt:", on_click=start_over, key=f"over_{place}")
    if seen["finished"]:
        st.info("The run has done all its iterations. Start over to take steps by hand.")
    elif taken is None and place == "above":
        st.caption("Read down the page, then take the step: it is the real run that moves, by one iteration.")
    elif taken is not None:
        st.caption("The step is taken. The page still shows the minibatch it was taken on; go on to the next one.")


@st.fragment
def walk() -> None:
    try:
        seen, taken = seen_and_taken()
    except LrdemoError as error:
        st.warning(f"{error}")
        return
    step_sections.loss_metrics(seen, taken)
    buttons(seen, taken, "above")
    image, digit = step_sections.minibatch(seen)
    step_sections.logits(seen, image, digit)
    step_sections.softmax(seen, image)
    step_sections.loss(seen, image)
    step_sections.gradient(seen, image)
    step_sections.update(seen, taken)
    buttons(seen, taken, "below")
    step_sections.from_zero(seen, facts())


with lesson_page(FILE, "After this page you can follow every number of one training step of **your own run**."):
    walk()
