"""The server's own part beside Streamlit: the training service, the visitors, and the live channel to their browsers.

The live channel is one WebSocket per browser. It checks Host, Origin and the run's token by itself, since
Streamlit's checks do not cover own routes.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlparse

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import config
from streamlit.watcher.local_sources_watcher import LocalSourcesWatcher
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from lrdemo.serving.frames import encode
from lrdemo.serving.service import Run, Service
from lrdemo.settings import Settings
from lrdemo.ui.server.deep_links import deep_links
from lrdemo.ui.server.static_files import StaticFiles
from lrdemo.ui.server.visitor import Visitor

PERIOD_SECONDS = 0.09
LONGEST_PERIOD_SECONDS = 0.5
IDLE_SECONDS = 0.2
REAP_SECONDS = 2.0
SWITCH_SECONDS = 0.0005
PARTS = frozenset({"curves", "templates", "answer", "race"})
UNKNOWN, FORBIDDEN, UNSUPPORTED = 4404, 4403, 1003

_lock = threading.Lock()
_service: Service | None = None
_visitors: dict[str, tuple[Visitor, Run]] = {}
"""By the token of each of a visitor's runs."""


def service() -> Service:
    """Return the one training service of this server, started at the first call."""
    global _service
    with _lock:
        if _service is None:
            _service = Service()
        return _service


def arrive(settings: Settings) -> Visitor:
    """Return a new visitor with an untrained run."""
    visitor = Visitor(service(), settings)
    _visitors[visitor.run.token] = (visitor, visitor.run)
    return visitor


def open_race(visitor: Visitor, settings: Settings, learning_rates: Sequence[float]) -> Run:
    """Open a race for the visitor in place of the last one."""
    close_race(visitor)
    visitor.race = service().open_run(settings, learning_rates)
    _visitors[visitor.race.token] = (visitor, visitor.race)
    return visitor.race


def close_race(visitor: Visitor) -> None:
    """End the visitor's race, if there is one."""
    if visitor.race is not None:
        _visitors.pop(visitor.race.token, None)
        visitor.race.close()
        visitor.race = None


def close_service() -> None:
    """End the training service and all runs."""
    global _service
    with _lock:
        if _service is not None:
            _service.close()
            _service = None
        _visitors.clear()


@contextlib.asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Start the worker with the server and end it with the server."""
    service()
    _watch_no_modules()
    # The event loop gives up the interpreter lock with every frame that it sends; it must get it back soon even while
    # scripts run.
    sys.setswitchinterval(SWITCH_SECONDS)
    # Streamlit collects all garbage after every script run (30 ms); here it is done once for all sessions, and what
    # is imported need not be looked at again.
    config.set_option("runner.postScriptGC", False)
    gc.collect()
    gc.freeze()
    reaper = asyncio.create_task(_reap())
    try:
        yield {}
    finally:
        reaper.cancel()
        await asyncio.to_thread(close_service)


def _watch_no_modules() -> None:
    """Spare each new session the look at all imported modules (0.1 s of the event loop) when no file is watched."""
    if config.get_option("server.fileWatcherType") == "none":
        setattr(LocalSourcesWatcher, "update_watched_modules", lambda _watcher: None)  # noqa: B010


async def _reap() -> None:
    """End the runs of visitors who will not come back, and collect garbage for all sessions at once."""
    modules = len(sys.modules)
    while True:
        await asyncio.sleep(REAP_SECONDS)
        if _visitors:
            gc.collect()
        if len(sys.modules) != modules:
            modules = len(sys.modules)
            gc.freeze()
        longest = float(config.get_option("server.disconnectedSessionTTL"))
        for token, (visitor, run) in list(_visitors.items()):
            if visitor.away_seconds > longest:
                del _visitors[token]
                run.close()


async def live(websocket: WebSocket) -> None:
    """Push a frame whenever the visitor's run or picture has changed, at most one that is not yet acknowledged."""
    if not _same_origin(websocket):
        await websocket.close(FORBIDDEN)
        return
    found = _visitors.get(websocket.path_params["token"])
    await websocket.accept()
    if found is None:
        # Closed after accepting, so that the browser is told the code.
        await websocket.close(UNKNOWN)
        return
    await _Channel(websocket, *found).serve()


middleware = [Middleware(StaticFiles)]
routes: list[BaseRoute] = [WebSocketRoute("/live/{token}", live), *deep_links()]


class _Channel:
    """Feed one browser; the period grows when the server's event loop is late."""

    def __init__(self, websocket: WebSocket, visitor: Visitor, run: Run) -> None:
        self._websocket = websocket
        self._visitor = visitor
        self._run = run
        self._parts: frozenset[str] = frozenset()
        self._acknowledged = True
        self._wake = asyncio.Event()
        self._commanded = asyncio.Event()

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # The loop may have been closed in between.
                loop.call_soon_threadsafe(self._command)

        self._run.watchers.append(wake)
        sender = asyncio.create_task(self._send())
        try:
            while True:
                self._take(json.loads(await self._websocket.receive_text()))
        except (WebSocketDisconnect, RuntimeError):
            pass
        except (ValueError, TypeError, KeyError):
            # No page of this project sent that.
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await self._websocket.close(UNSUPPORTED)
        finally:
            self._run.watchers.remove(wake)
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await sender

    def _take(self, message: dict[str, Any]) -> None:
        if "parts" in message:
            self._parts = PARTS.intersection(message["parts"])
        self._acknowledged = True
        self._wake.set()

    def _command(self) -> None:
        self._commanded.set()
        self._wake.set()

    async def _send(self) -> None:
        last: Any = None
        period = PERIOD_SECONDS
        run = self._run
        while True:
            present = (run.board.sequence, run.rebuilt, self._visitor.shown_version, self._parts)
            if present != last and self._acknowledged:
                last = present
                self._acknowledged = False
                self._commanded.clear()
                snapshot = run.snapshot()
                status = {"rebuilt": run.rebuilt, "device": run.settings.device, "problem": run.problem}
                # Before the first snapshot the digits may not be unpacked yet.
                shown = self._visitor.shown if snapshot else None
                await self._websocket.send_bytes(encode(snapshot, status, self._parts, shown))
                # A command of the visitor's cuts the pause short: its effect is shown at once.
                late = await _set_or_late(self._commanded, period)
                if late is not None:
                    period = min(LONGEST_PERIOD_SECONDS, 0.8 * period + 0.2 * (PERIOD_SECONDS + 5 * late))
            else:
                self._wake.clear()
                if self._acknowledged:
                    await _set_or_late(self._wake, IDLE_SECONDS)
                else:
                    await self._wake.wait()


async def _set_or_late(event: asyncio.Event, seconds: float) -> float | None:
    """Wait until the event is set, or set it after so long and return how late that was, in seconds."""
    # Without the task that asyncio.wait_for makes each time: this runs some 400 times a second in a class of sixty.
    loop = asyncio.get_running_loop()
    timer = loop.call_later(seconds, event.set)
    await event.wait()
    timer.cancel()
    return max(0.0, loop.time() - timer.when()) if loop.time() >= timer.when() else None


def _same_origin(websocket: WebSocket) -> bool:
    host = websocket.headers.get("host")
    origin = websocket.headers.get("origin")
    try:
        return is_host_allowed(host) and origin is not None and urlparse(origin).netloc == host
    except ValueError:
        return False
