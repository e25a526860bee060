"""The transport in the frame: Start, Pause, Resume, Step, Reset and the read-out beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lrdemo.errors import LrdemoError
from lrdemo.settings import TABLE, Settings, changed
from lrdemo.ui import state
from lrdemo.ui.live import live_view

STEPS = (1, 10, 100)


@st.fragment
def transport() -> None:
    """Draw the transport; a fragment, so that a click reruns only this."""
    visitor = state.visitor()
    run = visitor.run
    snapshot = run.snapshot()
    now = snapshot.state if snapshot else "starting"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transport"):
        if now == "running":
            _button("Pause", run.pause, icon=":material/pause:", type="primary", shortcut="P")
        elif now == "paused":
            _button("Resume", run.resume, icon=":material/play_arrow:", type="primary", shortcut="P")
        else:
            label = "Start" if now in ("ready", "starting") else "Start again"
            _button(label, _start, icon=":material/play_arrow:", type="primary", shortcut="P")
        for count in STEPS:
            _button(f"Step {count}", run.step, count, disabled=now in ("finished", "diverged"))
        _button("Reset", _reset, icon=":material/replay:")
        if now not in ("ready", "starting") and _pending(visitor.draft, run.settings):
            st.caption("Changed settings apply at the next start or reset.")
    for problem in state.problems():
        st.warning(problem, icon=":material/info:")
    linear = run.settings.model == "softmax" and run.settings.features == "pixels"
    live_view("strip", run.token, state=now, linear=linear, batch=run.settings.batch_size)


def guarded(act: Callable[..., Any], *args: Any) -> None:
    """Do what a widget asks for; what cannot be done is told to the visitor, and nothing is lost."""
    try:
        act(*args)
    except LrdemoError as error:
        state.tell(str(error))


def _pending(draft: Settings, used: Settings) -> bool:
    now = {name: getattr(used, name) for name, setting in TABLE.items() if setting.applies == "now"}
    return changed(draft, **now) != used


def _start() -> None:
    visitor = state.visitor()
    visitor.run.start(visitor.draft)


def _reset() -> None:
    visitor = state.visitor()
    visitor.run.reset(visitor.draft)


def _button(label: str, act: Callable[..., Any], *args: Any, **looks: Any) -> None:
    st.button(label, key=f"transport_{label}", on_click=guarded, args=(act, *args), **looks)
