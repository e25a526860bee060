"""What a page says about a run before it explains its model: untrained, taught only, exploded, diverged."""

from __future__ import annotations

import streamlit as st

from lrdemo import formats
from lrdemo.serving.board import Snapshot
from lrdemo.ui import notice, state

LOADING = "The digits are still loading. Try again in a moment."
UNTRAINED = "The model is untrained and can only guess. Press Start."
ADVICE = "Choose a lower learning rate or a lower momentum, then press Reset."


def show_run_note() -> None:
    """Show why the answers of this session's run are not to be relied on, if so."""
    run = state.run()
    snapshot = run.snapshot()
    if snapshot is None:
        st.info(LOADING)
    elif snapshot.moment == 0 and not run.taught:
        st.info(UNTRAINED)
    show_trouble()


def show_trouble() -> None:
    """Show what has gone wrong in this session's run, if anything."""
    snapshot = state.run().snapshot()
    trouble = snapshot and trouble_of(snapshot)
    if trouble:
        notice.warn(trouble)


def trouble_of(snapshot: Snapshot) -> str | None:
    """Return what has gone wrong in a run and what to do about it, or None."""
    if snapshot.state == "diverged":
        return f"Training has diverged: the loss is no longer a number, and the answers mean nothing. {ADVICE}"
    if snapshot.exploded:
        return f"Training has gone wrong: the loss has stayed above its start. {ADVICE}"
    return None


def moment(iteration: int, taught: int) -> str:
    """Return to which moment of a run its numbers belong, as "iteration 1,200" or "iteration 0, taught twice"."""
    times = ("", ", taught once", ", taught twice")
    return f"iteration {formats.count(iteration)}" + (times[taught] if taught < 3 else f", taught {taught} times")
