"""Landscape: how the loss runs from the start to where the run is, how sharply it is curved, and steps at the edge."""

import streamlit as st

from lrdemo.edge import SHARES, trial
from lrdemo.ui import landscape, state
from lrdemo.ui.controls import guarded
from lrdemo.ui.live import live_view
from lrdemo.ui.section import following

RATES = """
A step is the learning rate times the slope. In a valley with curvature λ it ends lower than it began as long as the
rate is below **2/λ**, the edge of stability. Above the edge it ends higher up on the other side. With momentum β the
edge is 2(1 + β)/λ; Adam has none. The valley itself changes on the way: each minibatch has another, and where the model
has become sure of its answers it is flatter, so that a run may calm down above the edge of its start.
"""
SEEN = {
    0.9: "**Below:** nothing happens, the loss stays where it has settled.",
    1.1: "**Just above:** the loss creeps up a little and stays there: the steps leap across the valley.",
    1.5: "**Far above:** the loss jumps up within twenty iterations and never settles.",
}


def try_out(share: float) -> None:
    guarded(lambda: state.visitor().try_out(trial(share, state.visitor().draft.seed)))


@following
def line() -> None:
    landscape.show_line(state.ask("lrdemo.answers.landscape:line"), state.run().settings.model == "softmax")


visitor = state.visitor()
left, right = st.columns(2, gap="medium")
with left:
    line()
    live_view("edge", visitor.run.token, details=True)
    with st.expander("Why an edge?"):
        st.markdown(RATES)
with right:
    st.markdown(
        "**Try it.** Each button starts a run that settles for 60 iterations below the edge, and then goes on at "
        "so many times the edge. Your present run is kept."
    )
    with st.container(horizontal=True, gap="small"):
        for share in SHARES:
            st.button(f"{share:g} × the edge", key=f"trial_{share:g}", on_click=try_out, args=(share,))
    live_view("loss", visitor.run.token)
    st.markdown("  \n".join(SEEN.values()))
