"""Firefox and WebKit, each with a window of a laptop in light and one of a phone in dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from app_server import Server
from firefox import firefox
from visitor import Browser, Visitor
from visits import wrong
from webkit import webkit

BROWSERS = {"firefox": firefox, "webkit": webkit}


@pytest.fixture(scope="module", params=BROWSERS)
def light(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start a browser of somebody who prefers light pages."""
    with BROWSERS[request.param](tmp_path_factory.mktemp(request.param), dark=False) as browser:
        yield browser


@pytest.fixture(scope="module", params=BROWSERS)
def dark(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start a browser of somebody who prefers dark pages."""
    with BROWSERS[request.param](tmp_path_factory.mktemp(request.param), dark=True) as browser:
        yield browser


@pytest.fixture
def laptop(light: Browser, server: Server) -> Iterator[Visitor]:
    """Sit down at a laptop; at the end the console must hold no error and no warning."""
    light.resize(1366, 768)
    yield Visitor(light, server.url)
    assert wrong(light.complaints()) == []


@pytest.fixture
def phone(dark: Browser, server: Server) -> Iterator[Visitor]:
    """Take a phone in hand; at the end the console must hold no error and no warning."""
    dark.resize(390, 844)
    yield Visitor(dark, server.url)
    assert wrong(dark.complaints()) == []
