"""A section of a page: it reruns by itself, and trouble in it is one sentence in its place."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from lrdemo.errors import LrdemoError
from lrdemo.ui import notice, state

P = ParamSpec("P")


def section(draw: Callable[P, None], run_every: float | None = None) -> Callable[P, None]:
    """Make a function a fragment that shows an LrdemoError, and what its widgets have reported, as sentences.

    With `run_every` it is drawn again after so many seconds, over and over.
    """

    @st.fragment(run_every=run_every)
    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            draw(*args, **kwargs)
        except LrdemoError as error:
            notice.warn(str(error))
        show_problems()

    return drawn


def show_problems() -> None:
    """Show what widgets have reported since the last time."""
    for problem in state.problems():
        notice.warn(problem)
