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
from weakref import WeakValueDictionary

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lrdemo.ui.one_by_one import OneByOne, Place

MODULE_WATCH = "streamlit.watcher.local_sources_watcher:LocalSourcesWatcher.update_watched_modules"
RERUN = "streamlit.runtime.app_session:AppSession.request_rerun"
CREATE = "streamlit.runtime.app_session:AppSession._create_scriptrunner"
CALLBACKS = "streamlit.runtime.state.safe_session_state:SafeSessionState.on_script_will_rerun"
START = "streamlit.runtime.scriptrunner.script_runner:ScriptRunner.start"
RUN = "streamlit.runtime.scriptrunner.script_runner:ScriptRunner._run_script_thread"
STOP = "streamlit.runtime.scriptrunner_utils.script_requests:ScriptRequests.request_stop"
READY = "streamlit.runtime.scriptrunner_utils.script_requests:ScriptRequests.on_scriptrunner_ready"
SCRIPT = "streamlit.runtime.scriptrunner.script_runner:ScriptRunner._run_script"
FLUSH = "streamlit.runtime.app_session:AppSession.flush_browser_queue"
SEND = "streamlit.runtime.runtime:Runtime._send_message"
GONE = "streamlit.runtime.session_manager:SessionClientDisconnectedError"
WITHOUT_ORDER = "clicks that come fast are at times done in another order, or a page fails"
WITHOUT_FIRST_CLICKS = "of two quick clicks the first is sometimes lost"
WITHOUT_TURNS = "in a class, who draws is answered late"
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
    run = _part(CALLBACKS, WITHOUT_FIRST_CLICKS)
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


def run_in_order() -> None:
    """Have the runs of one session come one after the other, in the order in which they were asked for.

    A newer request starts a second thread while the first one comes to its end. Both used the session's state at the
    same time: a run failed ("dictionary changed size"), or what the visitor had done last was done first.
    """
    start, run = _part(START, WITHOUT_ORDER), _part(RUN, WITHOUT_ORDER)
    if start is None or run is None or hasattr(start, "__wrapped__"):
        return
    newest: WeakValueDictionary[str, threading.Event] = WeakValueDictionary()

    @wraps(start)
    def started(runner: Any) -> None:
        runner.lrdemo_former = newest.get(runner._session_id)
        runner.lrdemo_ended = newest[runner._session_id] = threading.Event()
        start(runner)

    @wraps(run)
    def ran(runner: Any) -> None:
        try:
            if runner.lrdemo_former is not None:
                runner.lrdemo_former.wait()
            run(runner)
        finally:
            runner.lrdemo_ended.set()

    _replace(START, started)
    _replace(RUN, ran)


def hear_all_requests() -> None:
    """Have a request that waits be heard before the run is stopped for a newer one.

    Streamlit forgets it, and with it the click that it tells of.
    """
    request, stop, ready = (_part(name, WITHOUT_FIRST_CLICKS) for name in (RERUN, STOP, READY))
    if None in (request, stop, ready) or hasattr(stop, "__wrapped__"):
        return

    @wraps(request)
    def requested(session: Any, state: Any) -> None:
        waiting = session._scriptrunner and session._scriptrunner._requests
        if waiting:
            waiting.lrdemo_newer = True
        request(session, state)
        if waiting:
            waiting.lrdemo_newer = False

    @wraps(stop)
    def stopped(requests: Any) -> None:
        with requests._lock:
            if requests._state.name == "RERUN" and getattr(requests, "lrdemo_newer", False):
                requests.lrdemo_unheard, requests._state = True, type(requests._state).STOP
        stop(requests)

    @wraps(ready)
    def heard(requests: Any) -> Any:
        found = ready(requests)
        if not getattr(requests, "lrdemo_unheard", False):
            return found
        # The run itself ends as soon as its callbacks have been called.
        requests.lrdemo_unheard = False
        return type(found)(type(found.type).RERUN, requests._rerun_data)

    _replace(RERUN, requested)
    _replace(STOP, stopped)
    _replace(READY, heard)


def take_turns(turns: OneByOne) -> None:
    """Have scripts run one after the other, but what a click does be done at once.

    A click that comes while its page waits for a turn is done at once as well: the page then waits on, to be drawn with
    what the click has changed.
    """
    start, script, callbacks, request = (_part(name, WITHOUT_TURNS) for name in (START, SCRIPT, CALLBACKS, RERUN))
    if None in (start, script, callbacks, request) or hasattr(script, "__wrapped__"):
        return
    places: WeakValueDictionary[str, Place] = WeakValueDictionary()

    @wraps(start)
    def started(runner: Any) -> None:
        # A run has the place of the one that it replaces.
        runner.lrdemo_place = places.setdefault(runner._session_id, Place())
        start(runner)

    @wraps(callbacks)
    def called(state: Any, *args: Any, **details: Any) -> None:
        callbacks(state, *args, **details)
        look = state.__dict__.get("_yield_callback")
        runner: Any = getattr(look, "__self__", None)
        if look is None or not hasattr(runner, "lrdemo_place"):
            return

        def newer() -> None:
            _add_to_newer(runner._requests)
            look()

        turns.enter(runner.lrdemo_place, newer)

    @wraps(script)
    def ran(runner: Any, data: Any) -> None:
        try:
            script(runner, data)
        finally:
            turns.leave(runner.lrdemo_place)

    @wraps(request)
    def requested(session: Any, state: Any) -> None:
        place = getattr(session._scriptrunner, "lrdemo_place", None)
        request(session, state)
        if place is not None:
            turns.call(place)

    _replace(START, started)
    _replace(CALLBACKS, called)
    _replace(SCRIPT, ran)
    _replace(RERUN, requested)


def _add_to_newer(requests: Any) -> None:
    """Have a newer request, where there is one, be done instead of the present one, with all that this one would draw.

    Streamlit has one for another part of the page wait until the present run has ended.
    """
    context = get_script_run_ctx(suppress_warning=True)
    parts = list(context.fragment_ids_this_run or ()) if context else []
    with requests._lock:
        if requests._state.name == "RERUN":
            newer = requests._rerun_data
            present = replace(
                newer, fragment_id_queue=parts, is_fragment_scoped_rerun=bool(parts), widget_states=None,
                replay_trigger_states=None, replay_trigger_values=None,
            )  # fmt: skip
            requests._request_rerun_locked(present)


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
