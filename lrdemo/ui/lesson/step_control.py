"""The one step that is taken by hand: the copy of the run that it is taken on, and the buttons of its transport line.

The copy is made when the page is opened for the first time. It stays, whatever the run does, until it is made again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from lrdemo.errors import LrdemoError, ServiceError
from lrdemo.formats import count, short
from lrdemo.lesson.run_copy import RunCopy
from lrdemo.ui import controls, state
from lrdemo.ui.run_notes import LOADING, moment
from lrdemo.ui.section import show_problems

WALK = "step_walk"
CHOSEN_RATE = "step_rate"
STEP_SECONDS = 5.0
QUESTIONS = "lrdemo.lesson.step:"

Place = tuple[int, int, int]
"""Where a run stands: revision, iteration, teachings. It differs as soon as the run has moved on or begun again."""


@dataclass(frozen=True, eq=False)
class Taken:
    """The step that was taken: at which rate, the copy after it, and the loss on the same minibatch.

    Where the run has taken it as well, `difference` is the largest between its parameters and the copy's.
    """

    rate: float
    copy: RunCopy
    loss: float
    difference: float | None = None


@dataclass(eq=False)
class Walk:
    """A copy on its way: what is known of its next step, where it was made, and how many steps it has taken since."""

    seen: dict[str, Any]
    rates: list[float]
    losses: list[float]
    made: Place
    place: Place
    """Where the run is as long as it is in step with the copy: where the copy was made, or one real step further."""
    start_rate: float
    """Where the handle was put when this copy came."""
    steps: int = 0
    taken: Taken | None = None

    @property
    def copy(self) -> RunCopy:
        """Return the copy before its next step, or before the one that it has just taken."""
        copy: RunCopy = self.seen["copy"]
        return copy

    @property
    def rate(self) -> float:
        """Return the learning rate of the step: that of the handle, or of the step that was taken."""
        return self.taken.rate if self.taken else float(st.session_state[CHOSEN_RATE])


def the_walk() -> Walk:
    """Return the copy that this visitor walks with; the first time it is made of the run as it is.

    Raises LrdemoError where there is none and none can be made.
    """
    walk: Walk | None = st.session_state.get(WALK)
    return walk or copy_the_run()


def copy_the_run() -> Walk:
    """Begin with a copy of the run as it is."""
    seen = state.ask(f"{QUESTIONS}look")
    st.session_state[CHOSEN_RATE] = seen["copy"].learning_rate
    place = _place()[0], seen["copy"].iteration, state.run().taught
    return _walk_on(seen, place, place)


def _walk_on(seen: dict[str, Any], made: Place, place: Place, steps: int = 0) -> Walk:
    curve = state.ask(f"{QUESTIONS}rate_curve", copy=seen["copy"])
    rate = st.session_state[CHOSEN_RATE]
    walk = st.session_state[WALK] = Walk(seen, curve["rates"], curve["losses"], made, place, rate, steps)
    return walk


def step_transport() -> None:
    """Draw the transport line of the page: a step of the copy, then the next minibatch; every click redraws all."""
    run = state.run()
    try:
        walk: Walk | None = the_walk()
    except LrdemoError:
        walk = None  # The page says why.
    with controls.line():
        if walk is None or walk.taken is None:
            controls.main_button("Take the step", _take, icon=":material/step:", disabled=walk is None)
        else:
            controls.main_button("Next minibatch", _next, icon=":material/skip_next:")
        reason = why_not(walk) if walk else None
        controls.button("Take it for real", _take_for_real, disabled=walk is None or bool(reason), help=reason)
        controls.strip(run, controls.state_of(run), step=True)
    show_problems()


def why_not(walk: Walk) -> str | None:
    """Return why the run cannot take this very step, or None where it can."""
    snapshot = state.run().snapshot()
    if snapshot is None:
        return LOADING
    if walk.taken and walk.taken.difference is not None:
        return "Your run has taken this step already."
    if snapshot.seen is not None:
        return "You are looking back at your run. Press Back to now above, then copy it again."
    if snapshot.state == "running":
        return "Your run is training. Pause it on Train, then copy it again."
    if _place() != walk.place:
        return "Your run is no longer where this copy was made. Copy it again."
    if snapshot.state in ("finished", "diverged"):
        return "Your run has finished, so it takes no more steps."
    if walk.steps:
        return "This copy has taken steps that your run has not. Copy the run again."
    return None


def where_they_are(walk: Walk) -> str:
    """Return in a sentence or two of which moment of the run the copy is, and where the run is by now."""
    snapshot, (_, iteration, taught) = state.run().snapshot(), walk.made
    words = f"This is a **copy** of your run at **{moment(iteration, taught)}**"
    if walk.steps:
        words += f", taken {count(walk.steps)} step{'s' * (walk.steps > 1)} further"
    if snapshot is None or _place() == walk.made:
        return f"{words}. Your run stays as it is until you take a step for real."
    if _place() == walk.place:
        return f"{words}. Your run has taken this step, too, and is now at iteration {count(snapshot.moment)}."
    if snapshot.revision != walk.place[0]:
        return f"{words}; your run has begun again and is now at iteration {count(snapshot.moment)}."
    return f"{words}; your run is now at {moment(snapshot.moment, state.run().taught)}."


def have_parted(walk: Walk) -> bool:
    """Return whether the run and the copy have parted."""
    return bool(walk.steps) or _place() != walk.place


def _place() -> Place:
    run = state.run()
    snapshot = run.snapshot()
    return (snapshot.revision, snapshot.moment, run.taught) if snapshot else (0, 0, 0)


def _take() -> None:
    walk = the_walk()
    found = state.ask(f"{QUESTIONS}take", copy=walk.copy, rate=walk.rate)
    walk.taken = Taken(walk.rate, found["copy"], found["loss"])


def _next() -> None:
    walk = the_walk()
    if walk.taken is None:
        return
    if walk.taken.difference is not None and _place() == walk.place:
        copy_the_run()
    else:
        seen = state.ask(f"{QUESTIONS}look", copy=walk.taken.copy)
        _walk_on(seen, walk.made, walk.place, walk.steps + 1)


def _take_for_real() -> None:
    walk, visitor = the_walk(), state.visitor()
    run = visitor.run
    snapshot = run.snapshot()
    reason = why_not(walk)
    if reason or snapshot is None:
        raise ServiceError(reason or LOADING)
    if walk.taken is None:
        _take()
    assert walk.taken is not None
    taken = walk.taken
    if taken.rate != snapshot.lane.learning_rate:
        if snapshot.state == "ready" and run.taught:
            raise ServiceError(
                "Another learning rate would start your run anew, and it would forget your drawings. Put the handle "
                f"on the run's own rate, {short(snapshot.lane.learning_rate)}."
            )
        visitor.change(learning_rate=taken.rate)
    run.step()
    run.wait(STEP_SECONDS, lambda now: now.iteration == walk.copy.iteration + 1 and now.state != "running")
    difference = state.ask(f"{QUESTIONS}compare", copy=taken.copy)["difference"]
    walk.taken = Taken(taken.rate, taken.copy, taken.loss, difference)
    walk.place = _place()
