"""Train: watch loss, accuracy, templates and one answer while the model learns."""

import streamlit as st

from lrdemo.ui import state
from lrdemo.ui.live import live_view
from lrdemo.ui.server.picture import picture_of
from lrdemo.ui.settings_panel import settings_panel

visitor = state.visitor()
if visitor.shown is None:
    # An empty pad of the Draw page: nothing to ask the model about.
    visitor.picture = picture_of(0)
with st.container(key="train"):
    with st.container(key="train_settings"):
        settings_panel()
    live_view("lab", visitor.run.token)
