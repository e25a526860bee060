"""The live view: one component, fed by the live channel, that shows a run without any rerun of the script."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import streamlit as st

from lrdemo.pictures import STOPS

_FOLDER = Path(__file__).parent / "view"
_SCRIPTS = ("link", "draw", "strip", "charts", "templates", "answer", "race", "view")


def _scripts() -> str:
    text = "\n".join((_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    return text.replace("__STOPS__", str(STOPS.astype(int).tolist()))


_mount = st.components.v2.component(
    "lrdemo_live",
    css=(_FOLDER / "view.css").read_text(encoding="utf-8"),
    js=_scripts(),
)


def live_view(view: Literal["strip", "lab", "answer", "inside", "race"], token: str, **data: Any) -> None:
    """Mount a live view of the run that the token names.

    `strip` takes the state that the buttons beside it were drawn for, and causes a rerun when the run comes to
    another state by itself.
    """
    key = f"live_{view}_of_race" if data.get("race") else f"live_{view}"
    _mount(key=key, data={"view": view, "token": token, **data}, on_state_change=_noticed)


def _noticed() -> None:
    """Do nothing: the rerun that comes with it draws the buttons anew."""
