"""The live view: a component, fed by the live channel, that shows a run without rerunning the script."""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from lrdemo.errors import LrdemoError
from lrdemo.ui import state
from lrdemo.ui.scripts import PICTURES, VIEW, joined, read

PARTS = (
    "numbers", "elements", "strokes", "pictures", "forms", "bars", "decode", "link", "strip", "chart", "curves",
    "back", "direction_choice", "templates", "answer", "why", "pad", "images", "edge", "race", "comparison",
    "breaking", "confusion", "image_card", "mistakes", "advice", "guess", "recipe", "choice", "machine", "follow",
    "closing", "view",
)  # fmt: skip
STYLES = (
    "view", "strip", "curves", "back", "templates", "direction_choice", "answer", "lab", "why", "pad", "images", "edge",
    "race", "comparison", "breaking", "confusion", "mistakes", "advice", "guess", "recipe", "choice", "machine",
)  # fmt: skip


def script() -> str:
    """Return the live view's module."""
    return joined(*(VIEW / f"{name}.js" for name in PARTS), **PICTURES)


def style() -> str:
    """Return the live view's style."""
    return "".join(read(VIEW / f"{name}.css") for name in STYLES)


_mount = st.components.v2.component("lrdemo_live", css=style(), js=script())


Kind = Literal[
    "strip", "lab", "answer", "pad", "images", "inside", "race", "comparison", "breaking", "mistakes", "machine",
    "follow", "edge", "loss",
]


def live_view(view: Kind, token: str, name: str = "", **data: Any) -> None:
    """Mount a live view of the run with this token, with a name of its own where there are several of a kind.

    `strip` takes the state that the buttons beside it were drawn for, and reruns them when the run reaches another
    state by itself. `follow` shows nothing: it takes what was `seen` of the run, and reruns what is around it when the
    run has moved on.
    """
    key = "_".join(["live", view, *([name] if name else []), *(["of_race"] if data.get("race") else [])])
    data = {"view": view, "token": token, **data}
    width: Any = "content" if view == "images" else "stretch"
    _mount(key=key, data=data, width=width, on_state_change=_noticed, on_moved_change=_noticed,
           on_advice_change=lambda: _follow_advice(st.session_state.get(key)),
           on_onwards_change=lambda: _go_on_from(st.session_state.get(key)))  # fmt: skip


def _noticed() -> None:
    """Do nothing: the rerun that follows redraws what is around the view."""


def _follow_advice(view: Any) -> None:
    if view is None:
        return  # The visitor has left the page in the same moment.
    try:
        state.visitor().follow_advice(view.advice)
    except LrdemoError as error:
        state.tell(str(error))


def _go_on_from(view: Any) -> None:
    if view is None:
        return
    try:
        state.visitor().go_on_from(int(view.onwards))
    except LrdemoError as error:
        state.tell(str(error))
