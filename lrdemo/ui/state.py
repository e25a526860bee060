"""This session's visitor and run, what it has to be told, and the settings in its address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lrdemo.data import Digits
from lrdemo.errors import DataError, LrdemoError, ServiceError
from lrdemo.serving.handle import RunHandle
from lrdemo.settings import TABLE, Settings, from_mapping
from lrdemo.ui import notice
from lrdemo.ui.server import visitors
from lrdemo.ui.server.picture import mnist
from lrdemo.ui.server.visitor import Visitor

READY_SECONDS = 60.0
"""After that a page does without the training process: it reads the digits by itself."""


def digits() -> Digits:
    """Return MNIST, read-only and shared by all visitors; if it is not available, say why and end the page."""
    _wait_for_training()
    problem = visitors.service().problem
    if problem:
        notice.stop(problem)
    try:
        return mnist()
    except DataError as error:
        notice.stop(str(error))


def visitor() -> Visitor:
    """Return this session's visitor, also after a lost connection; where there is no room for one, end the page."""
    found: Visitor | None = st.session_state.get("visitor")
    if found is None:
        try:
            found = st.session_state["visitor"] = visitors.arrive(_settings_from_url())
        except ServiceError as error:
            notice.stop(str(error))
    _present().come_back()
    return found


def run() -> RunHandle:
    """Return this session's run."""
    return visitor().run


def beside(found: RunHandle | None, opened: Callable[[Settings], RunHandle], settings: Settings) -> RunHandle:
    """Return a run beside the visitor's own, opened where there is none; until it is started it has these settings.

    Where that cannot be done, say why and end the page.
    """
    try:
        run = found or opened(settings)
        snapshot = run.snapshot()
        if snapshot is not None and snapshot.state == "ready" and run.settings != settings:
            run.reset(settings)
    except LrdemoError as error:
        notice.stop(str(error))
    return run


def ask(question: str, **details: Any) -> dict[str, Any]:
    """Ask the training process a question about this session's run."""
    return run().ask(question, **details)


def problems() -> list[str]:
    """Return the sentences kept for the visitor, and forget them."""
    found: list[str] = st.session_state.get("problems", [])
    st.session_state["problems"] = []
    return found


def tell(problem: str) -> None:
    """Keep a sentence for the visitor until a transport is drawn next."""
    st.session_state.setdefault("problems", []).append(problem)


def write_url() -> None:
    """Keep the settings in the address, so that its link gives the same run."""
    # Not yet in the first run: the browser still lacks the script that keeps the history short (view/address.js).
    if "arrived" not in st.session_state:
        st.session_state["arrived"] = True
        return
    wanted = visitor().linked.to_url()
    if {name: value for name, value in st.query_params.items() if name in TABLE} != wanted:
        others = {name: value for name, value in st.query_params.items() if name not in TABLE}
        st.query_params.from_dict({**others, **wanted})


def _settings_from_url() -> Settings:
    settings, found = from_mapping(st.query_params)
    # Where it is not known which devices there are, the training process will say whether it can use this one.
    if settings.device != "cpu" and _wait_for_training() and settings.device not in visitors.service().devices:
        found.append(f"Device: {settings.device} is not available on this machine. The CPU is used instead.")
        settings = from_mapping({**settings.to_url(), "device": "cpu"})[0]
    for problem in found:
        tell(problem)
    return settings


def _wait_for_training() -> bool:
    """Wait until a training process is ready or there will be none, and show that; return whether it came to that."""
    ready = visitors.service().ready
    if ready.is_set():
        return True
    with st.spinner("Loading the digits …"):
        return ready.wait(READY_SECONDS)


@st.cache_resource(scope="session", on_release=Visitor.leave, show_spinner=False)
def _present() -> Visitor:
    # Streamlit releases what is cached for a session at the moment its browser is gone.
    found: Visitor = st.session_state["visitor"]
    return found
