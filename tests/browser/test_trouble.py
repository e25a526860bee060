"""What an open page says when the training process is busy or gone for good."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_server import Server
from playwright.sync_api import Browser, Page, expect
from visits import click, wait_for_state, wait_until

LONG = 120_000


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server.log")
    yield server
    server.stop()


@pytest.fixture
def tab(browser: Browser, own: Server) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{own.url}/?iterations=30000&pace=5")
    wait_for_state(page, "Untrained")
    yield page
    context.close()
    assert complaints == []


def test_a_click_while_the_process_is_busy_is_confirmed_and_not_lost(tab: Page, own: Server) -> None:
    (worker,) = own.worker_pids()
    os.kill(worker, signal.SIGSTOP)

    click(tab, "Step 10")
    wait_for_state(tab, "^The computer is busy; your click is in the queue$")
    os.kill(worker, signal.SIGCONT)

    tab.wait_for_function("window.lrdemoLink.last.iteration === 10", timeout=LONG)
    wait_for_state(tab, "^Paused$")


def test_an_open_page_learns_that_training_has_become_impossible(tab: Page, own: Server) -> None:
    click(tab, "Start")
    wait_for_state(tab, "^Training$")

    state = tab.locator(".strip .state")

    def given_up() -> bool:
        for worker in own.worker_pids():
            os.kill(worker, signal.SIGKILL)
        return "keeps stopping" in state.inner_text()

    wait_until(given_up, LONG / 1000)
    expect(state).to_have_text(re.compile("The training process keeps stopping"))
