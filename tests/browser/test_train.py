"""Train as a new visitor meets it: guess, press Start, choose pictures, on every screen; nothing moves, nothing is cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from app_server import Server
from playwright.sync_api import Browser, Page, expect
from visits import click, draw, open_page, wait_for_state, wait_until

PHONE, TABLET, LAPTOP, PROJECTOR, ZOOMED = (390, 844), (768, 1024), (1366, 768), (1920, 1080), (683, 384)
WATCH = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((one) => one.value)))
    .observe({ type: "layout-shift" });
  window.canvasFonts = new Set();
  const real = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (...given) {
    window.canvasFonts.add(parseFloat(this.font));
    return real.apply(this, given);
  };
}"""
TEXTS = """() => {
  const found = [];
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) look(element.shadowRoot);
      const texts = [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent.trim());
      const hidden = element.closest("[style*='clip'], .stAppHeader") || !element.checkVisibility({ visibilityProperty: true });
      if (!texts.length || hidden || getComputedStyle(element.closest(".second, .note, .long") ?? element).clipPath !== "none") continue;
      const { left, right } = element.getBoundingClientRect();
      const parts = texts.flatMap((node) => [...node.textContent.matchAll(/[−+≤≥\\u00a0]*\\d[\\d,.]*(\\s(%|iterations?\\b|images?\\b|epochs?\\b|per second))?/g)].map((match) => {
        const range = document.createRange();
        range.setStart(node, match.index);
        range.setEnd(node, match.index + match[0].length);
        return { number: match[0], lines: new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size };
      }));
      const style = getComputedStyle(element);
      const cut = style.overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1;
      found.push({ text: element.textContent.trim().slice(0, 60), size: parseFloat(style.fontSize), left, right, cut, parts });
    }
  };
  look(document.querySelector("[data-testid=stMain]"));
  return found;
}"""


@contextmanager
def opened(browser: Browser, server: Server, size: tuple[int, int], query: str = "", **looks: Any) -> Iterator[Page]:
    """Open Train on a screen of this size; at the end its console must hold no error."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **looks)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(f"({WATCH})()")
    page.goto(f"{server.url}/{query}")
    wait_for_state(page, "Untrained")
    expect(page.locator(".choice button")).to_have_count(4)
    expect(page.locator(".tile")).to_have_count(10)
    # What is still arriving may move; from here on nothing does.
    page.wait_for_load_state("networkidle")
    yield page
    context.close()
    assert complaints == []


def told(page: Page, words: str) -> None:
    """Wait until the page says how near a guess was."""
    expect(page.locator(".told")).to_have_text(words.replace(" %", "\u00a0%"))


def guess(page: Page, untrained: int, trained: int) -> None:
    for slider, share in zip(page.locator(".guess input").all(), (untrained, trained), strict=True):
        slider.fill(str(share))
    page.get_by_role("button", name="Guess").click()


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found is not None
    return dict(found)


def test_guesses_are_asked_for_before_the_start_and_answered_by_what_happens(page: Page) -> None:
    wait_for_state(page, "Untrained")
    expect(page.locator(".strip .score")).to_have_text("not trained yet")
    expect(page.locator(".guess .ask")).to_contain_text("what share of the test images")
    assert "12.18" not in page.locator("[data-testid=stMain]").inner_text()

    guess(page, 30, 80)
    told(page, "Untrained: 12.2 %. You guessed 30 %.")
    open_page(page, "Draw")
    expect(page.locator(".view.answer")).to_be_visible()
    open_page(page, "Train")
    told(page, "Untrained: 12.2 %. You guessed 30 %.")
    click(page, "Start")
    wait_for_state(page, "Finished")
    told(page, "Trained: 90.5 %. You guessed 80 %.")

    click(page, "Reset")
    wait_for_state(page, "Untrained")
    expect(page.locator(".guess")).to_be_visible()


def test_a_hard_picture_is_misread_and_is_the_picture_on_draw_too(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?pace=0")
    wait_for_state(page, "Untrained")
    easy, hard = (page.locator(".choice button").nth(place) for place in (0, 1))
    expect(easy).to_have_attribute("aria-pressed", "true")
    hard.click()
    expect(hard).to_have_attribute("aria-pressed", "true")
    expect(easy).to_have_attribute("aria-pressed", "false")
    click(page, "Start")
    wait_for_state(page, "Finished")
    expect(page.locator(".words")).to_have_text(re.compile(r"Probably: a 7, with 6\d"))

    open_page(page, "Draw")
    expect(page.get_by_alt_text("Test image 362, a 2")).to_be_visible()
    open_page(page, "Train")
    expect(hard).to_have_attribute("aria-pressed", "true")
    easy.press("Enter")
    expect(page.locator(".words")).to_have_text(re.compile(r"Sure: a 7, with 99"))


def test_an_own_drawing_is_drawn_on_draw_and_chosen_on_train(page: Page) -> None:
    wait_for_state(page, "Untrained")
    page.locator(".choice button").nth(2).click()
    expect(page.locator(".choice button").nth(2)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="draw your own").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Draw a digit")
    expect(page.locator(".words")).to_have_text("Draw a digit.")
    draw(page, [(140, 50), (138, 150), (136, 230)])
    page.wait_for_function("(({ shown, pen }) => shown === 'Your drawing' && !pen)(window.lrdemoLink.last)")
    open_page(page, "Train")
    own = page.get_by_role("button", name="yours")
    expect(own).to_have_attribute("aria-pressed", "true")
    expect(own.locator("img")).to_be_visible()
    page.locator(".choice button").first.click()
    page.wait_for_function("window.lrdemoLink.last.shown === 'Test image 0, a 7'")
    own.click()
    page.wait_for_function("window.lrdemoLink.last.shown === 'Your drawing'")


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR, PHONE])
def test_nothing_moves_while_it_trains(browser: Browser, server: Server, size: tuple[int, int]) -> None:
    with opened(browser, server, size, "?iterations=120") as page:
        guess(page, 40, 70)
        told(page, "Untrained: 12.2 %. You guessed 40 %.")
        page.evaluate("window.shifts.length = 0")
        page.keyboard.press("p")
        wait_for_state(page, "Finished")
        expect(page.get_by_role("button", name="Start again")).to_be_visible()
        assert page.evaluate("window.shifts") == []


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR])
def test_nobody_needs_to_scroll_on_a_laptop_or_a_projector(
    browser: Browser, server: Server, size: tuple[int, int]
) -> None:
    with opened(browser, server, size, "?iterations=50") as page:
        fits = "(({ scrollHeight, clientHeight }) => scrollHeight <= clientHeight)(document.querySelector('[data-testid=stMain]'))"
        assert page.evaluate(fits)
        guess(page, 40, 70)
        assert page.evaluate(fits)
        page.keyboard.press("p")
        wait_for_state(page, "Finished")
        assert page.evaluate(fits)


def test_on_a_phone_the_effect_comes_first_and_the_settings_are_folded(browser: Browser, server: Server) -> None:
    with opened(browser, server, PHONE, "?iterations=120", has_touch=True, is_mobile=True) as page:
        settings, rate = page.get_by_text("Settings", exact=True), page.get_by_role("slider", name="Learning rate")
        for target in page.locator(":is(.guess :is(input, button), .choice button, .fold summary)").all():
            place = target.bounding_box()
            assert place and place["height"] >= 44
        page.get_by_role("button", name="Start").first.tap()
        wait_for_state(page, "Finished")

        last = page.locator(".tile").last.bounding_box()
        assert last and last["y"] + last["height"] < PHONE[1]
        accuracy = box(page, ".chart:last-child canvas")
        assert accuracy["y"] + accuracy["height"] < PHONE[1]
        order = [box(page, part)["y"] for part in (".templates", ".chart:last-child", ".chart", ".bars", ".choice", ".fold")]
        assert order == sorted(order)
        expect(rate).to_be_hidden()
        settings.tap()
        expect(rate).to_be_visible()
        rate.press("ArrowRight")
        page.wait_for_function("Math.abs(window.lrdemoLink.last.learningRate - 0.12) < 1e-9")
        # The page was drawn again, and the settings stay open.
        wait_until(lambda: "0.12" in page.locator(".st-key-learning_rate").inner_text())
        expect(rate).to_be_visible()
        settings.tap()
        expect(rate).to_be_hidden()


def test_on_wider_screens_the_settings_are_always_open(browser: Browser, server: Server) -> None:
    with opened(browser, server, TABLET) as page:
        expect(page.get_by_text("Settings", exact=True)).to_be_hidden()
        expect(page.get_by_role("slider", name="Learning rate")).to_be_visible()


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR, TABLET, PHONE, ZOOMED])
@pytest.mark.parametrize("query", ["?iterations=60", "?iterations=60&learning_rate=10&momentum=0.9"])
def test_no_text_is_cut_and_no_number_is_torn(
    browser: Browser, server: Server, size: tuple[int, int], query: str
) -> None:
    with opened(browser, server, size, query) as page:
        for state in ("Untrained", "guessed", "Finished"):
            if state == "guessed":
                guess(page, 40, 70)
            elif state == "Finished":
                page.keyboard.press("p")
                wait_for_state(page, state)
            texts = page.evaluate(TEXTS)
            assert len(texts) > 40
            assert [one["text"] for one in texts if one["cut"]] == []
            assert [one["text"] for one in texts if one["left"] < -1 or one["right"] > size[0] + 1] == []
            assert [part for one in texts for part in one["parts"] if part["lines"] > 1] == []


def test_in_large_type_nothing_is_below_24_px_and_the_curves_are_seen(browser: Browser, server: Server) -> None:
    with opened(browser, server, PROJECTOR, "?iterations=60") as page:
        page.keyboard.press("f")
        page.wait_for_function("document.documentElement.style.fontSize === '28.8px'")
        page.evaluate("window.canvasFonts.clear()")
        guess(page, 40, 70)
        page.keyboard.press("p")
        wait_for_state(page, "Finished")

        texts = page.evaluate(TEXTS)
        assert [(one["text"], one["size"]) for one in texts if one["size"] < 24] == []
        fonts = page.evaluate("[...window.canvasFonts]")
        assert fonts and min(fonts) >= 24
        for chart in page.locator(".chart canvas").all():
            place = chart.bounding_box()
            assert place and place["y"] + place["height"] <= PROJECTOR[1]
