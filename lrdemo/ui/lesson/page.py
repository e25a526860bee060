"""What a chapter is made of: scenes, each a picture and the steps told beside it; questions to open, code that ran."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st

STYLE = Path(__file__).with_name("lesson.css")
COLUMNS = (58, 42)
"""The picture's share of the width in per cent, and the words'."""


@contextmanager
def chapter(question: str) -> Iterator[None]:
    """Open with a question, above what is written inside."""
    with st.container(key="lesson"):
        st.html(STYLE)
        with st.container(key="opening"):
            st.markdown(question)
        yield


@contextmanager
def scene(name: str) -> Iterator[tuple[Any, Any]]:
    """Put a picture, which stays in view, beside the steps that tell of it; yield the places for both.

    On a narrow screen the picture stands above the words.
    """
    with st.container(key=f"scene_{name}"):
        picture, words = st.columns(COLUMNS, gap="medium")
        yield picture, words


def step(name: str, title: str, text: str) -> Any:
    """Tell one thought, of at most 60 words; its name is the one by which a picture lights up for it.

    Returns the place for what belongs right below the words.
    """
    below = st.container(key=f"step_{name}")
    below.header(title, anchor=False)
    below.markdown(text)
    return below


def question(text: str, answer: str) -> None:
    """Show a question; its answer opens on a click."""
    with st.expander(f"**Question.** {text}", icon=":material/help:"):
        st.markdown(answer)


@contextmanager
def formulas(label: str = "In formulas") -> Iterator[None]:
    """Fold away what only those need who want it."""
    with st.expander(label, icon=":material/function:"):
        yield


def code(text: str, label: str = "The code that ran") -> None:
    """Show source text, folded away until it is opened."""
    with st.expander(label, icon=":material/code:"):
        st.code(text, language="python", wrap_lines=True)
