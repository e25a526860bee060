"""Mistakes in a real browser: a cell and its images, on to Draw's why, a run that is followed, one truth with Train."""

from __future__ import annotations

import re

from app_server import Server
from playwright.sync_api import Locator, Page, expect
from visits import DEEP, click, draw, open_page, press_p, settled, wait_for_state, wait_until

SEVEN = [(70.0, 60.0), (205.0, 58.0), (120.0, 230.0)]


def cell(page: Page, digit: int, answer: int) -> Locator:
    return page.locator(".confusion [role=row]").nth(digit + 1).locator("button").nth(answer)


def trained(page: Page, server: Server, query: str = "iterations=300&pace=0") -> None:
    """Open the page and train the run to its end."""
    page.goto(f"{server.url}/mistakes?{query}")
    wait_for_state(page, "Untrained")
    click(page, "Start")
    wait_for_state(page, "Finished")


def test_a_cell_shows_its_images_and_one_of_them_is_asked_about_on_draw(page: Page, server: Server) -> None:
    trained(page, server)
    expect(page.locator(".where")).to_contain_text("At iteration 300")
    expect(page.locator(".found h2")).to_have_text("The most confident mistakes of all")
    number = int(cell(page, 4, 9).inner_text())
    cell(page, 4, 9).click()
    expect(page.locator(".found h2")).to_have_text("A 4 taken for a 9, most confident first")
    cards = page.locator(".card:not([hidden])")
    expect(cards).to_have_count(min(number, 12))
    assert page.locator(".pages .place").inner_text() == f"1 to 12 of {number}"
    title, first, _ = cards.nth(1).locator(".told-of p").all_inner_texts()[:3]

    cards.nth(1).get_by_role("button", name=re.compile("^Why")).click()

    expect(page).to_have_title("Draw · lrdemo")
    expect(page.locator(".why h2")).to_have_text("Why 9?")
    asked = page.locator("figure.answer .asked canvas").first
    expect(asked).to_have_attribute("aria-label", re.compile(f"^{title}, a 4"))
    assert page.locator(".bars tr.best .number").first.inner_text() == first.removeprefix("9: ")
    # Who comes to Draw another way has asked nothing.
    open_page(page, "Inside")
    open_page(page, "Draw")
    expect(page.locator(".bars .best")).to_have_count(1)
    assert page.locator(".why.closed").count() == 1


def test_the_whole_way_by_keyboard(page: Page, server: Server) -> None:
    trained(page, server)
    expect(page.locator(".where")).to_contain_text("At iteration 300")
    cell(page, 0, 0).focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("Space")
    expect(page.locator(".found h2")).to_have_text("A 2 taken for a 3, most confident first")
    assert page.locator(".strip .state").inner_text() == "Finished"
    # The comparison's way to Features, the way back, then the first image.
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Draw · lrdemo")
    expect(page.locator(".why h2")).to_have_text("Why 3?")


def test_it_follows_the_training_and_ends_with_trains_accuracy(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/mistakes?iterations=400&pace=100")
    where = page.locator(".where")
    expect(where).to_contain_text("At iteration 0 the untrained model guesses")
    press_p(page)
    seen: set[str] = set()

    def followed() -> bool:
        words, total = page.evaluate("""() => {
          DEEP
          const found = deep();
          const where = found.find((one) => one.matches(".mistakes .where")).textContent;
          const right = found.filter((one) => one.matches(".confusion .correct button"));
          return [where, right.reduce((sum, one) => sum + Number(one.textContent.replace(",", "")), 0)];
        }""".replace("DEEP", DEEP))
        number = re.search(r"right on ([\d,]+) of", words)
        # The sentence and the matrix are always of one moment.
        assert number is not None and int(number[1].replace(",", "")) == total
        seen.add(words.partition(":")[0])
        return "iteration 400" in words

    wait_until(followed)
    assert len(seen) >= 4
    open_page(page, "Train")
    score = page.locator(".strip .score").inner_text()
    open_page(page, "Mistakes")
    expect(where).to_contain_text(f"({score})")


def test_own_drawings_are_asked_about_and_taken_back_to_the_pad(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/draw?iterations=300&pace=0")
    wait_for_state(page, "Untrained")
    click(page, "Start")
    wait_for_state(page, "Finished")
    draw(page, SEVEN)
    settled(page)
    page.get_by_role("tab", name="Teach it my handwriting").click()
    page.get_by_role("radiogroup", name="My drawing is a").get_by_text("4").click()
    page.get_by_role("button", name="Keep for testing").click()
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
    answer = page.locator(".bars tr.best .number").first.inner_text()
    open_page(page, "Mistakes")
    page.get_by_role("button", name="My drawings (1)").click()
    expect(page.locator(".where")).to_have_text(re.compile("right on 0 of your 1 drawing "))
    card = page.locator(".card:not([hidden])")
    expect(card.locator(".says")).to_have_text(re.compile("^A 4 taken for a [0-9]$"))
    assert card.locator(".told-of p").nth(1).inner_text().endswith(answer)

    card.get_by_role("button", name=re.compile("^Why")).click()

    expect(page.locator(".why h2")).to_have_text(re.compile("^Why [0-9]"))
    expect(page.locator(".bars tr.best .number").first).to_have_text(answer)
    settled(page)


def test_another_model_is_compared_with_and_named_where_there_is_none(page: Page, server: Server) -> None:
    trained(page, server, "iterations=60&pace=0")
    page.get_by_role("button", name="Train some on Features").click()
    expect(page).to_have_title("Features · lrdemo")
    click(page, "Start")
    expect(page.locator(".of-comparison .state")).to_have_text("Finished")
    right = page.locator(".comparison .tests .accuracy").nth(4).inner_text()
    open_page(page, "Mistakes")
    page.get_by_role("combobox", name="Compare with").select_option("directions")
    table = page.locator(".beside td")
    expect(table).to_have_count(5)
    both, only_this, only_other, neither = (int(text.replace(",", "")) for text in table.all_inner_texts()[1:])
    assert both + only_this + only_other + neither == 10_000
    assert f"{(both + only_other) / 100:.1f}\u00a0%" == right
    assert page.locator(".where").inner_text().endswith(f"wrong on {only_other + neither:,}.")
    expect(page.locator(".card:not([hidden]) .mark")).to_have_text([re.compile("^other: [0-9] [✓✗]$")] * 12)
