"""Everything that relies on how Streamlit is made inside, beyond what it documents.

Each part improves the app and none is needed: where Streamlit no longer has a name, the app runs without that
improvement and the log says so once. requirements.txt names the versions that were tried.
"""

from __future__ import annotations

import logging
import pkgutil
import threading
from dataclasses import replace
from functools import cache, wraps
from pathlib import Path
from typing import Any

import streamlit as st

MODULE_WATCH = "streamlit.watcher.local_sources_watcher:LocalSourcesWatcher.update_watched_modules"
RERUN = "streamlit.runtime.app_session:AppSession.request_rerun"
CREATE = "streamlit.runtime.app_session:AppSession._create_scriptrunner"
CALLBACKS = "streamlit.runtime.state.safe_session_state:SafeSessionState.on_script_will_rerun"
STATE = "streamlit.runtime.state.safe_session_state:SafeSessionState.__init__"
FLUSH = "streamlit.runtime.app_session:AppSession.flush_browser_queue"
SEND = "streamlit.runtime.runtime:Runtime._send_message"
GONE = "streamlit.runtime.session_manager:SessionClientDisconnectedError"
WITHOUT_SHARED_LOCKS = "a page whose clicks come fast fails at times"
WITHOUT_WHOLE_PAGES = "a page is sometimes left empty"
INTO_THE_VOID = "socket.send() raised exception."
INDEX = Path(st.__file__).parent / "static" / "index.html"
HEAD = "<head>"
SERVER_ADDRESS = (
    "<script>window.__streamlit = {BACKEND_BASE_URL: location.origin + '/', "
    "MAIN_PAGE_BASE_URL: location.origin + '/'}</script>"
)

_log = logging.getLogger(__name__)


def watch_no_modules() -> None:
    """Spare each new session the look at all imported modules (0.1 s of the event loop) when no file is watched."""
    if st.get_option("server.fileWatcherType") != "none":
        return
    if _part(MODULE_WATCH, "each visit looks at all imported modules") is not None:
        _replace(MODULE_WATCH, lambda _watcher: None)


def redraw_whole_pages() -> None:
    """Have a rerun of a part of a page never take the place of a run of the whole page.

    A rerun of a part names the page that it was on. Where it comes after a change of page, but before the browser has
    heard of the new one, Streamlit would go back to the page that was left. Where it comes when the run of the whole
    page has ended, but before what that has drawn was sent, the page would stay empty (streamlit/streamlit#9921).
    """
    request, create = _part(RERUN, WITHOUT_WHOLE_PAGES), _part(CREATE, WITHOUT_WHOLE_PAGES)
    if request is None or create is None or hasattr(request, "__wrapped__"):
        return

    @wraps(request)
    def requested(session: Any, state: Any) -> None:
        if state is not None and not state.fragment_id:
            session.lrdemo_page = state.page_script_hash
        elif state is not None and getattr(session, "lrdemo_page", "") not in ("", state.page_script_hash):
            state.page_script_hash, state.fragment_id = session.lrdemo_page, ""
        request(session, state)

    @wraps(create)
    def created(session: Any, data: Any) -> None:
        create(session, data if session._scriptrunner is None else replace(data, fragment_id=None))

    _replace(RERUN, requested)
    _replace(CREATE, created)


def finish_callbacks() -> None:
    """Have what a click does be done to its end.

    Streamlit looks for a newer request whenever the session's state is used, in a widget's callback as well. Where
    there is one, it would leave the callback in the middle, and the click would be lost.
    """
    run = _part(CALLBACKS, "of two quick clicks the first is sometimes lost")
    if run is None or hasattr(run, "__wrapped__"):
        return

    @wraps(run)
    def whole(state: Any, *args: Any, **details: Any) -> None:
        look = state.__dict__.get("_yield_callback")
        object.__setattr__(state, "_yield_callback", lambda: None)
        try:
            run(state, *args, **details)
        finally:
            object.__setattr__(state, "_yield_callback", look)

    _replace(CALLBACKS, whole)


def share_locks() -> None:
    """Have the runs of one session use its state one after the other.

    A newer request starts a second thread while the first one comes to its end. Each has a lock of its own, and at
    times a run failed because the state had changed while it looked through it ("dictionary changed size").
    """
    create, init = _part(CREATE, WITHOUT_SHARED_LOCKS), _part(STATE, WITHOUT_SHARED_LOCKS)
    if create is None or init is None or hasattr(init, "__wrapped__"):
        return
    present = threading.local()

    @wraps(create)
    def created(session: Any, data: Any) -> None:
        present.lock = session.__dict__.setdefault("lrdemo_lock", threading.RLock())
        try:
            create(session, data)
        finally:
            present.lock = None

    @wraps(init)
    def locked(state: Any, *args: Any, **details: Any) -> None:
        init(state, *args, **details)
        if getattr(present, "lock", None) is not None:
            object.__setattr__(state, "_lock", present.lock)

    _replace(CREATE, created)
    _replace(STATE, locked)


def send_at_once() -> None:
    """Have all that waits for the browsers be sent in one turn of the event loop.

    Streamlit sends one message in each turn, of whichever browser. A page has a hundred of them, and in a class the
    turns are long: pages came seconds late.
    """
    flush, send, gone = (_part(name, "in a class, pages come late") for name in (FLUSH, SEND, GONE))
    if None in (flush, send, gone) or hasattr(flush, "__wrapped__"):
        return

    @wraps(flush)
    def flushed(session: Any) -> list[Any]:
        waiting: list[Any] = flush(session)
        runtime = st.runtime.get_instance()
        sessions = getattr(runtime, "_session_mgr", None)
        browser = sessions and sessions.get_active_session_info(session.id)
        if not browser:
            return waiting
        for number, message in enumerate(waiting):
            try:
                send(runtime, browser, message)
            except gone:
                return waiting[number:]  # Streamlit tries again, and ends the session's connection.
        return []

    _replace(FLUSH, flushed)
    # The rest of a page to a browser that has just gone: asyncio warns from the sixth message on.
    logging.getLogger("asyncio").addFilter(lambda record: record.getMessage() != INTO_THE_VOID)


@cache
def index_page() -> str | None:
    """Return the front end's page, told at which address its server is; None where that cannot be told.

    Opened at /draw, the front end otherwise first tries /draw/_stcore/health, and the browser's console fills with
    404s (streamlit/streamlit#7074).
    """
    try:
        text = INDEX.read_text(encoding="utf-8")
    except OSError:
        text = ""
    if HEAD not in text:
        _miss(f"{HEAD} in {INDEX.name}", "a page opened by its address writes errors to the browser's console")
        return None
    return text.replace(HEAD, HEAD + SERVER_ADDRESS, 1)


def _replace(name: str, function: Any) -> None:
    owner, _, method = name.rpartition(".")
    setattr(pkgutil.resolve_name(owner), method, function)


def _part(name: str, without: str) -> Any:
    try:
        return pkgutil.resolve_name(name)
    except (ImportError, AttributeError, ValueError):
        _miss(name, without)
        return None


@cache
def _miss(name: str, without: str) -> None:
    _log.warning("Streamlit %s has no %s any more: %s.", st.__version__, name, without)
