"""The address holds the settings, and Back leads to the page before at once."""

from __future__ import annotations

import re

from app_server import Server
from playwright.sync_api import Page, expect
from visits import click, iteration, open_page, wait_for_state


def change(page: Page, name: str, key: str = "ArrowRight") -> None:
    page.get_by_role("slider", name=re.compile(f"^{name}")).press(key)
    expect(page).to_have_url(re.compile(rf"\b{name.lower().replace(' ', '_')}="))


def test_back_is_not_dead_once_for_each_changed_setting(page: Page, server: Server) -> None:
    page.goto("about:blank")
    page.goto(f"{server.url}/?learning_rate=banana")
    wait_for_state(page, "Untrained")
    for name in ("Learning rate", "Iterations", "Pace"):
        change(page, name)
    settings = "?learning_rate=0.12&iterations=800&pace=200"
    expect(page).to_have_url(f"{server.url}/{settings}")
    open_page(page, "Draw")
    expect(page).to_have_url(f"{server.url}/draw{settings}")
    expect(page.locator("canvas.upper-canvas")).to_be_visible()

    page.go_back()
    expect(page.get_by_role("slider", name="Learning rate")).to_be_visible()
    expect(page).to_have_url(f"{server.url}/{settings}")
    page.go_back()
    expect(page).to_have_url("about:blank")


def test_the_address_after_a_change_in_mid_run_gives_that_run(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?seed=5")
    wait_for_state(page, "Untrained")
    click(page, "Step 10")
    page.wait_for_function("window.lrdemoLink.last.iteration === 10")
    page.get_by_role("slider", name="Learning rate").press("End")
    expect(page).to_have_url(re.compile(r"\?seed=5&changes=10%3A10$"))
    click(page, "Step 10")
    page.wait_for_function("window.lrdemoLink.last.iteration === 20")
    loss = page.evaluate("window.lrdemoLink.last.loss")

    page.reload()
    wait_for_state(page, "Untrained")
    click(page, "Step 10")
    page.wait_for_function("window.lrdemoLink.last.iteration === 10")
    click(page, "Step 10")
    page.wait_for_function("window.lrdemoLink.last.iteration === 20")

    assert iteration(page) == 20
    assert page.evaluate("window.lrdemoLink.last.loss") == loss
