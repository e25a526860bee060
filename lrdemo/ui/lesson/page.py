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


PARTS = {"x": "pixels", "W": "templates", "z": "scores", "p": "probabilities", "L": "cost"}
"""What the model is made of, from left to right, as in the one picture (view/machine.js)."""


@contextmanager
def chapter(question: str, about: str = "") -> Iterator[None]:
    """Open with a question, above what is written inside.

    `about` says which parts of the model the chapter is about, as letters such as "zp": they are marked in a line.
    """
    with st.container(key="lesson"):
        st.html(STYLE)
        with st.container(key="opening", horizontal=True, horizontal_alignment="distribute"):
            st.markdown(question, width="content")
            if about:
                st.html(_where(about), width="content")
        yield


def _where(about: str) -> str:
    marks = {letter: f' class="about of-{letter}" aria-current="true"' if letter in about else "" for letter in PARTS}
    items = "".join(f"<li{marks[letter]}><span>{name}</span></li>" for letter, name in PARTS.items())
    return f'<ol class="where" aria-label="What this chapter is about">{items}</ol>'


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
