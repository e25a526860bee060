"""A visitor who is quicker than the page: what is done before the scripts have loaded takes nothing away."""

from __future__ import annotations

from app_server import Server
from playwright.sync_api import Browser, expect
from visits import click, wait_for_state

HELD = """
window.loaded = new Promise((resolve) => (window.load = resolve));
window.Blob = class extends Blob {
  constructor(parts, options) {
    super(options?.type === "text/javascript" ? ["await window.loaded;", ...parts] : parts, options);
  }
};
"""
"""Streamlit makes a module of each component's script by way of a Blob: each waits until the test lets them load."""


def test_a_page_that_was_drawn_again_before_its_scripts_had_loaded_is_whole(browser: Browser, server: Server) -> None:
    context = browser.new_context()
    context.add_init_script(HELD)
    page = context.new_page()
    page.goto(server.url)
    click(page, "Start")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".strip")).to_have_count(0)

    page.evaluate("window.load()")

    wait_for_state(page, "Finished")
    expect(page.get_by_role("button", name="Start again")).to_be_visible()
    expect(page.locator(".strip .place")).to_have_text("600 of 600")
    context.close()
