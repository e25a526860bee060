"""Other pictures for the pad: test images by number, one that the model misreads, and the run that reads drawings."""

from __future__ import annotations

import random

import numpy as np
import streamlit as st

from lrdemo.ui import state
from lrdemo.ui.controls import guarded
from lrdemo.ui.draw.confidence import training_for_drawings
from lrdemo.ui.live import live_view
from lrdemo.ui.section import section
from lrdemo.ui.server.picture import picture_of

UNTRAINED = "Train the model first: untrained, it misreads about 9 images in 10."
NONE_MISREAD = "It classifies all 10,000 test images correctly."


@section
def choice() -> None:
    """Draw the row; a stroke on the pad beside it does not draw it anew."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="other_pictures"):
        live_view("images", state.run().token)
        st.button("One it misreads", icon=":material/close:", key="one_it_misreads", on_click=guarded, args=(_misread,),
                  help="A test image that the model, as it is now, classifies wrongly")  # fmt: skip
        training_for_drawings()


def _misread() -> None:
    run = state.run()
    snapshot = run.snapshot()
    if snapshot is None or not (snapshot.moment or run.taught):
        state.tell(UNTRAINED)
        return
    wrong = np.flatnonzero(~state.ask("lrdemo.answers.robustness:test_answers")["right"])
    if not wrong.size:
        state.tell(NONE_MISREAD)
        return
    state.visitor().picture = picture_of(int(random.choice(wrong)))
