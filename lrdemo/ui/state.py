"""The only door to the session and to what is cached across sessions."""

from __future__ import annotations

import streamlit as st

from lrdemo.data import Digits, load_mnist
from lrdemo.service import Run
from lrdemo.settings import TABLE, Settings, from_mapping
from lrdemo.ui import server
from lrdemo.ui.visitor import Visitor


@st.cache_resource(show_spinner="Loading the digits …")
def digits() -> Digits:
    """Return MNIST, mapped once for all visitors; read-only."""
    return load_mnist()


def visitor() -> Visitor:
    """Return this session's visitor; a new one at the first call, the same one after a lost connection."""
    found = st.session_state.get("visitor")
    if not isinstance(found, Visitor):
        found = st.session_state["visitor"] = server.arrive(settings())
    _present().come_back()
    return found


def run() -> Run:
    """Return this session's run."""
    return visitor().run


def settings() -> Settings:
    """Return the settings that the widgets show now; they define the run at its next start."""
    values = {name: st.session_state[name] for name in TABLE if name in st.session_state}
    return from_mapping(values)[0]


@st.cache_resource(scope="session", on_release=Visitor.leave, show_spinner=False)
def _present() -> Visitor:
    # Streamlit releases what is cached for a session at the moment its browser is gone.
    found: Visitor = st.session_state["visitor"]
    return found
