"""Compare: several learning rates race on the same minibatches from the same start."""

import streamlit as st

from lrdemo.formats import short
from lrdemo.settings import BY_HAND, Settings, changed
from lrdemo.ui import controls, state
from lrdemo.ui.live import live_view
from lrdemo.ui.server import visitors
from lrdemo.ui.settings_panel import LEARNING_RATES
from lrdemo.verdict import DEFAULT_RATES, LEAST, MOST

visitor = state.visitor()


def settings() -> Settings:
    """Return the settings of the Train page, as far as a race can have them."""
    return changed(visitor.draft, **BY_HAND, gradient="by-hand", changes="")


def open_race() -> None:
    """Open a race with the rates that are chosen now."""
    rates = sorted(st.session_state.get("race_rates", DEFAULT_RATES))
    if len(rates) < LEAST:
        state.tell(f"A race needs at least {LEAST} learning rates. Choose another one.")
    else:
        visitors.open_race(visitor, settings(), rates)


st.markdown(
    "**Which learning rate is best?** All models start equal and see the same images. A small rate learns slowly; a "
    "large one overshoots."
)
if visitor.race is None:
    open_race()
if visitor.race is not None:
    st.multiselect(
        f"Learning rates, {LEAST} to {MOST}", sorted({*LEARNING_RATES, *DEFAULT_RATES}),
        list(visitor.race.learning_rates),
        format_func=short, max_selections=MOST, key="race_rates", on_change=open_race,
    )  # fmt: skip
    controls.race_transport(visitor.race, settings)
    live_view("race", visitor.race.token)
