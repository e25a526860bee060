"""Race and What breaks it in a real browser: an accuracy that follows sliders and training, and sizes of screens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from app_server import Server
from looking import LOOKING, settle, shifts
from playwright.sync_api import Browser, Page, expect
from visits import click, open_page, press_p, wait_for_state, wrong

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
    press_p(page)
    expect(page.locator(".breaking .rest")).to_have_text(re.compile("At iteration 300"))
    assert share(page) > 85


@pytest.fixture
def open_at(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Open a page in a window of a size; at the end the console must hold no error and no warning."""
    contexts, complaints = [], []

    def opened(size: tuple[int, int], query: str, path: str = "race") -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, has_touch=size[0] < 800)
        contexts.append(context)
        context.add_init_script(path=LOOKING)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("console", lambda told: complaints.append(told.text) if told.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{server.url}/{path}?{query}")
        ready = page.locator(".view.race .scale, .view.breaking .rest")
        expect(ready).to_contain_text(re.compile(r"or more|At iteration"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong(complaints) == []


def scrolls(page: Page) -> bool:
    return bool(page.locator("[data-testid=stMain]").evaluate("main => main.scrollHeight > main.clientHeight"))


SMALL = """() => {
  const small = [];
  const look = (node) => {
    for (const child of [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes]) {
      if (child.nodeType === Node.ELEMENT_NODE && !["STYLE", "SCRIPT", "NOSCRIPT"].includes(child.tagName)) look(child);
      if (child.nodeType !== Node.TEXT_NODE || !child.textContent.trim() || !child.parentElement) continue;
      const range = document.createRange();
      range.selectNodeContents(child);
      const { width, height } = range.getBoundingClientRect();
      const size = parseFloat(getComputedStyle(child.parentElement).fontSize);
      if (width > 2 && height > 2 && size < 24) small.push(child.textContent);
    }
  };
  look(document.body);
  return small;
}"""


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_moves_while_it_races_and_its_effect_is_seen_at_once(
    open_at: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = open_at(size, "iterations=400&pace=200")
    settle(page)
    begin = page.evaluate("performance.now()")
    click(page, "Start")
    ahead = page.locator(".winner")
    expect(ahead).to_contain_text("is ahead at iteration 400")

    assert shifts(page, begin) == []
    assert page.locator("[data-testid=stMain]").evaluate("main => main.scrollTop") == 0
    for found in (ahead, page.locator(".view.race .chart canvas").first):
        box = found.bounding_box()
        assert box is not None and 90 <= box["y"] and box["y"] + min(box["height"], 100) <= size[1]


def test_eight_rates_fit_a_laptop(open_at: Callable[..., Page]) -> None:
    page = open_at((1366, 768), "iterations=250&pace=0")
    field = page.get_by_role("textbox", name="Learning rates")
    field.fill("0.001 0.01 0.1 0.5 3 5 8 10")
    field.press("Enter")
    expect(page.locator(".lanes th[scope]")).to_have_count(8)
    click(page, "Start")
    expect(page.locator(".winner")).to_contain_text("at iteration 250")

    assert not scrolls(page)
    assert page.locator(".lanes .judged").all_inner_texts()[-1].endswith("the steps are too large.")


def test_what_is_no_rate_is_said_beside_the_field_until_it_is_mended(open_at: Callable[..., Page]) -> None:
    page = open_at((1366, 768), "")
    field = page.get_by_role("textbox", name="Learning rates")
    before = page.locator(".view.race .chart").first.bounding_box()
    field.fill("0.1, fast")
    field.press("Enter")
    warning = page.get_by_role("alert")
    expect(warning).to_contain_text("“fast” is not a number from 0.0001 to 10. The race stays as it was.")
    assert page.locator(".lanes th[scope]").all_inner_texts() == ["0.001", "0.01", "0.1", "1", "10"]
    assert page.locator(".view.race .chart").first.bounding_box() == before
    assert not scrolls(page)

    field.fill("0.1, 0.5")
    field.press("Enter")
    expect(page.locator(".lanes th[scope]")).to_have_text(["0.1", "0.5"])
    expect(warning).to_have_count(0)


def test_on_a_projector_a_race_is_one_screen_and_no_type_is_small(open_at: Callable[..., Page]) -> None:
    page = open_at((1920, 1080), "iterations=250&pace=0")
    page.keyboard.press("f")
    press_p(page)
    expect(page.locator(".winner")).to_contain_text("at iteration 250")

    assert page.evaluate(SMALL) == []
    fonts = page.locator(".view.race .chart canvas").evaluate_all("all => all.map((one) => one.getContext('2d').font)")
    assert all(float(font.split("px")[0].split()[-1]) >= 24 for font in fonts)
    assert not scrolls(page)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("path", ["race", "what_breaks_it"])
def test_nothing_is_cut_and_a_laptop_shows_it_all(
    open_at: Callable[..., Page], path: str, size: tuple[int, int]
) -> None:
    page = open_at(size, "iterations=60&pace=0", path)
    last = page.locator(".view.race .lanes, .view.breaking .rest")
    click(page, "Start")
    done = page.locator(".winner" if path == "race" else ".breaking .rest")
    expect(done).to_contain_text("is ahead" if path == "race" else "At iteration 60")
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
