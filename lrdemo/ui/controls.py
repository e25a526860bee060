"""The transport in the frame, and the settings of a run as widgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lrdemo.errors import LrdemoError
from lrdemo.settings import FULL_SPEED, TABLE
from lrdemo.ui import state
from lrdemo.ui.live import live_view

LEARNING_RATES = tuple(
    float(f"{mantissa}e{power}") for power in range(-4, 1) for mantissa in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
) + (10.0,)
ITERATIONS = (1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500, 600, 800, 937, 1000, 1200, 1500, 2000, 2500, 3000, 4000,
              5000, 6000, 8000, 9370, 10000, 12000, 15000, 20000, 25000, 30000)  # fmt: skip
PACES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, FULL_SPEED)


@st.fragment
def transport() -> None:
    """Draw Start/Pause/Resume, Step, Reset and the read-out; its own fragment, so that a click reruns only this."""
    run = state.run()
    snapshot = run.snapshot()
    now = snapshot.state if snapshot else "starting"
    pending = state.settings() != run.settings
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transport"):
        if now == "running":
            _button("Pause", ":material/pause:", run.pause, primary=True)
        elif now == "paused":
            _button("Resume", ":material/play_arrow:", run.resume, primary=True)
        else:
            label = "Start" if now in ("ready", "starting") else "Start again"
            _button(label, ":material/play_arrow:", _start, primary=True)
        can_step = now in ("ready", "paused", "running")
        for count in (1, 10, 100):
            _button(f"Step {count}", None, run.step, count, disabled=not can_step)
        _button("Reset", ":material/replay:", _reset)
        if pending and now not in ("ready", "starting"):
            st.caption("Changed settings apply at the next start or reset.")
    problem = st.session_state.pop("transport_problem", None)
    if problem:
        st.error(problem)
    live_view("strip", run.token, state=now, linear=run.settings.model == "softmax" and run.settings.features == "pixels")


def settings_panel() -> None:
    """Draw the widgets of all settings: learning rate and iterations first, the rest grouped by when they apply."""
    st.select_slider(
        "Learning rate", LEARNING_RATES, key="learning_rate", help=TABLE["learning_rate"].help + " Applies now.",
        format_func=lambda value: f"{value:g}", bind="query-params", persist_state="session",
        on_change=_apply_now, args=("learning_rate", "set_learning_rate"),
    )  # fmt: skip
    st.select_slider(
        "Iterations", ITERATIONS, key="iterations", help=TABLE["iterations"].help + " Applies at the next start.",
        format_func=lambda value: f"{value:,}", bind="query-params", persist_state="session", on_change=_settle,
    )  # fmt: skip
    st.markdown("**Applies now**")
    st.select_slider(
        "Pace, iterations per second", PACES, key="pace", help=TABLE["pace"].help,
        format_func=lambda value: f"{value:,}" if value else "full speed", bind="query-params",
        persist_state="session", on_change=_apply_now, args=("pace", "set_pace"),
    )  # fmt: skip


def _start() -> None:
    state.run().start(state.settings())


def _reset() -> None:
    state.run().reset(state.settings())


def _settle() -> None:
    """Show an untrained run with the new settings at once; a run under way keeps its own until the next start."""
    run = state.run()
    snapshot = run.snapshot()
    if snapshot is None or snapshot.state == "ready":
        _guarded(run.reset, state.settings())


def _apply_now(name: str, verb: str) -> None:
    _guarded(getattr(state.run(), verb), st.session_state[name])


def _button(label: str, icon: str | None, act: Callable[..., Any], *args: Any, primary: bool = False, disabled: bool = False) -> None:
    st.button(
        label, icon=icon, key=f"transport_{label.split()[0] if label.startswith('Start') else label}", type="primary" if primary else "secondary",
        on_click=_guarded, args=(act, *args), disabled=disabled,
    )  # fmt: skip


def _guarded(act: Callable[..., Any], *args: Any) -> None:
    try:
        act(*args)
    except LrdemoError as error:
        st.session_state["transport_problem"] = str(error)
