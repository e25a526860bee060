"""The pages, in order and by section."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parents[2] / "pages"
LAB = (
    ("train.py", "Train", "model_training"),
    ("draw.py", "Draw", "draw"),
    ("input_lab.py", "Input lab", "science"),
    ("inside.py", "Inside", "grid_view"),
    ("compare.py", "Compare", "stacked_line_chart"),
)
"""File, title and icon of each page; the first one opens when none is asked for."""
LESSON = (
    ("line_to_probability.py", "From a line to a probability", "show_chart"),
    ("the_data.py", "The data", "apps"),
    ("one_step_by_hand.py", "One step by hand", "footprint"),
    ("three_ways.py", "The model, three ways", "code"),
    ("read_the_output.py", "Read the output", "checklist"),
)


def pages() -> dict[str, list[st.Page]]:
    """Return the pages of each section."""
    return {"Lab": [_page(*page) for page in LAB], "Lesson": [_page(*page) for page in LESSON]}


def _page(file: str, title: str, icon: str) -> st.Page:
    return st.Page(FOLDER / file, title=title, icon=f":material/{icon}:", default=file == LAB[0][0])
