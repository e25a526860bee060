"""The frame of the lesson pages: their order, links between them, questions to open, code that ran."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from lrdemo.ui.navigation import FOLDER, LESSON
from lrdemo.ui.streamlit_private import page_not_found

READING_WIDTH = 1000


@contextmanager
def lesson_page(file: str, promise: str) -> Iterator[None]:
    """Show a lesson page's title, place and promise above what is written inside, and the way on below it."""
    place = [name for name, _, _ in LESSON].index(file)
    # Long lines are hard to read on a projector.
    with st.container(width=READING_WIDTH):
        st.title(LESSON[place][1], anchor=False)
        st.caption(f"Lesson {place + 1} of {len(LESSON)}")
        st.markdown(promise)
        yield
        st.divider()
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            if place > 0:
                _link(place - 1, ":material/arrow_back:", "left")
            if place + 1 < len(LESSON):
                _link(place + 1, ":material/arrow_forward:", "right")


def _link(place: int, icon: str, side: Any) -> None:
    file, title, _ = LESSON[place]
    try:
        st.page_link(FOLDER / file, label=title, icon=icon, icon_position=side)
    except page_not_found():
        # A page that is run on its own has no neighbours to link to.
        st.caption(title)


def question(text: str, answer: str) -> None:
    """Show a question; its answer opens on a click."""
    with st.expander(f"**Question.** {text}", icon=":material/help:"):
        st.markdown(answer)


def code(text: str, label: str = "The code that ran") -> None:
    """Show source text, folded away until it is opened."""
    with st.expander(label, icon=":material/code:"):
        st.code(text, language="python", wrap_lines=True)
