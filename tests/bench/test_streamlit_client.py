"""The tab without a browser speaks Streamlit's protocol as a page does."""

import asyncio

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.server import serve

from lrdemo.bench.browsing import Problems
from lrdemo.bench.streamlit_client import Tab

LONG = 60


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
