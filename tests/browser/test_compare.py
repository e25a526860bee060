"""Runs beside each other, in a real browser: kept on Train, started once more, and made the visitor's run again."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from visits import accuracy, click, open_page, wait_for_state


def test_runs_are_kept_compared_and_one_of_them_is_on_every_page_again(page: Page) -> None:
    wait_for_state(page, "Untrained")
    expect(page.get_by_role("button", name="Keep", exact=True)).to_be_disabled()
    page.get_by_role("slider", name=re.compile("^Pace")).press("End")
    click(page, "Start")
    wait_for_state(page, "Finished")
    first = accuracy(page)
    click(page, "Keep")
    expect(page.get_by_role("button", name="Kept")).to_be_disabled()

    open_page(page, "Compare")
    field = page.get_by_role("textbox", name="Learning rate")
    field.fill("0.5")
    field.press("Enter")
    click(page, "Start it once more")
    page.wait_for_function(
        f"window.lrdemoLink.last.state === 'finished' && window.lrdemoLink.last.testAccuracy > {first / 100}"
    )
    second = accuracy(page)
    rows = page.locator("table tr")
    expect(rows.nth(1)).to_contain_text(f"{first:.2f}\u00a0%")
    expect(rows.nth(2)).to_contain_text(f"{second:.2f}\u00a0%")
    expect(page.get_by_role("img", name=re.compile("your run: the ten templates"))).to_be_visible()

    click(page, "Make it your run")
    page.wait_for_function(f"Math.abs(100 * window.lrdemoLink.last.testAccuracy - {first}) < 1e-3")
    expect(page.locator("table")).not_to_contain_text("your run")
    expect(page.locator("table")).to_contain_text("rate 0.5")
    open_page(page, "Train")
    assert accuracy(page) == first
    expect(page.get_by_role("slider", name=re.compile("^Learning rate"))).to_have_attribute("aria-valuetext", "0.1")
