"""The pages, in order and by section, and what the frame of each one shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

FOLDER = Path(__file__).parents[2] / "pages"


@dataclass(frozen=True)
class Place:
    """One page: its file, its name in the navigation, its heading, and what its transport commands, if anything."""

    file: str
    title: str
    heading: str
    transport: Literal["run", "race", "step"] | None

    def page(self) -> st.Page:
        """Return the page for Streamlit; only a running script can make it."""
        return st.Page(FOLDER / self.file, title=self.title, default=self is LAB[0])


LAB = (
    Place("train.py", "Train", "A model that learns to read digits, in front of you", "run"),
    Place("draw.py", "Draw", "Draw a digit", "run"),
    Place("race.py", "Race", "Which learning rate is best?", "race"),
    Place("inside.py", "Inside", "What the model has learnt", "run"),
    Place("what_breaks_it.py", "What breaks it", "What breaks it", "run"),
)
"""The first one opens when none is asked for."""
LESSON = (
    Place("line_to_probability.py", "1 Probability", "1. From a line to a probability", None),
    Place("the_data.py", "2 The data", "2. The data", None),
    Place("one_step_by_hand.py", "3 One step", "3. One step by hand", "step"),
    Place("three_ways.py", "4 Three ways", "4. The model, three ways", None),
    Place("read_the_output.py", "5 The output", "5. Read the output", "run"),
)
PLACES = (*LAB, *LESSON)
"""All pages in the order in which "Next" leads through them; the first one follows the last."""


def pages() -> dict[str, list[st.Page]]:
    """Return the pages of each section; those of the unnamed one stand in the bar itself."""
    return {"": [place.page() for place in LAB], "Lesson": [place.page() for place in LESSON]}


def following(place: Place) -> Place:
    """Return the page that "Next" leads to."""
    return PLACES[(PLACES.index(place) + 1) % len(PLACES)]


def place_of(page: st.Page) -> Place:
    """Return what the frame shows for a page of the navigation."""
    return next(place for place in PLACES if place.title == page.title)
