"""Test images to take in place of a drawing: by number, one after the other, any, or one that the model misreads."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import streamlit as st

from lrdemo.ui import state
from lrdemo.ui.controls import guarded
from lrdemo.ui.draw.confidence import training_for_drawings
from lrdemo.ui.server.picture import picture_of

COUNT = 10_000
UNTRAINED = "Train the model first: untrained, it misreads about 9 images in 10."
NONE_MISREAD = "It classifies all 10,000 test images correctly."


def choice(settle: Callable[[], None]) -> None:
    """Draw the row; `settle` is called before a test image takes the place of the drawing."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="other_pictures"):
        _button("Previous test image", ":material/chevron_left:", settle, lambda: _at() - 1)
        _number(settle)
        _button("Next test image", ":material/chevron_right:", settle, lambda: _at() + 1)
        _button("Any", ":material/casino:", settle, lambda: random.randrange(COUNT), help="Any test image")
        _button("One it misreads", ":material/close:", settle, _misread,
                help="A test image that the model, as it is now, classifies wrongly")  # fmt: skip
        training_for_drawings()


def _button(
    label: str, icon: str, settle: Callable[[], None], index: Callable[[], int | None], help: str | None = None
) -> None:
    def take() -> None:
        settle()
        found = index()
        if found is not None:
            _take(found % COUNT)
            renew_field()

    st.button(label, icon=icon, key=label.lower().replace(" ", "_"), on_click=guarded, args=(take,), help=help)


def renew_field() -> None:
    """Have another field for the number: one that is given another value may send its old one back once more."""
    st.session_state["test_image_field"] += 1


def _number(settle: Callable[[], None]) -> None:
    key = f"test_image_{st.session_state.setdefault('test_image_field', 0)}"

    def take() -> None:
        settle()
        if st.session_state[key] is not None:
            _take(st.session_state[key])

    index = state.visitor().picture.index
    st.number_input("Test image, 0 to 9,999", 0, COUNT - 1, index, key=key, on_change=take, width=120,
                    label_visibility="collapsed", placeholder="Test image")  # fmt: skip


def _at() -> int:
    """Return the test image in question, in place of a drawing the one before it."""
    index = state.visitor().picture.index
    found: int = st.session_state.get("test_image_at", -1) if index is None else index
    return found


def _take(index: int) -> None:
    st.session_state["test_image_at"] = index
    state.visitor().picture = picture_of(index)


def _misread() -> int | None:
    run = state.run()
    snapshot = run.snapshot()
    if snapshot is None or not (snapshot.iteration or run.taught):
        state.tell(UNTRAINED)
        return None
    wrong = np.flatnonzero(~state.ask("lrdemo.answers.robustness:test_answers")["right"])
    if not wrong.size:
        state.tell(NONE_MISREAD)
        return None
    return int(random.choice(wrong))
