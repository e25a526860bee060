"""The visitor's comparison of features: with or without a deeper model, and what its buttons do."""

from __future__ import annotations

import streamlit as st

from lrdemo.candidates import DEEP, LINEAR
from lrdemo.errors import LrdemoError
from lrdemo.serving.handle import RunHandle
from lrdemo.settings import DEFAULTS, FULL_SPEED, Settings
from lrdemo.ui import state
from lrdemo.ui.server import visitors

DEEPER = "comparison_deeper"
OWN = {"iterations": 3_000, "pace": FULL_SPEED}
"""What it trains with where the visitor has chosen nothing else."""
TAKEN_OVER = ("iterations", "pace", "seed")


def comparison() -> RunHandle:
    """Return the visitor's comparison, opened with the linear models; one not yet started has the settings of now."""
    visitor = state.visitor()
    return state.beside(
        visitor.comparison, lambda wanted: visitors.open_comparison(visitor, wanted, LINEAR), settings()
    )


def settings() -> Settings:
    """Return what is equal for all: the default settings, but length, pace and seed as the visitor has chosen them."""
    draft = state.visitor().draft
    chosen = {name: getattr(draft, name) for name in TAKEN_OVER if getattr(draft, name) != DEFAULTS[name]}
    return Settings(**{**OWN, **chosen})


def start() -> None:
    """Start the comparison from its beginning."""
    comparison().start(settings())


def reset() -> None:
    """Take the comparison back to its start."""
    comparison().reset(settings())


def deeper_box() -> None:
    """Draw the box that puts a deeper model beside the linear ones."""
    st.session_state[DEEPER] = len(comparison().candidates) > len(LINEAR)
    st.checkbox(
        "With a multilayer perceptron beside them", key=DEEPER, on_change=_choose,
        help="A deeper model, with two hidden layers. The comparison begins anew and takes several times as long.",
    )  # fmt: skip


def _choose() -> None:
    wanted = (*LINEAR, *DEEP) if st.session_state[DEEPER] else LINEAR
    try:
        visitors.open_comparison(state.visitor(), settings(), wanted)
    except LrdemoError as error:
        state.tell(str(error))
