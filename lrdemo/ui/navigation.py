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
    transport: Literal["run", "race", "comparison", "step"] | None

    def page(self) -> st.Page:
        """Return the page for Streamlit; only a running script can make it."""
        return st.Page(FOLDER / self.file, title=self.title, default=self is LAB[0])


LAB = (
    Place("train.py", "Train", "A model that learns to read digits, in front of you", "run"),
    Place("race.py", "Race", "Which learning rate is best?", "race"),
    Place("draw.py", "Draw", "Draw a digit", "run"),
    Place("inside.py", "Inside", "What the model has learnt", "run"),
    Place("mistakes.py", "Mistakes", "Where the model errs", "run"),
    Place("landscape.py", "Landscape", "The landscape of the loss", "run"),
    Place("compare.py", "Compare", "Runs beside each other", "run"),
    Place("features.py", "Features", "Why features matter", "comparison"),
    Place("what_breaks_it.py", "What breaks it", "What breaks it", "run"),
)
"""The first one opens when none is asked for."""
CHAPTERS = (
    Place("yes_or_no.py", "1 Yes or no", "1. Yes or no", None),
    Place("the_data.py", "2 The data", "2. The data", None),
    Place("scores.py", "3 Scores", "3. Ten templates, ten scores", "run"),
    Place("the_answer.py", "4 The answer", "4. From scores to an answer", "run"),
    Place("the_cost.py", "5 The cost", "5. What an answer costs", "run"),
    Place("one_step.py", "6 One step", "6. One step of training", "step"),
)
"""The lesson as one story; it goes on with Train."""
APPENDIX = (
    Place("three_ways.py", "Appendix: the code", "Appendix: the model, three ways", None),
    Place("teaching_notes.py", "For teachers", "Teaching notes: 45 minutes", None),
)
PLACES = (*LAB, *APPENDIX, *CHAPTERS)
"""All pages in the order in which "Next" leads through them; the first one follows the last."""


def pages() -> dict[str, list[st.Page]]:
    """Return the pages of each section; those of the unnamed one stand in the bar itself."""
    return {"": [place.page() for place in LAB], "Lesson": [place.page() for place in (*CHAPTERS, *APPENDIX)]}


def following(place: Place) -> Place:
    """Return the page that "Next" leads to."""
    return PLACES[(PLACES.index(place) + 1) % len(PLACES)]


def place_of(page: st.Page) -> Place:
    """Return what the frame shows for a page of the navigation."""
    return next(place for place in PLACES if place.title == page.title)
