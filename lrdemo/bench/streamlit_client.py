"""One browser tab without a browser: Streamlit's protobuf protocol, as its page speaks it.

It keeps what a page keeps: widgets on screen, their values, cached messages, and a live link to each run on the page.
It draws nothing and decides nothing: lrdemo.bench.student clicks.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from lrdemo.bench.browsing import Problems, load_page
from lrdemo.bench.live_link import Frame, LiveLink

SOON_SECONDS, QUIET_SECONDS, AGAIN_SECONDS = 0.25, 0.5, 3.0
"""A strip asks for new buttons so soon, so long after the last click, and again after so long (ui/view/view.js)."""
KEPT_RUNS = 100
"""For how many more runs of the script a message is kept in case the server refers to it (.streamlit/config.toml)."""
VIEW_PARTS = {"lab": ("curves", "templates", "answer"), "answer": ("answer",), "race": ("race",)}
"""What each live view asks the live channel for; views that are not named ask for the numbers only."""


@dataclass
class Widget:
    """One widget on the page: its id on the wire, its protobuf element, a live view's data, and where it belongs."""

    id: str
    kind: str
    element: Any
    data: dict[str, Any]
    fragment: str
    run: int


class Tab:
    """Open one page, keep it as a browser would, click in it, leave it and come back.

    `seen(frame, now)` is called with the header of each frame of the visitor's run and the time it came, in seconds.
    """

    def __init__(self, base: str, problems: Problems, seen: Callable[[Frame, float], None]) -> None:
        self.widgets: dict[str, Widget] = {}
        self.pages: dict[str, str] = {}
        """The page hashes by their paths in the address."""
        self.page = ""
        self.links: list[LiveLink] = []
        """The visitor's own run first; a race after it."""
        self.session: str | None = None
        self._base, self._problems, self._seen = base, problems, seen
        self._query = ""
        self._cookie = ""
        self._values: dict[str, list[str]] = {}
        self._texts: dict[str, str] = {}
        self._given: dict[str, str] = {}
        self._cached: dict[str, tuple[ForwardMsg, int]] = {}
        self._run = 0
        self._under_way = False
        self._of_a_part = False
        self._finished = asyncio.Condition()
        self._finished_runs = 0
        self._stream: ClientConnection | None = None
        self._leaving = False
        self._tasks: list[asyncio.Task[None]] = []
        self._notices: dict[str, asyncio.TimerHandle] = {}
        self._touched = -QUIET_SECONDS
        """When the visitor clicked last, on the performance counter."""

    async def open(self, query: str = "", cached: bool = False) -> None:
        """Load the page, connect, run the script, and connect the live channel.

        With `cached`, the browser has been here before and has the page's scripts already.
        """
        self._query = query
        self._cookie = await load_page(self._base, cached)
        await self.connect()
        await self.rerun(wait=True)

    async def connect(self) -> None:
        """Open the socket of the script; with a known session it is taken up again.

        As a page does, it asks for a run where the last one was under way or was that of a part of the page.
        """
        self._leaving = False
        token = self._cookie.partition("=")[2] or "PLACEHOLDER_AUTH_TOKEN"
        address = self._base.replace("http", "ws", 1)
        protocols = ["streamlit", token, *([self.session] if self.session else [])]
        self._stream = await connect(
            f"{address}/_stcore/stream", subprotocols=protocols, origin=self._base,  # type: ignore[arg-type]
            additional_headers={"Cookie": self._cookie}, max_size=None, open_timeout=20,
        )  # fmt: skip
        self._tasks = [asyncio.create_task(self._read(self._stream))]
        self.links = [self._link(link.token) for link in self.links]
        await self._ask()
        if self._under_way or self._of_a_part:
            await self.rerun()

    async def leave(self) -> None:
        """Close the tab: both sockets at once."""
        self._leaving = True
        for notice in self._notices.values():
            notice.cancel()
        self._notices.clear()
        if self._stream is not None:
            with contextlib.suppress(WebSocketException, OSError):
                await asyncio.wait_for(self._stream.close(), 5)
        for link in self.links:
            await link.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._stream = None

    @property
    def frame(self) -> Frame | None:
        """Return the latest frame of the visitor's run."""
        return self.links[0].frame if self.links else None

    async def rerun(self, page: str | None = None, wait: bool = False) -> None:
        """Run the script of this page or of another one, and wait for its end if asked."""
        target = self._finished_runs + 1
        state = self._state()
        if page is not None:
            self._touch()
            state.page_script_hash = page
        await self._send(state)
        if wait:
            await self.finished(target)

    async def finished(self, runs: int) -> None:
        """Wait until so many script runs have ended."""
        async with self._finished:
            await self._finished.wait_for(lambda: self._finished_runs >= runs)

    @property
    def finished_runs(self) -> int:
        """Return how many runs of the script have ended, those of fragments included."""
        return self._finished_runs

    def find(self, key: str) -> Widget | None:
        """Return the widget whose key begins with `key`, if it is on the page and can be used."""
        for name, widget in self.widgets.items():
            if name.startswith(key) and not getattr(widget.element, "disabled", False):
                return widget
        return None

    async def click(self, button: Widget) -> None:
        """Press a button."""
        self._touch()
        state = self._state(button)
        state.widget_states.widgets.add(id=button.id, trigger_value=True)
        await self._send(state)

    def chosen(self, widget: Widget) -> list[str]:
        """Return the options that are chosen, one in a select slider."""
        return self._values[widget.id]

    async def choose(self, widget: Widget, *options: str) -> None:
        """Choose these options instead, one in a select slider."""
        self._touch()
        self._values[widget.id] = list(options)
        await self._send(self._state(widget))

    async def type(self, field: Widget, text: str) -> None:
        """Write a text into a field, and leave it."""
        self._touch()
        self._texts[field.id] = text
        await self._send(self._state(field))

    async def give(self, component: Widget, state: str) -> None:
        """Set a component's state, a JSON document, as its script does."""
        self._given[component.id] = state
        await self._send(self._state(component))

    async def trigger(self, component: Widget, event: str, value: str) -> None:
        """Report an event of the visitor's, as the component's script does."""
        self._touch()
        await self._send(self._event(component, event, value))

    def _event(self, component: Widget, event: str, value: str) -> ClientState:
        state = self._state(component)
        state.widget_states.widgets.add(
            id=f"$$STREAMLIT_INTERNAL_KEY_{component.id}__events",
            json_trigger_value=json.dumps([{"event": event, "value": value}]),
        )
        return state

    def _state(self, widget: Widget | None = None) -> ClientState:
        state = ClientState(query_string=self._query, page_script_hash=self.page)
        if widget is not None:
            state.fragment_id = widget.fragment
        state.context_info.timezone = "UTC"
        state.context_info.url = self._base
        state.cached_message_hashes.extend(self._cached)
        for id, value in self._values.items():
            state.widget_states.widgets.add(id=id).string_array_value.data.extend(value)
        for id, text in self._texts.items():
            state.widget_states.widgets.add(id=id, string_value=text)
        for id, given in self._given.items():
            state.widget_states.widgets.add(id=id, json_value=given)
        return state

    async def _send(self, state: ClientState) -> None:
        self._under_way = True
        if self._stream is not None:
            with contextlib.suppress(ConnectionClosed):  # The reader reports it.
                await self._stream.send(BackMsg(rerun_script=state).SerializeToString())

    async def _read(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for data in socket:
                message = ForwardMsg()
                message.ParseFromString(data)
                await self._take(message)
        if not self._leaving:
            self._problems.add(f"The socket of the script was closed by the server: {socket.close_code}.")

    async def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            known = self._cached.get(message.ref_hash)
            if known is None:
                self._problems.add("The server referred to a message that it had not sent.")
                return
            self._cached[message.ref_hash] = (known[0], self._run)
            self._place(known[0].delta)
        elif kind == "delta":
            if message.metadata.cacheable:
                self._cached[message.hash] = (message, self._run)
            self._place(message.delta)
        elif kind == "new_session":
            self._run += 1
            self._under_way = True
            self._of_a_part = bool(message.metadata.run.fragment_ids)
            self.session = message.new_session.initialize.session_id
        elif kind == "navigation":
            self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            self.page = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "page_not_found":
            self._problems.add("A page was not found.")
        elif kind == "script_finished":
            await self._end_run(message)

    def _place(self, delta: Delta) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        kind = delta.new_element.WhichOneof("type") or ""
        element: Any = getattr(delta.new_element, kind, None)
        if kind == "exception":
            self._problems.add(f"The page showed an exception: {element.type} {element.message}".strip())
        elif kind == "alert" and element.format == Alert.ERROR:
            self._problems.add(f"The page showed an error: {element.body}")
        elif kind in ("button", "slider", "text_input", "bidi_component"):
            # Streamlit's ids end in the key that the script gave the widget.
            key = element.id.split("-", 2)[-1]
            data = json.loads(element.mixed.json or element.json or "{}") if kind == "bidi_component" else {}
            self.widgets[key] = Widget(element.id, kind, element, data, delta.fragment_id, self._run)
            if kind == "slider" and element.type == element.SELECT_SLIDER:
                if element.set_value:
                    self._values[element.id] = list(element.raw_value)
                elif element.id not in self._values:
                    self._values[element.id] = [element.options[int(place)] for place in element.default]

    async def _end_run(self, message: ForwardMsg) -> None:
        status = message.script_finished
        if status == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self._problems.add("The script could not be compiled.")
        self._under_way = status == ForwardMsg.FINISHED_EARLY_FOR_RERUN
        if status in (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY):
            whole = status == ForwardMsg.FINISHED_SUCCESSFULLY
            drawn = {widget.fragment for widget in self.widgets.values() if widget.run == self._run}
            for key, widget in list(self.widgets.items()):
                if widget.run < self._run and (whole or widget.fragment in drawn):
                    del self.widgets[key]
            on_page = {widget.id for widget in self.widgets.values()}
            self._values = {id: value for id, value in self._values.items() if id in on_page}
            self._texts = {id: text for id, text in self._texts.items() if id in on_page}
            self._given = {id: state for id, state in self._given.items() if id in on_page}
            self._cached = {key: entry for key, entry in self._cached.items() if self._run - entry[1] <= KEPT_RUNS}
            await self._ask()
            for link in self.links:
                if link.frame is not None:
                    self._tell(link.token, link.frame)
        async with self._finished:
            self._finished_runs += 1
            self._finished.notify_all()

    async def _ask(self) -> None:
        """Keep a link to each run on the page, as its views do, and ask it for what they show."""
        wanted: dict[str, set[str]] = {}
        for widget in self.widgets.values():
            if "token" in widget.data:
                wanted.setdefault(widget.data["token"], set()).update(VIEW_PARTS.get(widget.data["view"], ()))
        # The visitor's own run is on every page, in the transport.
        for link in self.links[1:]:
            if link.token not in wanted:
                self.links.remove(link)
                await link.close()
        known = {link.token for link in self.links}
        self.links += [self._link(token) for token in wanted if token not in known]
        for link in self.links:
            await link.ask(wanted.get(link.token, ()))

    def _link(self, token: str) -> LiveLink:
        def seen(frame: Frame, now: float) -> None:
            if token == self.links[0].token:
                self._seen(frame, now)
            self._tell(token, frame)

        return LiveLink(self._base, token, self._problems, seen)

    def _touch(self) -> None:
        self._touched = time.perf_counter()

    def _tell(self, token: str, frame: Frame, soonest: float = SOON_SECONDS) -> None:
        """Ask for new buttons, as the run's strip does, when those on the page were drawn for another state."""
        differs = self._outdated(token, frame) is not None
        if token in self._notices and not differs:
            self._notices.pop(token).cancel()
        if differs and token not in self._notices:
            seconds = max(soonest, self._touched + QUIET_SECONDS - time.perf_counter())
            self._notices[token] = asyncio.get_running_loop().call_later(seconds, self._report, token)

    def _report(self, token: str) -> None:
        del self._notices[token]
        frame = next((link.frame for link in self.links if link.token == token), None)
        strip = self._outdated(token, frame) if frame else None
        if frame is None or strip is None:
            return
        if time.perf_counter() < self._touched + QUIET_SECONDS:
            self._tell(token, frame)
            return
        reached = f"{frame['revision']}:{frame['state']}:{frame['iteration']}"
        # With the values that the widgets have by now: those of the moment before would undo what was chosen since.
        self._tasks.append(asyncio.create_task(self._send(self._event(strip, "state", reached))))
        self._tell(token, frame, AGAIN_SECONDS)

    def _outdated(self, token: str, frame: Frame) -> Widget | None:
        """Return the strip of this run, if the buttons beside it were drawn for another state than the frame's."""
        for widget in self.widgets.values():
            if widget.data.get("view") == "strip" and widget.data["token"] == token:
                drawn = {"ready" if state == "starting" else state for state in (widget.data["state"], frame["state"])}
                return widget if widget.data["state"] is not None and len(drawn) == 2 else None
        return None
