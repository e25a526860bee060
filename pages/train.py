"""Train: watch loss, accuracy, templates and one answer while the model learns."""

import streamlit as st

from lrdemo.ui import state
from lrdemo.ui.live import live_view
from lrdemo.ui.settings_panel import settings_panel

st.markdown("**A model learns to read handwritten digits.** Press Start and watch, then draw one yourself.")
panel, view = st.columns([1, 4], gap="medium")
with panel:
    settings_panel()
with view:
    live_view("lab", state.run().token)
