"""One stage and one page for all tests of the scripts: each begins with a fresh page and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from stage import Scene, Stage


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """Start the stage's server."""
    stage = Stage()
    yield stage
    stage.stop()


@pytest.fixture(scope="session")
def one_page(browser: Browser) -> Iterator[Page]:
    """Open the one page; its clock is the tests' own."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    yield page
    context.close()


@pytest.fixture
def scene(one_page: Page, stage: Stage) -> Iterator[Scene]:
    """Begin a fresh page; at the test's end its console must hold no error and no warning."""
    scene = Scene(one_page, stage)
    yield scene
    scene.leave()
    assert scene.complaints == []
