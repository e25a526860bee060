"""Race and What breaks it in a real browser: an accuracy that follows sliders and training, and sizes of screens."""

from __future__ import annotations

import re

import pytest
from app_server import Server
from playwright.sync_api import Browser, Page, expect
from visits import click, open_page, wait_for_state

SIZES = [(1920, 1080), (1366, 768), (768, 1024), (390, 844), (683, 384)]


def share(page: Page) -> float:
    return float(page.locator(".breaking .score .accuracy").inner_text().split()[0])


def test_accuracy_falls_with_a_slider_and_comes_back(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/what_breaks_it?iterations=300&pace=0")
    click(page, "Start")
    wait_for_state(page, "Finished")
    told = page.locator(".breaking .rest")
    expect(told).to_have_text(re.compile("At iteration 300"))
    before = share(page)
    assert before > 85
    slider = page.get_by_role("slider", name="Shift right")
    for _ in range(8):
        slider.press("ArrowRight")
    expect(page.locator(".breaking .reason")).to_have_text(re.compile("^Each weight belongs to one pixel"))
    expect(page.locator(".breaking .score .accuracy")).to_have_text(re.compile(r"^[1-5]\d\.\d"))
    expect(page.locator(".breaking .unchanged")).to_contain_text(f"Unchanged: {before:.1f}")
    open_page(page, "Inside")
    expect(page.locator(".view.inside .tile")).to_have_count(10)
    open_page(page, "What breaks it")
    expect(told).to_have_text(re.compile("At iteration 300"))
    expect(page.locator(".breaking .score .accuracy")).to_have_text(re.compile(f"^{before:.1f}"))


def test_it_follows_the_training_by_itself(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/what_breaks_it?iterations=300&pace=100")
    expect(page.locator(".breaking .rest")).to_have_text(re.compile("At iteration 0"))
    page.keyboard.press("p")
    expect(page.locator(".breaking .rest")).to_have_text(re.compile("At iteration 300"))
    assert share(page) > 85


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("path", ["race", "what_breaks_it"])
def test_nothing_is_cut_and_a_laptop_shows_it_all(
    browser: Browser, server: Server, path: str, size: tuple[int, int]
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, has_touch=size[0] < 800)
    page = context.new_page()
    page.goto(f"{server.url}/{path}?iterations=60&pace=0")
    last = page.locator(".view.race .scale, .view.breaking .rest")
    expect(last).to_contain_text(re.compile(r"or more|At iteration"), timeout=60_000)
    click(page, "Start")
    done = page.locator(".winner" if path == "race" else ".breaking .rest")
    expect(done).to_contain_text("is ahead" if path == "race" else "At iteration 60", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    box = last.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= size[0]
    if size[0] >= 1366:
        assert box["y"] + box["height"] <= size[1]
    if size == (390, 844) and path == "what_breaks_it":
        slider = page.get_by_role("slider", name="Thickness")
        slider.scroll_into_view_if_needed()
        for found in (slider, page.locator(".breaking .score .accuracy"), page.locator(".breaking .asked canvas")):
            place = found.bounding_box()
            assert place is not None and place["y"] >= 90 and place["y"] + place["height"] <= size[1]
    context.close()
