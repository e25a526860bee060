"""The one step that is taken by hand: which minibatch is looked at, whether its step is taken, and the buttons."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lrdemo.errors import LrdemoError
from lrdemo.ui import controls, notice, state
from lrdemo.ui.live import live_view
from lrdemo.ui.section import show_problems

SEEN = "step_seen"
STEP_SECONDS = 5.0


def step_transport() -> None:
    """Draw the transport line of the page: take the step, then go on to the next minibatch; every click redraws all."""
    run = state.run()
    try:
        seen, taken = seen_and_taken()
    except LrdemoError as error:
        notice.warn(str(error))
        return
    with controls.line():
        if taken is None:
            controls.main_button("Take the step", _take_the_step, icon=":material/step:", disabled=seen["finished"])
        else:
            controls.main_button("Next minibatch", _look_at_the_next_minibatch, icon=":material/skip_next:")
        controls.button("Start over", _start_over)
        live_view("strip", run.token, state=controls.state_of(run), step=True)
    show_problems()


def seen_and_taken() -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return what was seen before the step and, once it is taken, where the run is; look anew if the run moved on."""
    seen = st.session_state.get(SEEN)
    if seen is not None and controls.state_of(state.run()) != "running":
        now = state.ask("lrdemo.lesson.step:look_back", indices=seen["indices"])
        if now["run"] == seen["run"] and now["iteration"] in (seen["iteration"], seen["iteration"] + 1):
            return seen, now if now["iteration"] > seen["iteration"] else None
    seen = st.session_state[SEEN] = state.ask("lrdemo.lesson.step:look")
    return seen, None


def _look_at_the_next_minibatch() -> None:
    st.session_state.pop(SEEN, None)


def _take_the_step() -> None:
    run = state.run()
    if controls.state_of(run) == "running":
        # It has gone on since the page was drawn: the step is that of the minibatch where it is stopped.
        run.pause()
        _look_at_the_next_minibatch()
    before = seen_and_taken()[0]["iteration"]
    run.step()
    run.wait(STEP_SECONDS, lambda snapshot: snapshot.iteration > before)


def _start_over() -> None:
    state.visitor().reset()
    _look_at_the_next_minibatch()
