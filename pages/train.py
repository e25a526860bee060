"""Train: watch loss, accuracy, templates and one answer while the model learns."""

import streamlit as st

from lrdemo.ui import state
from lrdemo.ui.live import live_view
from lrdemo.ui.server.choice import offered
from lrdemo.ui.settings_panel import settings_panel

visitor = state.visitor()
visitor.leave_empty_pad()
with st.container(key="train"):
    with st.container(key="train_settings"):
        settings_panel()
    live_view("lab", visitor.run.token, pictures=offered(visitor))
