"""Serve each page at its own address with a front end that knows where its server is."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from lrdemo.ui.streamlit_private import index_page

PAGES = Path(__file__).parents[3] / "pages"


def deep_links() -> list[BaseRoute]:
    """Return one route for each page file; none where Streamlit has to serve its own page there."""
    text = index_page()
    if text is None:
        return []

    async def answer(_request: Request) -> HTMLResponse:
        return HTMLResponse(text, headers={"Cache-Control": "no-cache"})

    return [Route(f"/{path.stem}", answer, methods=["GET"]) for path in sorted(PAGES.glob("*.py"))]
