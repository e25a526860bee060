"""Compare: several learning rates race on the same minibatches from the same start."""

import streamlit as st

from lrdemo.settings import changed
from lrdemo.ui import controls, server, state
from lrdemo.ui.live import live_view
from lrdemo.ui.settings_panel import LEARNING_RATES
from lrdemo.verdict import DEFAULT_RATES, LEAST, MOST

visitor = state.visitor()


def race_again() -> None:
    """Open a race with the rates chosen now; it keeps the other settings of the Train page."""
    rates = sorted(st.session_state.get("race_rates") or DEFAULT_RATES)
    if len(rates) < LEAST:
        state.tell(f"A race needs at least {LEAST} learning rates. Choose another one.")
        return
    settings = changed(visitor.draft, model="softmax", gradient="by-hand")
    server.open_race(visitor, settings, rates)


st.markdown(
    "**Which learning rate is best?** Every rate gets the same minibatches and the same start. Too low learns slowly; "
    "too high overshoots and zig-zags."
)
if visitor.race is None:
    race_again()
race = visitor.race
if race is not None:
    st.multiselect(
        f"Learning rates, {LEAST} to {MOST}", sorted({*LEARNING_RATES, *DEFAULT_RATES}), list(race.rates),
        format_func=lambda rate: f"{rate:g}", max_selections=MOST, key="race_rates", on_change=race_again,
    )  # fmt: skip
    controls.race_transport(race, race_again)
    live_view("race", race.token)
