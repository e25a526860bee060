"""Train as a new visitor meets it: guess, press Start, choose pictures; on a laptop, a phone and a projector."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from app_server import Server
from looking import LOOKING, settle
from playwright.sync_api import Browser, Page, expect
from visits import click, draw, open_page, press_p, wait_for_state, wait_until

PHONE, TABLET, LAPTOP, PROJECTOR = (390, 844), (768, 1024), (1366, 768), (1920, 1080)
WATCH = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((one) => one.value)))
    .observe({ type: "layout-shift" });
}"""
FITS = "(main => main.scrollHeight <= main.clientHeight)(document.querySelector('[data-testid=stMain]'))"


@contextmanager
def opened(browser: Browser, server: Server, size: tuple[int, int], **looks: Any) -> Iterator[Page]:
    """Open Train with a run of 120 iterations on a screen of this size; at the end there must have been no error."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **looks)
    context.add_init_script(path=LOOKING)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/?iterations=120")
    wait_for_state(page, "Untrained")
    expect(page.locator(".choice button")).to_have_count(4)
    expect(page.locator(".tile")).to_have_count(10)
    yield page
    context.close()
    assert errors == []


def told(page: Page, words: str) -> None:
    """Wait until the page says how near a guess was."""
    expect(page.locator(".told")).to_have_text(words.replace(" %", "\u00a0%"))


def guess(page: Page, untrained: int, trained: int) -> None:
    for slider, share in zip(page.locator(".guess input").all(), (untrained, trained), strict=True):
        slider.fill(str(share))
    page.get_by_role("button", name="Guess").click()


def pressed(page: Page, place: int) -> None:
    """Wait until this picture, and no other, is the one in question."""
    expect(page.locator(".choice [aria-pressed=true]")).to_have_count(1)
    expect(page.locator(".choice button").nth(place)).to_have_attribute("aria-pressed", "true")


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
    pressed(page, 0)
    page.locator(".choice button").nth(1).click()
    pressed(page, 1)
    click(page, "Start")
    wait_for_state(page, "Finished")
    expect(page.locator(".words")).to_have_text(re.compile(r"Probably: a 7, with 6\d"))

    open_page(page, "Draw")
    expect(page.get_by_role("img", name="Test image 362, a 2", exact=True)).to_be_visible()
    open_page(page, "Train")
    pressed(page, 1)
    page.locator(".choice button").first.press("Enter")
    pressed(page, 0)
    expect(page.locator(".words")).to_have_text(re.compile("Sure: a 7, with 99"))


def test_an_own_drawing_is_drawn_on_draw_and_chosen_on_train(page: Page) -> None:
    wait_for_state(page, "Untrained")
    page.locator(".choice button").nth(2).click()
    pressed(page, 2)
    page.get_by_role("button", name="draw your own").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(["Draw a digit"])
    expect(page.locator(".words")).to_have_text("Draw a digit.")
    draw(page, [(140, 50), (138, 150), (136, 230)])
    page.wait_for_function("(({ shown, pen }) => shown === 'Your drawing' && !pen)(window.lrdemoLink.last)")
    open_page(page, "Train")
    own = page.get_by_role("button", name="yours")
    expect(own.locator("img")).to_be_visible()
    pressed(page, 3)
    page.locator(".choice button").first.click()
    pressed(page, 0)
    own.click()
    pressed(page, 3)


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR])
def test_nothing_moves_and_nobody_scrolls_from_the_guess_to_the_end(
    browser: Browser, server: Server, size: tuple[int, int]
) -> None:
    with opened(browser, server, size) as page:
        settle(page)
        assert page.evaluate(FITS)
        guess(page, 40, 70)
        told(page, "Untrained: 12.2 %. You guessed 40 %.")
        page.evaluate(WATCH)
        press_p(page)
        wait_for_state(page, "Finished")
        expect(page.get_by_role("button", name="Start again")).to_be_visible()
        told(page, "Trained: 87.2 %. You guessed 70 %.")
        assert page.evaluate(FITS)
        assert page.evaluate("window.shifts") == []


def test_on_a_phone_the_effect_comes_first_and_the_settings_are_folded(browser: Browser, server: Server) -> None:
    with opened(browser, server, PHONE, has_touch=True, is_mobile=True) as page:
        settings, rate = page.get_by_text("Settings", exact=True), page.get_by_role("slider", name="Learning rate")
        for target in page.locator(":is(.guess :is(input, button), .choice button, .fold summary)").all():
            place = target.bounding_box()
            assert place and place["height"] >= 44
        page.get_by_role("button", name="Start").first.tap()
        wait_for_state(page, "Finished")

        places = [
            page.locator(part).first.bounding_box()
            for part in (".templates", ".chart:last-child", ".chart", ".bars", ".choice", ".fold")
        ]
        tops = [place["y"] for place in places if place]
        assert len(tops) == 6 and tops == sorted(tops)
        accuracy = places[1]
        assert accuracy and accuracy["y"] + accuracy["height"] < PHONE[1]
        expect(rate).to_be_hidden()
        settings.tap()
        rate.press("ArrowRight")
        page.wait_for_function("Math.abs(window.lrdemoLink.last.learningRate - 0.12) < 1e-9")
        # The page is drawn again, and the settings stay open.
        wait_until(lambda: "0.12" in page.locator("[class*=st-key-learning_rate]").inner_text())
        expect(rate).to_be_visible()
        settings.tap()
        expect(rate).to_be_hidden()


def test_on_wider_screens_the_settings_are_always_open(browser: Browser, server: Server) -> None:
    with opened(browser, server, TABLET) as page:
        expect(page.get_by_text("Settings", exact=True)).to_be_hidden()
        expect(page.get_by_role("slider", name="Learning rate")).to_be_visible()


def test_in_large_type_digit_templates_bars_and_curves_are_in_one_screen(browser: Browser, server: Server) -> None:
    with opened(browser, server, PROJECTOR) as page:
        page.keyboard.press("f")
        page.wait_for_function("document.documentElement.style.fontSize === '28.8px'")
        expect(page.get_by_text("Settings", exact=True)).to_be_visible()

        def bottom() -> float:
            parts = page.locator(".lab :is(.choice, .templates, .bars, .chart)").all()
            places = [part.bounding_box() for part in parts]
            return max(place["y"] + place["height"] for place in places if place)

        wait_until(lambda: bottom() <= PROJECTOR[1])
