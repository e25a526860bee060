"""The live channel as a browser keeps it: a WebSocket per run, acknowledged frame by frame, reopened when it breaks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import time
from collections.abc import Callable, Iterable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from lrdemo.bench.browsing import Problems

Frame = dict[str, Any]

RECONNECT_SECONDS = 0.3


class LiveLink:
    """Watch one run from now on; `seen(frame, now)` is called with the header of each frame and when it came."""

    def __init__(self, base: str, token: str, problems: Problems, seen: Callable[[Frame, float], None]) -> None:
        self.token = token
        self.frame: Frame | None = None
        self._base, self._problems, self._seen = base, problems, seen
        self._parts: list[str] = []
        self._socket: ClientConnection | None = None
        self._closing = False
        self._task = asyncio.create_task(self._watch())

    async def ask(self, parts: Iterable[str]) -> None:
        """Ask for these parts in every frame from now on."""
        wanted = sorted(set(parts))
        if wanted != self._parts:
            self._parts = wanted
            if self._socket is not None:
                with contextlib.suppress(ConnectionClosed):  # It asks again when it is open again.
                    await self._socket.send(json.dumps({"parts": wanted}))

    async def tell(self, message: dict[str, Any]) -> None:
        """Send a message for this moment only: a lost connection loses it."""
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(json.dumps(message))

    async def close(self) -> None:
        """Stop watching."""
        self._closing = True
        if self._socket is not None:
            with contextlib.suppress(WebSocketException, OSError):
                await asyncio.wait_for(self._socket.close(), 5)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        address = f"{self._base.replace('http', 'ws', 1)}/live"
        while not self._closing:
            try:
                async with connect(address, origin=self._base, max_size=None, open_timeout=20) as socket:  # type: ignore[arg-type]
                    self._socket = socket
                    await socket.send(json.dumps({"token": self.token, "parts": self._parts}))
                    async for data in socket:
                        now = time.perf_counter()
                        await socket.send("{}")
                        (size,) = struct.unpack_from("<I", data)  # type: ignore[arg-type]
                        self.frame = json.loads(data[4 : 4 + size])
                        self._seen(self.frame, now)
            except (WebSocketException, OSError) as error:
                self._socket = None
                # The page may be about to give this run up, and then it does not reconnect.
                await asyncio.sleep(RECONNECT_SECONDS)
                self._problems.add(f"The live channel was closed: {error or type(error).__name__}")
