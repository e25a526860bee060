"""The tab without a browser speaks Streamlit's protocol as a page does."""

import asyncio
import contextlib
import json

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.server import serve

from lrdemo.bench import streamlit_client
from lrdemo.bench.browsing import Problems
from lrdemo.bench.streamlit_client import Tab, Widget

LONG = 60
SILENCE = 0.6
"""Longer than a strip waits for."""


def begun(*parts):
    message = ForwardMsg()
    message.new_session.initialize.session_id = "session"
    message.metadata.run.fragment_ids.extend(parts)
    return message


def ended(how):
    return ForwardMsg(script_finished=how)


async def come_back(messages):
    """Connect, be sent these, lose the connection and connect again; return what is asked for then."""
    asked, connections, ends = [], asyncio.Queue(), asyncio.Queue()

    async def server(socket):
        await connections.put(socket)
        async for data in socket:
            asked.append(BackMsg.FromString(data).WhichOneof("type"))
        await ends.put(socket)

    async with serve(server, "127.0.0.1", 0, subprotocols=["streamlit"]) as listening, asyncio.timeout(LONG):
        tab = Tab(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", Problems(), lambda frame, now: None)
        await tab.connect()
        socket = await connections.get()
        for message in messages:
            await socket.send(message.SerializeToString())
        while tab.session is None or tab.finished_runs < len(messages) - 1:
            await asyncio.sleep(0.01)
        await tab.leave()
        await tab.connect()
        await tab.leave()
        for _ in range(2):
            await ends.get()
        return asked


@pytest.mark.parametrize(
    ("messages", "asks"),
    [
        ([begun(), ended(ForwardMsg.FINISHED_SUCCESSFULLY)], False),
        ([begun("part"), ended(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)], True),
        ([begun()], True),
        ([begun(), ended(ForwardMsg.FINISHED_EARLY_FOR_RERUN)], True),
    ],
)
def test_who_is_connected_again_asks_for_a_run_as_a_page_does(messages, asks):
    assert asyncio.run(come_back(messages)) == ["rerun_script"] * asks


def strip_drawn_for(state):
    data = {"view": "strip", "token": "run", "state": state}
    return Widget("strip", "bidi_component", None, data, fragment="transport", run=1)


async def asked(frames, monkeypatch, many, clicked=False, again=LONG):
    """Return what a strip that was drawn for a paused run reports of these frames, `many` or more, and when."""
    monkeypatch.setattr(streamlit_client, "AGAIN_SECONDS", again)
    tab, reports = Tab("http://127.0.0.1:1", Problems(), lambda frame, now: None), []
    began = asyncio.get_running_loop().time()

    async def send(state):
        (widget,) = state.widget_states.widgets
        reports.append((asyncio.get_running_loop().time() - began, json.loads(widget.json_trigger_value)[0]["value"]))

    monkeypatch.setattr(tab, "_send", send)
    tab.links = [tab._link("run")]
    tab.widgets["strip"] = strip_drawn_for("paused")
    if clicked:
        tab._touch()
    for iteration, state in enumerate(frames):
        tab.links[0].frame = {"revision": 1, "state": state, "iteration": iteration}
        tab._tell("run", tab.links[0].frame)
    async with asyncio.timeout(LONG):
        while len(reports) < many:
            await asyncio.sleep(0.01)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SILENCE):
            while len(reports) == many:
                await asyncio.sleep(0.01)
    for link in tab.links:
        await link.close()
    return reports


@pytest.mark.parametrize(("clicked", "seconds"), [(False, 0.25), (True, 0.5)])
def test_a_strip_asks_once_for_new_buttons_a_while_after_the_last_click(monkeypatch, clicked, seconds):
    ((after, reached),) = asyncio.run(asked(["running", "running"], monkeypatch, 1, clicked))

    assert reached == "1:running:1" and after >= seconds - 0.01


def test_a_strip_asks_again_for_what_has_not_come(monkeypatch):
    assert len(asyncio.run(asked(["running"], monkeypatch, 2, again=0.05))) == 3


def test_a_strip_asks_for_nothing_where_the_buttons_are_right_again(monkeypatch):
    assert asyncio.run(asked(["running", "paused"], monkeypatch, 0)) == []
