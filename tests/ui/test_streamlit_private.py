"""The private parts of Streamlit: each test names what broke when Streamlit is raised; without them the app runs."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from lrdemo.ui import streamlit_private
from lrdemo.ui.server.deep_links import PAGES, deep_links

ROOT = Path(__file__).parents[2]
LONG = 120.0


def front_end():
    folder = streamlit_private.INDEX.parent / "static" / "js"
    return "".join(path.read_text(encoding="utf-8") for path in folder.glob("index.*.js"))


@pytest.fixture(autouse=True)
def ask_afresh():
    streamlit_private.index_page.cache_clear()
    streamlit_private._miss.cache_clear()
    yield
    streamlit_private.index_page.cache_clear()
    streamlit_private._miss.cache_clear()


@pytest.fixture
def watcher():
    """Return Streamlit's look at all imported modules, and put it back as it was."""
    from streamlit.watcher.local_sources_watcher import LocalSourcesWatcher

    before = LocalSourcesWatcher.update_watched_modules
    yield LocalSourcesWatcher
    LocalSourcesWatcher.update_watched_modules = before


def test_streamlit_looks_at_all_modules_by_the_method_that_is_replaced(watcher):
    before = watcher.update_watched_modules

    streamlit_private.watch_no_modules()

    assert watcher.update_watched_modules is not before
    assert watcher.update_watched_modules(None) is None


@pytest.fixture
def reruns():
    """Return a session's reruns as they reach Streamlit's own methods, which are put back afterwards."""
    from streamlit.runtime.app_session import AppSession

    before = AppSession.request_rerun, AppSession._create_scriptrunner
    asked = []
    AppSession.request_rerun = lambda _session, state: asked.append((state.page_script_hash, state.fragment_id))
    AppSession._create_scriptrunner = lambda _session, data: asked.append(data.fragment_id)
    streamlit_private.redraw_whole_pages()
    yield AppSession, asked
    AppSession.request_rerun, AppSession._create_scriptrunner = before


def test_a_part_of_a_page_that_was_left_runs_as_the_page_that_was_gone_to(reruns):
    owner, asked = reruns
    session = SimpleNamespace()

    for page, part in (("", "a"), ("one", ""), ("one", "a"), ("two", ""), ("one", "a"), ("two", "b")):
        owner.request_rerun(session, ClientState(page_script_hash=page, fragment_id=part))

    assert asked == [("", "a"), ("one", ""), ("one", "a"), ("two", ""), ("two", ""), ("two", "b")]


@pytest.mark.parametrize("ending, ran", [(False, "a"), (True, None)])
def test_a_part_does_not_take_the_place_of_a_run_that_is_just_ending(reruns, ending, ran):
    owner, asked = reruns
    session = SimpleNamespace()
    session._scriptrunner = object() if ending else None

    owner._create_scriptrunner(session, RerunData(fragment_id="a"))

    assert asked == [ran]


def test_streamlit_still_starts_a_run_beside_one_that_is_just_ending():
    from streamlit.runtime.app_session import AppSession

    source = inspect.getsource(inspect.unwrap(AppSession.request_rerun))
    assert "self._scriptrunner = None" in source and "self._create_scriptrunner(rerun_data)" in source


@pytest.fixture
def clicked():
    """Return a session's state in which a newer request comes during a callback, and what Streamlit leaves it with."""
    from streamlit.runtime.state import SafeSessionState, SessionState

    class Newer(Exception):
        pass

    def look():
        if during:
            raise Newer

    class Clicked(SessionState):
        def on_script_will_rerun(self, *_states, **_details):
            during.append(True)
            state["answered"] = True

    before, during = SafeSessionState.on_script_will_rerun, []
    state = SafeSessionState(Clicked(), look)
    yield state, Newer
    SafeSessionState.on_script_will_rerun = before


def test_streamlit_leaves_a_callback_when_a_newer_request_has_come(clicked):
    # What finish_callbacks mends: where this fails, it may no longer be needed.
    state, newer = clicked

    with pytest.raises(newer):
        state.on_script_will_rerun(None)


def test_a_callback_is_done_to_its_end_and_the_newer_request_is_then_heard(clicked):
    state, newer = clicked
    streamlit_private.finish_callbacks()

    state.on_script_will_rerun(None)

    assert state._state["answered"]
    with pytest.raises(newer):
        state["answered"]


@pytest.fixture
def browser(monkeypatch):
    """Return a session for which three messages wait, what has reached its browser, and how many that can take."""
    from streamlit.runtime.app_session import AppSession
    from streamlit.runtime.runtime import Runtime
    from streamlit.runtime.session_manager import SessionClientDisconnectedError

    got, room = [], [3]

    def send(_runtime, _browser, message):
        if len(got) == room[0]:
            raise SessionClientDisconnectedError
        got.append(message)

    known = SimpleNamespace(get_active_session_info={"here": object()}.get)
    monkeypatch.setattr(st.runtime, "get_instance", lambda: SimpleNamespace(_session_mgr=known))
    monkeypatch.setattr(Runtime, "_send_message", send)
    monkeypatch.setattr(AppSession, "flush_browser_queue", lambda _session: [1, 2, 3])
    monkeypatch.setattr(logging.getLogger("asyncio"), "filters", [])
    streamlit_private.send_at_once()
    return lambda session: AppSession.flush_browser_queue(SimpleNamespace(id=session)), got, room


def test_all_that_waits_for_a_browser_is_sent_before_the_loop_turns(browser):
    flush, got, _ = browser

    assert flush("here") == [] and got == [1, 2, 3]


def test_what_a_browser_that_is_gone_did_not_get_is_left_to_streamlit(browser):
    flush, got, room = browser
    room[0] = 1

    assert flush("here") == [2, 3] and got == [1]
    assert flush("elsewhere") == [1, 2, 3]


@pytest.mark.usefixtures("browser")
def test_the_rest_of_a_page_to_a_browser_that_has_just_gone_is_no_warning(caplog):
    def write(transport):
        for _ in range(8):
            transport.write(b"x")

    async def gone():
        here, there = socket.socketpair()
        transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=here)
        there.close()
        write(transport)
        transport.abort()
        await asyncio.sleep(0)
        logging.getLogger("asyncio").warning("something else")

    asyncio.run(gone())

    assert [record.getMessage() for record in caplog.records] == ["something else"]


def test_streamlit_sends_one_message_in_each_turn():
    # What send_at_once mends: where this fails, it may no longer be needed.
    from streamlit.runtime.runtime import Runtime

    source = inspect.getsource(Runtime._loop_coroutine)
    assert re.search(r"for msg in msg_list:.+self\._send_message\(.+await asyncio\.sleep\(0\)", source, re.DOTALL)


def test_streamlits_page_takes_the_address_of_its_server_from_its_head():
    text = streamlit_private.index_page()

    assert text is not None and f"<head>{streamlit_private.SERVER_ADDRESS}" in text
    assert all(word in front_end() for word in (".__streamlit", "BACKEND_BASE_URL", "MAIN_PAGE_BASE_URL"))
    assert {route.path for route in deep_links()} == {f"/{path.stem}" for path in PAGES.glob("*.py")}


def test_streamlit_pushes_every_change_of_the_query_into_the_history():
    # What view/address.js mends: where this fails, it may no longer be needed.
    assert re.search(r"handlePageInfoChanged=.{1,200}window\.history\.pushState", front_end())


def test_streamlit_knows_every_option_of_the_configuration():
    options = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))

    for section, values in options.items():
        for name, value in values.items():
            if not isinstance(value, dict):
                assert st.get_option(f"{section}.{name}") == value


@pytest.fixture
def runs(monkeypatch):
    """Return what makes a session with two runs under way, and the state that each of these has."""
    from streamlit.runtime.app_session import AppSession, ScriptRunner
    from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
    from streamlit.runtime.script_data import ScriptData
    from streamlit.runtime.scriptrunner.script_cache import ScriptCache
    from streamlit.runtime.state import SafeSessionState

    async def two_requests(states):
        session = AppSession(ScriptData("app.py"), MemoryUploadedFileManager(""), ScriptCache(), None, {})
        monkeypatch.setattr(ScriptRunner, "start", lambda run: states.append(run._session_state))
        for _ in range(2):
            session.request_rerun(ClientState())
        session._script_event_loop.close()

    def states():
        asyncio.run(two_requests(found := []))
        return found

    before = AppSession._create_scriptrunner, SafeSessionState.__init__
    yield states
    AppSession._create_scriptrunner, SafeSessionState.__init__ = before


def test_streamlit_lets_two_runs_use_one_state_at_the_same_time(runs):
    # What share_locks mends: where this fails, it may no longer be needed.
    first, second = runs()

    assert first._state is second._state and first._lock is not second._lock


def test_a_run_waits_until_another_of_its_session_has_used_the_state(runs):
    streamlit_private.share_locks()
    (first, second), (other, _) = runs(), runs()
    done = []

    def use(state):
        state["used"] = True
        done.append(state)

    with first._lock:
        waiting = threading.Thread(target=use, args=[second])
        waiting.start()
        free = threading.Thread(target=use, args=[other])
        free.start()
        free.join(LONG)
        assert done == [other]
    waiting.join(LONG)

    assert done == [other, second]


def test_only_the_versions_that_were_tried_are_installed():
    (wanted,) = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("streamlit>")]

    tried = ".".join(st.__version__.split(".")[:2])
    assert wanted.startswith(f"streamlit>={tried},<")


def test_without_the_watcher_the_log_says_so_once(monkeypatch, caplog, watcher):
    before = watcher.update_watched_modules
    monkeypatch.setattr(streamlit_private, "MODULE_WATCH", f"{streamlit_private.MODULE_WATCH}_gone")

    with caplog.at_level(logging.WARNING):
        streamlit_private.watch_no_modules()
        streamlit_private.watch_no_modules()

    assert [record.message for record in caplog.records] == [
        f"Streamlit {st.__version__} has no {streamlit_private.MODULE_WATCH} any more: "
        "each visit looks at all imported modules."
    ]
    assert watcher.update_watched_modules is before


def test_without_the_page_streamlit_serves_its_own(monkeypatch, caplog, tmp_path):
    (tmp_path / "index.html").write_text("<html>")

    for index in (tmp_path / "gone.html", tmp_path / "index.html"):
        monkeypatch.setattr(streamlit_private, "INDEX", index)
        streamlit_private.index_page.cache_clear()
        assert deep_links() == []

    assert len(caplog.records) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("MODULE_WATCH", "looks at all imported modules"), ("INDEX", "opened by its address writes errors"),
        ("STATE", "whose clicks come fast fails"), ("FLUSH", "in a class, pages come late"),
    ],
)  # fmt: skip
def test_the_real_server_runs_without_it_and_says_so_once(tmp_path, name, said):
    value = "Path('gone.html')" if name == "INDEX" else "'streamlit.gone:Owner.method'"
    code = f"""
import os, signal, threading, time, urllib.request
from pathlib import Path
from types import SimpleNamespace
from lrdemo.ui import streamlit_private
streamlit_private.{name} = {value}
from app import app
import uvicorn

server = uvicorn.Server(uvicorn.Config(app, port=0))
thread = threading.Thread(target=server.run)
thread.start()
while not server.started:
    time.sleep(0.02)
port = server.servers[0].sockets[0].getsockname()[1]
for path in ("/", "/draw", "/_stcore/health"):
    with urllib.request.urlopen(f"http://127.0.0.1:{{port}}{{path}}") as answer:
        assert answer.status == 200
server.should_exit = True
thread.join()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=LONG,
                          env={**os.environ, "HOME": str(tmp_path)})  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stderr.count(said) == 1, done.stderr
    assert "Traceback" not in done.stderr
