"""The one step that is taken by hand: which minibatch is looked at, whether its step is taken, and the buttons."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lrdemo.errors import LrdemoError
from lrdemo.ui import controls, notice, state
from lrdemo.ui.section import show_problems

TAKEN = "step_taken"
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
        controls.strip(run, controls.state_of(run), step=True)
    show_problems()


def seen_and_taken() -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the next step of the run and None; after a step by hand the step that it was, and where the run is."""
    taken = st.session_state.get(TAKEN)
    if taken is not None and taken[1] == _now():
        return taken[0], state.ask("lrdemo.lesson.step:look_back", indices=taken[0]["indices"])
    return state.ask("lrdemo.lesson.step:look"), None


def _now() -> tuple[int, int, int]:
    """Return what is another as soon as the run has moved on, has begun again or has been taught."""
    snapshot = state.run().snapshot()
    return (snapshot.revision, snapshot.iteration, state.run().taught) if snapshot else (0, 0, 0)


def _look_at_the_next_minibatch() -> None:
    st.session_state.pop(TAKEN, None)


def _take_the_step() -> None:
    run = state.run()
    # One that trains has gone on since the page was drawn: the step is that of the minibatch where it is stopped.
    run.pause()
    seen = state.ask("lrdemo.lesson.step:look")
    run.step()
    run.wait(STEP_SECONDS, lambda snapshot: snapshot.iteration > seen["iteration"])
    st.session_state[TAKEN] = seen, _now()


def _start_over() -> None:
    state.visitor().reset()
    _look_at_the_next_minibatch()
