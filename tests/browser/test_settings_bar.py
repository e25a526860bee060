"""What the server sets stays set, also where the visitor touches another control before hearing of it."""

from __future__ import annotations

import re

import pytest
from app_server import Server
from playwright.sync_api import Page, WebSocketRoute, expect
from visits import click, wait_for_state, wait_until


class Gate:
    """Hold back what the server says to the page while it is shut; what the page says goes through at once."""

    def __init__(self, page: Page) -> None:
        self.shut = False
        self._held: list[tuple[WebSocketRoute, str | bytes]] = []
        page.route_web_socket(re.compile("/_stcore/stream"), self._connect)

    def open(self) -> None:
        self.shut = False
        for socket, message in self._held:
            socket.send(message)
        self._held.clear()

    def _connect(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda message: self._held.append((socket, message)) if self.shut else socket.send(message))


@pytest.fixture
def gate(page: Page) -> Gate:
    return Gate(page)


def slid(page: Page, name: str) -> str:
    bar = page.locator(".st-key-choices [data-testid=stSlider]").filter(has=page.get_by_role("slider", name=name))
    return bar.locator("[data-testid=stSliderThumbValue]").inner_text()


def test_a_recipe_stays_chosen_when_another_control_is_moved_before_the_page_has_heard_of_it(
    page: Page, server: Server, gate: Gate
) -> None:
    page.goto(server.url)
    wait_for_state(page, "Untrained")
    gate.shut = True
    page.get_by_role("button", name=re.compile("^Recipe")).click()
    page.get_by_role("menuitem", name="too slow", exact=True).click()
    page.get_by_role("slider", name="Pace").press("ArrowRight")
    gate.open()

    expect(page).to_have_url(re.compile(r"\?learning_rate=0\.001&pace=200$"))
    wait_until(lambda: slid(page, "Learning rate") == "0.001")
    assert slid(page, "Pace") == "200 per second"


def test_advice_stays_followed_when_another_control_is_moved_before_the_page_has_heard_of_it(
    page: Page, server: Server, gate: Gate
) -> None:
    page.goto(f"{server.url}/?learning_rate=10&iterations=200&pace=0")
    wait_for_state(page, "Untrained")
    click(page, "Start")
    wait_for_state(page, "Finished")
    expect(page.get_by_role("button", name="Start again")).to_be_visible()
    gate.shut = True
    page.get_by_role("button", name="Begin again with 0.5").click()
    page.get_by_role("slider", name=re.compile("^Iterations")).press("ArrowRight")
    gate.open()

    expect(page).to_have_url(re.compile(r"\?learning_rate=0\.5&iterations=300&pace=0$"))
    wait_until(lambda: slid(page, "Learning rate") == "0.5")
    wait_for_state(page, "Finished")
    assert page.evaluate("window.lrdemoLink.last.learningRate") == 0.5
