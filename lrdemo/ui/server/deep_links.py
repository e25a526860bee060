"""Serve the pages' own addresses so that a browser asks for Streamlit's endpoints at the root only.

Opened at /draw, Streamlit's front end first tries /draw/_stcore/health, and the browser's console fills with 404s
(streamlit/streamlit#7074). Told where its server is, it does not.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

PAGES = Path(__file__).parents[3] / "pages"
_TELL = (
    "<script>window.__streamlit = {BACKEND_BASE_URL: location.origin + '/', "
    "MAIN_PAGE_BASE_URL: location.origin + '/'}</script>"
)


def deep_links() -> list[BaseRoute]:
    """Return one route for each page file."""
    return [Route(f"/{path.stem}", _page, methods=["GET"]) for path in sorted(PAGES.glob("*.py"))]


async def _page(_request: Request) -> HTMLResponse:
    return HTMLResponse(_index(), headers={"Cache-Control": "no-cache"})


@cache
def _index() -> str:
    text = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    return text.replace("<head>", f"<head>{_TELL}", 1)
