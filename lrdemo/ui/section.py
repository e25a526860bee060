"""A section of a page: it reruns by itself, and trouble in it is one sentence in its place."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from lrdemo.errors import LrdemoError
from lrdemo.serving.handle import RunHandle
from lrdemo.ui import notice, state
from lrdemo.ui.live import live_view

P = ParamSpec("P")


def section(draw: Callable[P, None]) -> Callable[P, None]:
    """Make a function a fragment that shows an LrdemoError, and what its widgets have reported, as sentences."""

    @st.fragment
    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            draw(*args, **kwargs)
        except LrdemoError as error:
            notice.warn(str(error))
        show_problems()

    return drawn


def following_of(followed: Callable[[], RunHandle]) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a function a section that is drawn again when what `followed` returns has moved on.

    At once where it stands still, and every two seconds while it trains.
    """

    def made(draw: Callable[P, None]) -> Callable[P, None]:
        @section
        @wraps(draw)
        def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
            run = followed()
            snapshot = run.snapshot()
            seen = f"{snapshot.revision},{snapshot.moment},{run.taught}" if snapshot else ""
            # First, so that it is there also where the section ends early.
            live_view("follow", run.token, draw.__name__.strip("_"), seen=seen)
            draw(*args, **kwargs)

        return drawn

    return made


def following(draw: Callable[P, None]) -> Callable[P, None]:
    """Make a function a section that is drawn again when the visitor's run has moved on; see `following_of`."""
    return following_of(state.run)(draw)


def show_problems() -> None:
    """Show what widgets have reported since the last time."""
    for problem in state.problems():
        notice.warn(problem)
