"""A real server, started as the README says, and a real Chromium that visits it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from app_server import Server
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from programs import program
from visits import click, wait_for_state, wrong

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    path = program("chromium", "chromium-browser", "google-chrome", package="chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start one server for all browser tests; at the end its log must hold no complaint."""
    server = Server(tmp_path_factory.mktemp("server") / "server.log")
    yield server
    server.stop()
    assert server.complaints == [], server.log


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Keep what a browser keeps of an address: a visitor's second tab loads in less time than the first."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@contextmanager
def tab(context: BrowserContext, url: str) -> Iterator[Page]:
    """Open a tab; at its end the console must hold no error and no warning."""
    page = context.new_page()
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    yield page
    page.close()
    assert wrong(complaints) == []


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Iterator[Page]:
    """Open the app in a tab of its own for each test."""
    with tab(context, server.url) as page:
        yield page


@pytest.fixture
def board(context: BrowserContext, server: Server) -> Iterator[Page]:
    """Open the Draw page with a model trained for drawings."""
    with tab(context, f"{server.url}/draw?features=directions&styles=true&pace=0") as page:
        wait_for_state(page, "Untrained")
        click(page, "Start")
        wait_for_state(page, "Finished")
        yield page
