"""The visitor's race: the rates as they are typed, and what its buttons do; the frame and the page share it."""

from __future__ import annotations

import re

import streamlit as st

from lrdemo.errors import LrdemoError, SettingsError
from lrdemo.formats import short
from lrdemo.serving.handle import RunHandle
from lrdemo.settings import BY_HAND, TABLE, Settings, changed, check
from lrdemo.ui import state
from lrdemo.ui.server import visitors
from lrdemo.verdict import DEFAULT_RATES, LEAST, MOST

FIELD = "race_rates"
HELD_OUT = 5_000
"""Training images that a race is judged on, unless the visitor holds others out."""


def rates_of(text: str) -> tuple[float, ...]:
    """Return the learning rates in a text such as "0.01, 0.1, 1", each once, from the lowest to the highest.

    Raises SettingsError for what is no learning rate, and for too few or too many.
    """
    words = [word for word in re.split(r"[,;\s]+", text) if word]
    rates = sorted({check("learning_rate", TABLE["learning_rate"], word) for word in words})
    if not LEAST <= len(rates) <= MOST:
        raise SettingsError(f"A race has {LEAST} to {MOST} different learning rates, not {len(rates)}.")
    return tuple(rates)


def race() -> RunHandle:
    """Return the visitor's race, opened with five rates; until it is started it has the settings of now."""
    visitor = state.visitor()
    return state.beside(visitor.race, lambda wanted: visitors.open_race(visitor, wanted, DEFAULT_RATES), settings())


def settings() -> Settings:
    """Return the settings of the Train page, as far as a race can have them."""
    draft = state.visitor().draft
    return changed(draft, **BY_HAND, gradient="by-hand", changes="", held_out=draft.held_out or HELD_OUT)


def start() -> None:
    """Start the race from its beginning."""
    race().start(settings())


def reset() -> None:
    """Take the race back to its start."""
    race().reset(settings())


def rates_field() -> str | None:
    """Draw the field for the rates; return what is wrong in it, if anything: the race stays as it was then."""
    if FIELD not in st.session_state:
        st.session_state[FIELD] = ", ".join(map(short, race().learning_rates))
    text = st.text_input(f"Learning rates, {LEAST} to {MOST}", key=FIELD, on_change=_choose,
                         placeholder="0.001, 0.01, 0.1")  # fmt: skip
    try:
        rates_of(text)
    except SettingsError as error:
        return f"{error} The race stays as it was."
    return None


def _choose() -> None:
    try:
        rates = rates_of(st.session_state[FIELD])
    except SettingsError:
        return  # Said beside the field.
    try:
        if rates != race().learning_rates:
            visitors.open_race(state.visitor(), settings(), rates)
    except LrdemoError as error:
        state.tell(str(error))
