"""What a visitor does at once after a stroke: no stroke is lost, and none that was taken away comes back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from visits import FOUR, SPOTS, ZERO, begin, canvas, click, draw, draw_at, open_page, settled, shade, wait_until

FOUR_READ, ZERO_READ = re.compile(": a 4, with"), re.compile(": a 0, with")
WORDS_SEEN = """() => {
  const seen = (window.wordsSeen = []);
  const find = (root) => [...root.querySelectorAll("*")].flatMap((one) =>
    one.matches(".words[role=status]") ? [one] : one.shadowRoot ? find(one.shadowRoot) : []);
  (function look() {
    for (const { textContent } of find(document)) if (seen.at(-1) !== textContent) seen.push(textContent);
    requestAnimationFrame(look);
  })();
}"""


AT_ONCE = """(label) => {
  const wanted = (one) => one.matches("a, button") && one.textContent.trim().endsWith(label);
  const find = (root) => [...root.querySelectorAll("*")].flatMap((one) =>
    wanted(one) ? [one] : one.shadowRoot ? find(one.shadowRoot) : []);
  const up = () => setTimeout(() => find(document)[0].click(), 20);
  window.addEventListener("mouseup", up, { once: true });
}"""


def four_and_at_once(page: Page, label: str) -> None:
    """Draw a four and press what has this label, 20 ms after the pen was lifted: sooner than any hand."""
    place = SPOTS["large in the middle"]
    draw_at(page, FOUR[:1], *place)
    page.evaluate(AT_ONCE, label)
    draw_at(page, FOUR[1:], *place)


def foot(page: Page) -> int:
    """Return how light the pad is at the lower end of the four's last stroke."""
    return shade(page, (60 + round(0.66 * 160), 40 + 195))


def come_back(page: Page) -> None:
    expect(page.locator("canvas.upper-canvas")).to_have_count(0)
    open_page(page, "Draw")
    expect(canvas(page)).to_be_visible()


def test_the_last_stroke_is_there_for_who_left_the_page_with_it(board: Page) -> None:
    for _ in range(3):
        four_and_at_once(board, "Inside")
        come_back(board)

        wait_until(lambda: foot(board) == 0)
        expect(board.locator(".words")).to_have_text(FOUR_READ)
        settled(board)
        click(board, "Clear")
        expect(board.locator(".words")).to_have_text("Draw a digit.")


def test_a_stroke_that_was_not_ended_is_kept_as_far_as_it_had_come(board: Page) -> None:
    open_page(board, "Inside")
    come_back(board)
    draw_at(board, FOUR[:1], *SPOTS["large in the middle"])
    x, y, width, height = SPOTS["large in the middle"]
    begin(board, [(x + across * width, y + down * height) for across, down in FOUR[1]])
    expect(board.locator(".words")).to_have_text(FOUR_READ)
    board.go_back()
    expect(board.locator("canvas.upper-canvas")).to_have_count(0)
    board.mouse.up()
    come_back(board)

    wait_until(lambda: foot(board) == 0)
    expect(board.locator(".words")).to_have_text(FOUR_READ)
    settled(board)
    click(board, "Undo")
    wait_until(lambda: foot(board) == 255)


def test_what_was_cleared_at_once_does_not_come_back_by_itself_but_with_undo(board: Page) -> None:
    board.evaluate(WORDS_SEEN)
    four_and_at_once(board, "Clear")
    expect(board.locator(".words")).to_have_text("Draw a digit.")
    assert foot(board) == 255
    click(board, "Undo")
    expect(board.locator(".words")).to_have_text(FOUR_READ)
    wait_until(lambda: foot(board) == 0)

    click(board, "Clear")
    draw_at(board, ZERO, *SPOTS["large in the middle"])
    expect(board.locator(".words")).to_have_text(ZERO_READ)
    settled(board)
    after = board.evaluate("window.wordsSeen.slice(window.wordsSeen.lastIndexOf('Draw a digit.'))")
    assert not [words for words in after if FOUR_READ.search(words)]


def test_a_test_image_at_once_after_a_stroke_takes_its_place_and_gives_it_back(board: Page) -> None:
    for _ in range(5):
        four_and_at_once(board, "Any")
        board.wait_for_function("window.lrdemoLink.last.testImage >= 0 && !window.lrdemoLink.last.pen")
        click(board, "Back to my drawing")
        wait_until(lambda: foot(board) == 0)
        expect(board.locator(".words")).to_have_text(FOUR_READ)
        settled(board)
        click(board, "Clear")
        expect(board.locator(".words")).to_have_text("Draw a digit.")


def test_a_test_image_at_once_after_clear_gives_an_empty_pad_back(board: Page) -> None:
    four_and_at_once(board, "Clear")
    board.get_by_role("button", name="Next test image").click()
    board.wait_for_function("window.lrdemoLink.last.shown === 'Test image 0, a 7'")
    click(board, "Back to my drawing")

    expect(canvas(board)).to_be_visible()
    expect(board.locator(".words")).to_have_text("Draw a digit.")
    assert foot(board) == 255
    draw(board, [(20, 20), (60, 20)])
    settled(board)
    assert foot(board) == 255


def test_strokes_in_quick_succession_are_all_there(board: Page) -> None:
    for across in range(8):
        draw(board, [(30 + 28 * across, 60), (30 + 28 * across, 200)])
    open_page(board, "Inside")
    come_back(board)

    wait_until(lambda: [shade(board, (30 + 28 * across, 130)) for across in range(8)] == [0] * 8)
