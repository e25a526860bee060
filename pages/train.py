"""Train: watch loss, accuracy, templates and one answer while the model learns."""

import streamlit as st

from lrdemo.ui import controls, state
from lrdemo.ui.live import live_view

panel, view = st.columns([1, 4], gap="medium")
with panel:
    controls.settings_panel()
with view:
    live_view("lab", state.run().token)
