"""The transport line: Start, Pause, Resume, Step and Reset, and the strip that says how the run is doing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from lrdemo.errors import LrdemoError
from lrdemo.serving.handle import RunHandle
from lrdemo.ui import comparison_control, race_control, state
from lrdemo.ui.live import live_view
from lrdemo.ui.section import show_problems

STEPS = (1, 10, 100)
MAIN_WIDTH = 168
"""Of the filled button in pixels, whatever it says: nothing slides."""


@st.fragment
def transport() -> None:
    """Draw the transport line of the visitor's own run, as a fragment: a click reruns nothing else."""
    visitor = state.visitor()
    run = visitor.run
    now = state_of(run)
    with line():
        start_button(run, now, visitor.start)
        with st.popover("Step", key="step"):
            for count in STEPS:
                button(f"Step {count}", run.step, count, disabled=now in ("finished", "diverged"))
        button("Reset", visitor.reset)
        present = visitor.present
        if present and visitor.kept.same_as(present):
            button("Kept", visitor.keep, disabled=True, icon=":material/check:")
        else:
            button("Keep", visitor.keep, disabled=present is None)
        strip(run, now)
    show_problems()


def strip(run: RunHandle, now: str, **data: Any) -> None:
    """Draw how the visitor's own run is doing, beside the buttons for its state."""
    linear = run.settings.model == "softmax" and run.settings.features == "pixels"
    live_view("strip", run.token, state=now, linear=linear, **data)


@st.fragment
def race_transport() -> None:
    """Draw the transport line of the visitor's race."""
    run = race_control.race()
    now = state_of(run)
    with line():
        start_button(run, now, race_control.start, what=" race")
        button("Reset race", race_control.reset)
        live_view("strip", run.token, state=now, linear=False, race=True)
    show_problems()


@st.fragment
def comparison_transport() -> None:
    """Draw the transport line of the visitor's comparison."""
    run = comparison_control.comparison()
    now = state_of(run)
    with line():
        start_button(run, now, comparison_control.start)
        button("Reset", comparison_control.reset)
        live_view("strip", run.token, "comparison", state=now, linear=False, comparison=True)
    show_problems()


@contextmanager
def line() -> Iterator[None]:
    """Put what is drawn inside into a transport line; the frame's style keeps it in view."""
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="transport"):
        yield


def state_of(run: RunHandle) -> str:
    """Return the run's state, "starting" while it has none yet."""
    snapshot = run.snapshot()
    return snapshot.state if snapshot else "starting"


def start_button(run: RunHandle, now: str, start: Callable[[], None], what: str = "") -> None:
    """Draw Start, Pause or Resume, whichever fits the state."""
    if now == "running":
        main_button(f"Pause{what}", run.pause, icon=":material/pause:")
    elif now == "paused":
        main_button(f"Resume{what}", run.resume, icon=":material/play_arrow:")
    else:
        label = f"Start{what}" if now in ("ready", "starting") else f"Start{what} again"
        main_button(label, start, icon=":material/play_arrow:")


def main_button(label: str, act: Callable[..., Any], **looks: Any) -> None:
    """Draw the page's one filled button; the key P presses it."""
    button(label, act, type="primary", shortcut="P", width=MAIN_WIDTH, **looks)


def button(label: str, act: Callable[..., Any], *args: Any, **looks: Any) -> None:
    """Draw a button of a transport line; if what it does fails, the reason is shown below."""
    st.button(label, key=f"transport_{label}", on_click=guarded, args=(act, *args), **looks)


def guarded(act: Callable[..., Any], *args: Any) -> None:
    """Do what a widget asks for; if that fails, keep the reason for the visitor."""
    try:
        act(*args)
    except LrdemoError as error:
        state.tell(str(error))
