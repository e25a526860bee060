"""The server's own part beside Streamlit: its routes, what each request passes through, and its start and end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import sys
from collections.abc import AsyncIterator
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, WebSocketRoute

from lrdemo.ui import streamlit_private
from lrdemo.ui.server import visitors
from lrdemo.ui.server.channel import WithoutFrames, live
from lrdemo.ui.server.deep_links import deep_links
from lrdemo.ui.server.security import Security
from lrdemo.ui.server.static_files import StaticFiles

SWITCH_SECONDS = 0.0005

middleware = [Middleware(Security), Middleware(StaticFiles)]
routes: list[BaseRoute] = [WebSocketRoute("/live", live), *deep_links()]


@contextlib.asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Start the training service with the server and end it with the server."""
    visitors.service()
    logging.getLogger("uvicorn.error").addFilter(WithoutFrames())
    # The event loop gives up the interpreter lock with every frame that it sends; it must get it back soon even while
    # scripts run.
    sys.setswitchinterval(SWITCH_SECONDS)
    streamlit_private.watch_no_modules()
    streamlit_private.redraw_whole_pages()
    streamlit_private.finish_callbacks()
    streamlit_private.share_locks()
    streamlit_private.send_at_once()
    # The reaper collects garbage for all sessions at once, and what is imported need not be looked at again.
    gc.collect()
    gc.freeze()
    reaper = asyncio.create_task(visitors.reap(float(st.get_option("server.disconnectedSessionTTL"))))
    try:
        yield {}
    finally:
        reaper.cancel()
        await asyncio.to_thread(visitors.close_service)
