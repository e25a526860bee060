"""What protects the server's answers: the hosts it answers to, the pages that may show it, and what it tells others."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

ENDPOINTS = "/_stcore/"
"""Streamlit's own endpoints check the host themselves where it matters; health checks come by other names."""
WRONG_HOST = "This server does not answer to this name. Add it to server.allowedHosts in .streamlit/config.toml.\n"
FORBIDDEN = 403
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"referrer-policy", b"same-origin"),
)
_NAMES = frozenset(name for name, _ in HEADERS)


class Security:
    """Refuse requests for another host, and add the headers above to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; see the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [header for header in message.get("headers", ()) if header[0].lower() not in _NAMES]
                # Another message, since the one for a file that is kept in memory is sent again.
                message = {**message, "headers": [*others, *HEADERS]}
            await send(message)

        if scope["path"].startswith(ENDPOINTS) or host_is_allowed(_host(scope)):
            await self._app(scope, receive, guarded)
        else:
            await PlainTextResponse(WRONG_HOST, FORBIDDEN)(scope, receive, guarded)


def same_origin(websocket: WebSocket) -> bool:
    """Return whether a page of this server opened the socket, under a name that this server answers to."""
    host, origin = websocket.headers.get("host"), websocket.headers.get("origin")
    try:
        return host_is_allowed(host) and origin is not None and urlsplit(origin).netloc == host
    except ValueError:
        return False


def host_is_allowed(host: str | None) -> bool:
    """Return whether a Host header names one of server.allowedHosts ("*.example.org" stands for all below it)."""
    patterns = [pattern.strip().lower().rstrip(".") for pattern in st.get_option("server.allowedHosts") or ("*",)]
    if "*" in patterns:
        return True
    try:
        parts = urlsplit(f"//{host or ''}")
        name, _port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return False
    whole = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    return whole and any(
        name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern for pattern in patterns
    )


def _host(scope: Scope) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), None)
