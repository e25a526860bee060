"""Keep the front end's files in memory: a class that opens the page at once asks for the same ones sixty times.

Streamlit reads each from the disk in a thread of its own, which is most of what opening a page costs.
"""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDER = "/static/"
MOST_BYTES = 32 * 2**20


class StaticFiles:
    """Answer a request for a static file from memory once it has been answered before. The files never change."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[tuple[str, bytes], list[Message]] = {}
        self._room = MOST_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; see the ASGI specification."""
        headers: dict[bytes, bytes] = dict(scope.get("headers", ()))
        plain = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(FOLDER)
        if not plain or b"range" in headers or b"if-none-match" in headers or b"if-modified-since" in headers:
            await self._app(scope, receive, send)
            return
        key = (scope["path"], headers.get(b"accept-encoding", b""))
        kept = self._kept.get(key)
        if kept is None:
            kept = await self._answer(scope, receive)
            self._keep(key, kept)
        for message in kept:
            await send(message)

    async def _answer(self, scope: Scope, receive: Receive) -> list[Message]:
        messages: list[Message] = []

        async def take(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, take)
        return messages

    def _keep(self, key: tuple[str, bytes], messages: list[Message]) -> None:
        # The answer to a browser that left in the middle of it is cut off, and would be so for everybody.
        if not messages or messages[-1].get("more_body") or "body" not in messages[-1]:
            return
        size = sum(len(message.get("body", b"")) for message in messages)
        if messages[0].get("status") == 200 and size <= self._room and key not in self._kept:
            self._room -= size
            self._kept[key] = messages
