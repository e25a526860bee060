"""What the lesson pages share: their promise, questions to open, code that ran."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

STYLE = Path(__file__).with_name("lesson.css")


@contextmanager
def lesson_page(promise: str) -> Iterator[None]:
    """Show what a lesson page promises above what is written inside."""
    with st.container(key="lesson"):
        st.html(STYLE)
        st.markdown(promise)
        yield


def question(text: str, answer: str) -> None:
    """Show a question; its answer opens on a click."""
    with st.expander(f"**Question.** {text}", icon=":material/help:"):
        st.markdown(answer)


def code(text: str, label: str = "The code that ran") -> None:
    """Show source text, folded away until it is opened."""
    with st.expander(label, icon=":material/code:"):
        st.code(text, language="python", wrap_lines=True)
