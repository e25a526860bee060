"""One training service for the tests of pages and channel, as a server has one, and pages opened without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lrdemo.serving.service import Service
from lrdemo.ui.server import visitors

ROOT = Path(__file__).parents[2]
LONG = 180.0


@pytest.fixture(scope="session")
def lab() -> Iterator[Service]:
    service = visitors.service()
    assert service.ready.wait(LONG)
    yield service
    visitors.close_service()


@pytest.fixture
def open_app(lab: Service) -> Iterator[Callable[..., AppTest]]:
    """Open a script with query parameters, as a visitor of its own whose run is there."""
    opened: list[AppTest] = []
    st.cache_resource.clear()

    def open_one(path: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / path), default_timeout=30)
        app.query_params.update(query)
        opened.append(app)
        app.run()
        assert not app.exception, app.exception
        # Lesson pages that only tell need no run.
        if "visitor" in app.session_state:
            app.session_state["visitor"].run.wait(LONG, lambda snapshot: snapshot.state == "ready")
        return app

    yield open_one
    st.cache_resource.clear()
    for app in opened:
        if "visitor" not in app.session_state:
            continue
        visitor = app.session_state["visitor"]
        visitors.close_race(visitor)
        visitors.close_comparison(visitor)
        visitor.run.close()
