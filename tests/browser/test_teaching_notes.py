"""The teaching notes, done: every press that they ask for, and what the class is said to see after it. And printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from visits import accuracy, click, wait_for_state

from lrdemo.formats import percent
from lrdemo.ui.lesson.teaching_notes import FIGURES, PARTS
from lrdemo.ui.navigation import PLACES

TITLES = {place.file: place.title for place in PLACES}


def follow(page: Page) -> Iterator[str]:
    """Open the notes' links one after the other; yield the file of each page when it is open."""
    for number, part in enumerate(PARTS):
        if page.locator(".st-key-notes").count() == 0:
            page.get_by_role("button", name="Lesson", exact=True).click()
            page.get_by_role("menuitem", name="For teachers").or_(page.get_by_role("link", name="For teachers")).click()
        page.locator(".st-key-notes").get_by_role("link", name=TITLES[part.file], exact=True).nth(
            sum(other.file == part.file for other in PARTS[:number])
        ).click()
        place = next(place for place in PLACES if place.file == part.file)
        expect(page.get_by_role("heading", level=1)).to_have_text([place.heading])
        yield part.file


def sees(page: Page, within: str, words: str, *figures: str) -> None:
    """Wait until this part of the page says the words, with these figures of the notes in them."""
    pattern = re.escape(words).replace(r"\{\}", "{}").format(*(re.escape(FIGURES[name]) for name in figures))
    expect(page.locator(within).filter(visible=True).first).to_contain_text(re.compile(pattern.replace(r"\ ", r"\s")))


def about(percentage: float) -> str:
    """Return a percentage as the notes print it; the transport line has one decimal more."""
    return percent(percentage / 100)


def slide(page: Page, name: str, key: str, value: str) -> None:
    """Press a key on a slider until it says so."""
    slider = page.get_by_role("slider", name=name)
    for _ in range(300):
        if (slider.get_attribute("aria-valuetext") or "").startswith(value):
            return
        slider.press(key)
    raise AssertionError(f"{name} never says {value}")


def test_whoever_follows_them_sees_what_they_say(page: Page) -> None:
    wait_for_state(page, "Untrained")
    lesson = follow(page)

    assert next(lesson) == "train.py"
    expect(page.locator(".words")).to_have_text(f"Untrained: this {FIGURES['untrained answer']} is a guess.")
    page.get_by_role("button", name="Guess").click()
    sees(page, ".told", "Untrained: {}.", "untrained")

    assert next(lesson) == "yes_or_no.py"
    slide(page, "Temperature of the last patient", "ArrowRight", "Last patient: 300")
    sees(page, ".words", "Straight line: {} correct", "line at 300")
    sees(page, ".words", "S-curve: {} correct", "curve at 300")

    assert next(lesson) == "the_data.py"
    expect(page.get_by_role("img", name="average 3")).to_be_visible()

    assert next(lesson) == "scores.py"
    click(page, "Start")
    wait_for_state(page, "Finished")
    for digit in (7, 9):
        row = page.locator(".machine tr").filter(has=page.get_by_role("button", name=str(digit), exact=True))
        expect(row.locator(".number").first).to_have_text(FIGURES[f"score of {digit}"])

    assert next(lesson) == "the_answer.py"
    sees(page, ".machine tr.best", "{}", "sure of 7")
    sees(page, ".st-key-step_accuracy", "{} in this batch, {} in all", "first batch", "correct")
    before = page.locator(".machine tr .number").all_inner_texts()
    page.get_by_role("slider", name="Score of 9").press("PageUp")
    expect(page.locator(".machine tr.best .number").last).not_to_have_text(FIGURES["sure of 7"])
    after = page.locator(".machine tr .number").all_inner_texts()
    assert sum(one != other for one, other in zip(before, after, strict=True)) >= 3

    assert next(lesson) == "the_cost.py"
    for chance, name in (("0.01", "cost at 0.01"), ("0.00001", "cost at 0.00001")):
        slide(page, "Probability of the right digit", "ArrowLeft", f"Probability of the right digit: {chance}.")
        sees(page, ".words", "Cost: {}", name)
    sees(page, ".st-key-step_mean", "{}", "loss of the first 100")
    click(page, "Reset")
    wait_for_state(page, "Untrained")

    assert next(lesson) == "one_step.py"
    expect(page.locator("[data-testid=stMain]")).to_contain_text(FIGURES["loss before the step"])
    click(page, "Take the step")
    expect(page.locator("[data-testid=stMain]")).to_contain_text(FIGURES["loss after the step"])

    assert next(lesson) == "train.py"
    click(page, "Reset")
    wait_for_state(page, "Untrained")
    page.locator(".choice button").nth(1).click()
    click(page, "Step 100")
    wait_for_state(page, "Paused")
    assert about(accuracy(page)) == FIGURES["after 100 steps"]
    page.keyboard.press("Escape")
    click(page, "Resume")
    wait_for_state(page, "Finished")
    assert about(accuracy(page)) == FIGURES["trained"]
    sees(page, ".words", "Probably: a 7, with {}.", "sure of the hard 2")

    assert next(lesson) == "race.py"
    click(page, "Start race")
    sees(page, ".winner", "{} is ahead at iteration 600: {} correct.", "winner", "race of 1")
    lanes = page.locator(".lanes tr")
    for rate in ("0.001", "0.1", "10"):
        lane = lanes.filter(has=page.locator("th", has_text=re.compile(rf"^\s*{re.escape(rate)}\s*$")))
        shown = FIGURES[f"race of {rate}"]
        # Of a whole per cent any decimal, and what rounds up to it.
        whole = re.fullmatch(r"(\d+)(\D+)", shown)
        near = rf"({int(whole[1]) - 1}\.[5-9]|{whole[1]}\.[0-4]){whole[2]}" if whole else re.escape(shown)
        expect(lane).to_contain_text(re.compile(near))

    assert next(lesson) == "draw.py"
    number = page.get_by_role("spinbutton", name="Test image, 0 to 9,999")
    number.fill("0")
    number.press("Enter")
    sees(page, ".words", "Sure: a 7, with {}.", "sure of 7")

    assert next(lesson) == "what_breaks_it.py"
    slide(page, "Shift right", "ArrowRight", "4.0 px")
    sees(page, ".breaking .accuracy", "{}", "shifted by 4")
    page.get_by_role("button", name="Undo all changes").click()
    page.get_by_role("checkbox", name="Invert").check()
    sees(page, ".breaking .accuracy", "{}", "inverted")
    assert list(lesson) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_printed_they_are_black_on_white_without_the_frame_and_fill_two_pages(
    page: Page, scheme: str, tmp_path: Path
) -> None:
    page.get_by_role("button", name="Lesson", exact=True).click()
    page.get_by_role("menuitem", name="For teachers").or_(page.get_by_role("link", name="For teachers")).click()
    expect(page.get_by_text("If something goes wrong")).to_be_visible()
    page.emulate_media(media="print", color_scheme=scheme)  # type: ignore[arg-type]
    for part in (".stAppHeader", ".projector", ".st-key-way_on"):
        expect(page.locator(part)).to_be_hidden()
    colours = page.locator(".st-key-notes :is(p, li, h2)").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).color)"
    )
    assert {*colours} == {"rgb(0, 0, 0)"}
    assert page.locator(".stApp").evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(255, 255, 255)"
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.count(b"/Type /Page\n") == 2
    assert b"/MediaBox [0 0 594" in pdf
