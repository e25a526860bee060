"""Sentences to the visitor, shown as they are: what came from outside is never rendered as Markdown."""

from __future__ import annotations

import re
from typing import NoReturn

import streamlit as st

JOINER = "\N{WORD JOINER}"
"""Invisible; it keeps addresses, emoji and icons from being recognised, which escaping alone does not."""


def warn(sentence: str) -> None:
    """Show a sentence that asks for attention."""
    st.warning(plain(sentence), icon=":material/info:")


def stop(sentence: str) -> NoReturn:
    """Show why the page cannot be shown, and end it there."""
    st.error(plain(sentence))
    st.stop()


def plain(sentence: str) -> str:
    """Return Markdown that shows exactly this sentence."""
    escaped = re.sub(r"([\\`*_\[\]<>~$&])", r"\\\1", sentence)
    return re.sub(r"(:|@|www)(?=\S)", rf"\1{JOINER}", escaped)
