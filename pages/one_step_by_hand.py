"""Lesson 3: the next iteration of the visitor's own run, taken apart; one button takes it for real."""

import streamlit as st

from lrdemo.ui import state
from lrdemo.ui.controls import guarded
from lrdemo.ui.lesson import step_sections
from lrdemo.ui.lesson.data_sections import training_facts
from lrdemo.ui.lesson.page import lesson_page
from lrdemo.ui.run_notes import show_trouble
from lrdemo.ui.section import section

SEEN = "step_seen"
STEP_SECONDS = 5.0


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
        now = state.ask("lrdemo.lesson.step:look_back", indices=seen["indices"])
        if now["run"] == seen["run"] and now["iteration"] in (seen["iteration"], seen["iteration"] + 1):
            return seen, now if now["iteration"] > seen["iteration"] else None
    seen = st.session_state[SEEN] = state.ask("lrdemo.lesson.step:look")
    return seen, None


def buttons(seen: dict, taken: dict | None, place: str) -> None:
    row = st.container(horizontal=True)
    row.button("Take the step", type="primary", icon=":material/step:", on_click=guarded,
               args=(take_the_step,), key=f"take_{place}", disabled=taken is not None or seen["finished"])  # fmt: skip
    row.button("Next minibatch", icon=":material/skip_next:", on_click=look_at_the_next_minibatch,
               key=f"next_{place}", disabled=taken is None)  # fmt: skip
    row.button("Start over", icon=":material/restart_alt:", on_click=guarded, args=(start_over,), key=f"over_{place}")
    if seen["finished"]:
        st.info("The run has finished. Start over to take steps by hand.")
    elif taken is None and place == "above":
        st.caption("Read on; the button moves your real run by one step.")
    elif taken is not None:
        st.caption("The step has been taken. The page still shows its minibatch; go on to the next one.")


@section
def walk() -> None:
    seen, taken = seen_and_taken()
    show_trouble()
    step_sections.loss_metrics(seen, taken)
    buttons(seen, taken, "above")
    image, digit = step_sections.minibatch(seen)
    step_sections.logits(seen, image, digit)
    step_sections.softmax(seen, image)
    step_sections.loss(seen, image)
    step_sections.gradient(seen, image)
    step_sections.update(seen, taken)
    buttons(seen, taken, "below")
    step_sections.from_zero(seen, training_facts())


with lesson_page("After this page you can follow every number of one training step of **your own run**."):
    walk()
