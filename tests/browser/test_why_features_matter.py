"""The page Features in a browser: the comparison runs to its end, and its rows say what the core says."""

from __future__ import annotations

import re

import pytest
from app_server import Server
from playwright.sync_api import Browser, expect
from visits import click, wrong

from lrdemo.candidates import LINEAR
from lrdemo.comparison import Comparison
from lrdemo.data import Digits
from lrdemo.formats import percent
from lrdemo.settings import Settings


@pytest.mark.parametrize("size", [(390, 844)], ids=str)
def test_each_row_ends_with_the_accuracy_of_the_core(
    browser: Browser, server: Server, digits: Digits, size: tuple[int, int]
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{server.url}/features?iterations=60&seed=3")
    rows = page.locator(".view.comparison tr:has(th[scope])")
    expect(rows).to_have_count(len(LINEAR))
    expect(page.locator(".view.comparison .winner")).to_have_text("Which line will be on top? Press Start.")
    # Nothing is told of an untrained model.
    expect(rows.first.locator(".tests .accuracy")).to_have_text("–")

    click(page, "Start")
    expect(page.locator(".of-comparison .state")).to_have_text("Finished", timeout=60_000)
    core = Comparison(Settings(iterations=60, seed=3), LINEAR, lambda settings: digits)
    while not core.finished:
        core.work(20)
    ends = [tests[-1].accuracy for tests in core.tests]
    expect(rows.locator(".tests .accuracy")).to_have_text([percent(end) for end in ends])
    described = page.locator(".view.comparison .chart canvas").get_attribute("aria-label") or ""
    assert described.startswith("Accuracy on the test images over 60 of 60 iterations. pixels: ")
    expect(page.locator(".st-key-features_words")).to_contain_text(f"On pixels it classifies {percent(ends[0])}")
    expect(page.get_by_role("table").last).to_contain_text("directions")

    hard = page.get_by_role("button", name=re.compile("hard.5"))
    hard.click()
    expect(hard).to_have_attribute("aria-pressed", "true")
    expect(rows.first.locator(".right")).to_have_text(re.compile("right|wrong"))
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= size[0]
    context.close()
    assert wrong(complaints) == []
