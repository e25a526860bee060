"""The transport: Start, Pause, Resume, Step and Reset, and the strip that shows how the run is doing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lrdemo.errors import LrdemoError
from lrdemo.serving.handle import RunHandle
from lrdemo.ui import race_control, state
from lrdemo.ui.live import live_view
from lrdemo.ui.section import show_problems

STEPS = (1, 10, 100)


@st.fragment
def transport() -> None:
    """Draw the transport of the visitor's own run, as a fragment: a click reruns nothing else."""
    visitor = state.visitor()
    run = visitor.run
    now = state_of(run)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transport"):
        main_button("transport", run, now, visitor.start, shortcut="P")
        for count in STEPS:
            _button("transport", f"Step {count}", run.step, count, disabled=now in ("finished", "diverged"))
        _button("transport", "Reset", visitor.reset, icon=":material/replay:")
        if visitor.pending:
            st.caption("Changed settings apply at the next start or reset.")
    show_problems()
    linear = run.settings.model == "softmax" and run.settings.features == "pixels"
    live_view("strip", run.token, state=now, linear=linear)


@st.fragment
def race_transport() -> None:
    """Draw the transport of the visitor's race."""
    run = race_control.race()
    now = state_of(run)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="race_transport"):
        main_button("race", run, now, race_control.start, what=" race", shortcut="P")
        _button("race", "Reset race", race_control.reset, icon=":material/replay:")
    show_problems()
    live_view("strip", run.token, state=now, linear=False, race=True)


def state_of(run: RunHandle) -> str:
    """Return the run's state, "starting" while it has none yet."""
    snapshot = run.snapshot()
    return snapshot.state if snapshot else "starting"


def main_button(
    group: str, run: RunHandle, now: str, start: Callable[[], None], what: str = "", shortcut: str | None = None
) -> None:
    """Draw Start, Pause or Resume, whichever fits the state."""
    looks: dict[str, Any] = {"type": "primary", "shortcut": shortcut}
    if now == "running":
        _button(group, f"Pause{what}", run.pause, icon=":material/pause:", **looks)
    elif now == "paused":
        _button(group, f"Resume{what}", run.resume, icon=":material/play_arrow:", **looks)
    else:
        label = f"Start{what}" if now in ("ready", "starting") else f"Start{what} again"
        _button(group, label, start, icon=":material/play_arrow:", **looks)


def guarded(act: Callable[..., Any], *args: Any) -> None:
    """Do what a widget asks for; if that fails, keep the reason for the visitor."""
    try:
        act(*args)
    except LrdemoError as error:
        state.tell(str(error))


def _button(group: str, label: str, act: Callable[..., Any], *args: Any, **looks: Any) -> None:
    st.button(label, key=f"{group}_{label}", on_click=guarded, args=(act, *args), **looks)
