"""The pages, in order and by section."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parents[2] / "pages"


def pages() -> dict[str, list[st.Page]]:
    """Return the pages of each section."""
    return {
        "Lab": [
            _page("train", "Train", "model_training", default=True),
            _page("draw", "Draw", "draw"),
            _page("input_lab", "Input lab", "science"),
            _page("inside", "Inside", "grid_view"),
            _page("compare", "Compare", "stacked_line_chart"),
        ],
        "Lesson": [
            _page("line_to_probability", "From a line to a probability", "show_chart"),
            _page("the_data", "The data", "apps"),
            _page("one_step_by_hand", "One step by hand", "footprint"),
            _page("three_ways", "The model, three ways", "code"),
            _page("read_the_output", "Read the output", "checklist"),
        ],
    }


def _page(name: str, title: str, icon: str, default: bool = False) -> st.Page:
    return st.Page(_FOLDER / f"{name}.py", title=title, icon=f":material/{icon}:", default=default)
