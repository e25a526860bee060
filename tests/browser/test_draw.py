"""Drawing as a visitor does it, with the mouse on the real canvas: read anywhere, explained, taught, undone."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from app_server import Server
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect
from visits import (
    FOUR,
    SEVEN,
    SPOTS,
    ZERO,
    Point,
    begin,
    canvas,
    click,
    draw,
    draw_at,
    open_page,
    settled,
    shade,
    wait_until,
)

ODD_SEVEN: list[list[Point]] = [[(0.9, 0), (0.1, 0), (0.65, 1)]]
PLACES_SEEN = """() => {
  const seen = (window.placesSeen = []);
  const find = (root) => [...root.querySelectorAll("*")].flatMap((one) =>
    one.matches("canvas.upper-canvas") ? [one] : one.shadowRoot ? find(one.shadowRoot) : []);
  (function look() {
    for (const canvas of find(document).filter((one) => one.checkVisibility({ visibilityProperty: true }))) {
      // From the heading, since the page may be scrolled.
      const { x, y: top } = canvas.getBoundingClientRect();
      const y = top - document.querySelector("h1").getBoundingClientRect().y;
      if (!seen.includes(`${x} ${y}`)) seen.push(`${x} ${y}`);
    }
    requestAnimationFrame(look);
  })();
}"""
PEN_SEEN = """() => {
  (function look() {
    if (window.lrdemoLink.last.pen) window.penSeen = [...window.lrdemoLink.last.image];
    requestAnimationFrame(look);
  })();
}"""
def answer(page: Page) -> int:
    settled(page)
    return int(page.evaluate("(p => p.indexOf(Math.max(...p)))([...window.lrdemoLink.last.probabilities])"))


def clear(page: Page) -> None:
    click(page, "Clear")
    expect(page.locator(".words")).to_have_text("Draw a digit.")


@pytest.mark.parametrize("place", SPOTS)
def test_digits_are_read_wherever_they_are_drawn(board: Page, place: str) -> None:
    for digit, strokes in ((7, SEVEN), (4, FOUR), (0, ZERO)):
        draw_at(board, strokes, *SPOTS[place])
        expect(board.locator(".words")).to_have_text(re.compile(rf": a {digit}, with"))
        clear(board)


def test_what_is_drawn_at_once_after_clear_is_there_and_as_it_was_drawn(board: Page) -> None:
    four, zero = SPOTS["low right"], SPOTS["small in a corner"]
    draw_at(board, FOUR, *four)
    expect(board.locator(".words")).to_have_text(re.compile(": a 4, with"))
    at_leisure = canvas(board).screenshot()
    for _ in range(3):
        click(board, "Clear")
        draw_at(board, ZERO, *zero)
        expect(board.locator(".words")).to_have_text(re.compile(": a 0, with"))
        click(board, "Clear")
        draw_at(board, FOUR, *four)
        expect(board.locator(".words")).to_have_text(re.compile(": a 4, with"))
        assert canvas(board).screenshot() == at_leisure


def test_a_drawing_that_came_back_gives_way_to_an_empty_canvas(board: Page) -> None:
    draw_at(board, FOUR, *SPOTS["low right"])
    settled(board)
    open_page(board, "Inside")
    expect(board.locator("canvas.upper-canvas")).to_have_count(0)
    open_page(board, "Draw")
    expect(canvas(board)).to_be_visible()
    click(board, "Clear")
    draw_at(board, ZERO, *SPOTS["small in a corner"])
    expect(board.locator(".words")).to_have_text(re.compile(": a 0, with"))
    assert "several" not in board.locator(".view.answer").inner_text()


def test_clear_puts_the_pen_back_into_the_hand(board: Page) -> None:
    draw_at(board, FOUR, *SPOTS["low right"])
    eraser = board.get_by_role("button", name="Eraser")
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "true")
    clear(board)
    expect(eraser).to_have_attribute("aria-pressed", "false")
    draw_at(board, ZERO, *SPOTS["small in a corner"])
    expect(board.locator(".words")).to_have_text(re.compile(": a 0, with"))


def test_the_canvas_is_first_seen_where_it_stays(board: Page) -> None:
    held: list[Route] = []
    open_page(board, "Inside")
    expect(board.locator("canvas.upper-canvas")).to_have_count(0)
    board.route(re.compile(r"canvas.*\.css"), lambda route: held.append(route))
    board.evaluate(PLACES_SEEN)
    open_page(board, "Draw")
    expect(board.locator("canvas.upper-canvas")).to_be_attached()
    wait_until(lambda: bool(held))
    expect(canvas(board)).to_have_count(0)
    held[0].continue_()
    draw_at(board, FOUR, *SPOTS["low right"])
    expect(board.locator(".words")).to_have_text(re.compile(": a 4, with"))
    assert len(board.evaluate("window.placesSeen")) == 1


def test_strokes_that_begin_at_the_upper_edge_are_not_lost(board: Page) -> None:
    draw(board, [(225, 12), (222, 120), (220, 240)])
    expect(board.locator(".words")).to_have_text(re.compile(": a 1, with"))


def test_touching_the_bar_of_the_eight_tells_why_it_is_no_eight_and_what_would_make_it_one(board: Page) -> None:
    draw_at(board, SEVEN, *SPOTS["large in the middle"])
    assert answer(board) == 7
    board.locator(".bars .touchable").nth(8).click()
    expect(board.locator(".why h2")).to_have_text("Why 7 and not 8?")
    logits = board.evaluate("[...window.lrdemoLink.last.logits]")
    shown = [float(text.replace("−", "-")) for text in board.locator(".sums .number").all_inner_texts()]
    assert shown[0] + shown[1] == pytest.approx(shown[2], abs=2e-4)
    assert shown[2] + shown[3] == pytest.approx(shown[4], abs=2e-4)
    assert shown[4] == pytest.approx(logits[7] - logits[8], abs=1e-3)

    board.get_by_role("button", name="What would change it?").click()
    board.locator(".bars .ask").nth(8).press("Enter")
    expect(board.locator(".why h2")).to_have_text("What would make it an 8?")
    board.get_by_role("slider", name="How far to change the picture").press("End")
    expect(board.locator(".why .text")).to_contain_text("8 has just overtaken 7.")
    expect(board.locator(".asked figcaption")).to_have_text("the changed edges")
    board.get_by_role("button", name="What would change it?").click()
    expect(board.locator(".asked figcaption")).to_have_text("what the model gets")
    assert board.evaluate("[...window.lrdemoLink.last.logits]") == logits


def test_three_odd_sevens_make_the_fourth_read_right_and_undo_takes_it_back(board: Page) -> None:
    draw_at(board, ODD_SEVEN, 62, 44, 150, 190)
    assert answer(board) != 7
    untaught = board.evaluate("[...window.lrdemoLink.last.logits]")
    board.get_by_text("Teach it my handwriting").click()
    board.get_by_role("radiogroup", name="My drawing is a").get_by_text("7").click()
    for number, (left, top) in enumerate(((70, 50), (50, 40), (66, 60)), start=1):
        clear(board)
        draw_at(board, ODD_SEVEN, left, top, 150, 180)
        answer(board)
        board.get_by_role("button", name="Add for teaching").click()
        expect(board.get_by_role("button", name="Delete")).to_have_count(number)
    clear(board)
    draw_at(board, ODD_SEVEN, 62, 44, 150, 190)
    answer(board)
    board.get_by_role("button", name=re.compile("Teach$")).click()
    expect(board.locator(".words")).to_have_text(re.compile(": a 7, with"))
    board.get_by_role("button", name=re.compile("Undo the last teaching")).click()
    expect(board.locator(".words")).not_to_have_text(re.compile(": a 7, with"))
    assert board.evaluate("[...window.lrdemoLink.last.logits]") == untaught


def test_the_open_tab_is_open_when_the_visitor_comes_back(board: Page) -> None:
    tab = board.get_by_role("tab", name="Teach it my handwriting")
    tab.click()
    expect(board.get_by_role("button", name="Add for teaching")).to_be_visible()
    open_page(board, "Inside")
    open_page(board, "Draw")
    expect(tab).to_have_attribute("aria-selected", "true")
    expect(board.get_by_role("button", name="Add for teaching")).to_be_visible()


def test_an_odd_drawing_is_warned_of(board: Page) -> None:
    draw(board, [(140, 140), (143, 142)])
    expect(board.locator(".warning")).to_contain_text("Very small")
    expect(board.locator(".words")).to_have_text(re.compile("^Doubtful"))
    clear(board)
    draw_at(board, ZERO, 20, 60, 90, 150)
    draw_at(board, ZERO, 160, 60, 90, 150)
    expect(board.get_by_text("several digits", exact=False).first).to_be_visible()


def test_learning_rates_race(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/race?iterations=300&pace=0")
    expect(page.locator(".winner")).to_have_text(re.compile("Press Start race"))
    click(page, "Start race")
    expect(page.locator(".of-race .state")).to_have_text("Finished")
    expect(page.locator(".lanes tr")).to_have_count(6)
    expect(page.locator(".winner")).to_contain_text("is ahead")
    expect(page.locator(".lanes tr").last).to_contain_text("The loss jumps up and down: the steps are too large.")
    field = page.get_by_label("Learning rates")
    field.fill("0.3")
    field.press("Enter")
    expect(page.get_by_text("A race has 2 to 8 different learning rates, not 1.")).to_be_visible()
    expect(page.locator(".lanes tr")).to_have_count(6)
    field.fill("0.3, 0.7")
    field.press("Enter")
    expect(page.locator(".lanes tr")).to_have_count(3)
    expect(page.locator(".of-race .state")).to_have_text(re.compile("Untrained"))
    click(page, "Start race")
    expect(page.locator(".of-race .state")).to_have_text("Finished")
    click(page, "Reset race")
    expect(page.locator(".of-race .state")).to_have_text(re.compile("Untrained"))

SIZES = {
    "laptop": (1366, 768, 452), "projector": (1920, 1080, 560), "tablet": (768, 1024, 408), "phone": (390, 844, 300),
    "zoomed": (683, 384, 236),
}  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_the_pad_is_large_and_a_stroke_lands_under_the_pointer(browser: Browser, server: Server, size: str) -> None:
    width, height, side = SIZES[size]
    touch = size == "phone"
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=touch)
    page = context.new_page()
    page.goto(f"{server.url}/draw")
    expect(page.locator(".words")).to_have_text("Draw a digit.")
    expect(canvas(page)).to_be_visible()
    box = canvas(page).bounding_box()
    assert box is not None and box["width"] == pytest.approx(side, abs=1) == box["height"]
    # The pad, the answer and ten bars in one screen; zoomed, the pad and the answer.
    parts = [canvas(page), page.locator(".verdict"), page.locator(".asked")]
    if size != "zoomed":
        parts += [page.locator(".bars .touchable").nth(digit) for digit in (0, 9)]
    for part in parts:
        seen = part.bounding_box()
        assert seen is not None and seen["x"] >= 0 and seen["x"] + seen["width"] <= width
        assert seen["y"] >= 0 and seen["y"] + seen["height"] <= height
    for target in page.locator(".st-key-board").get_by_role("button").all():
        seen = target.bounding_box()
        assert seen is not None and min(seen["width"], seen["height"]) >= 24, target

    if touch:
        touched(page, [(70, 60), (210, 60)])
    else:
        draw(page, [(70, 60), (210, 60)])
    page.wait_for_function("window.lrdemoLink.last.shown === 'Your drawing'")
    ink = [(x, y) for y in (30, 45, 60, 75, 90) for x in (40, 64, 140, 216, 240) if shade(page, (x, y)) == 0]
    assert ink == [(64, 60), (140, 60), (216, 60)]
    context.close()


SMALL_TYPE = """() => {
  const all = (root) =>
    [...root.querySelectorAll("*")].flatMap((one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
  const words = (one) => [...one.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim());
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 2;
  return all(document.querySelector(".stMain"))
    .filter((one) => words(one) && seen(one) && !one.closest("svg") && parseFloat(getComputedStyle(one).fontSize) < 24)
    .map(({ textContent }) => textContent);
}"""


def test_for_a_projector_the_type_is_large_and_pad_and_bars_stand_in_one_screen(board: Page) -> None:
    board.set_viewport_size({"width": 1920, "height": 1080})
    board.keyboard.press("f")
    draw_at(board, FOUR, *SPOTS["large in the middle"])
    settled(board)
    board.get_by_role("button", name="Evidence on the pad").click()
    expect(board.locator(".view.pad .evidence .key")).to_be_visible()
    board.evaluate("document.querySelector('.stMain').scrollTo(0, 0)")

    for part in (canvas(board), board.locator(".bars .touchable").nth(9)):
        seen = part.bounding_box()
        assert seen is not None and seen["y"] + seen["height"] <= 1080
    assert board.evaluate(SMALL_TYPE) == []


def laid(page: Page) -> list[list[int]]:
    """Return where colour lies on the pad, in 28ths of it."""
    pad = Image.open(io.BytesIO(page.locator(".st-key-pad").screenshot()))
    seen = np.asarray(pad.convert("RGB").resize((560, 560)))
    colour = (seen.max(axis=2).astype(int) - seen.min(axis=2) > 40).reshape(28, 20, 28, 20).any(axis=(1, 3))
    return np.argwhere(colour[:-2]).tolist()  # type: ignore[no-any-return]


def test_the_evidence_lies_on_the_ink_follows_the_pen_and_goes_with_its_button(board: Page) -> None:
    button = board.get_by_role("button", name="Evidence on the pad")
    draw_at(board, SEVEN, *SPOTS["large in the middle"])
    assert answer(board) == 7 and laid(board) == []
    button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(board.locator(".why h2")).to_have_text("Why 7?")
    wait_until(lambda: len(laid(board)) > 20)
    ink = ink_of(board)
    # An edge is drawn on the paper beside the ink, at one of 10×10 places.
    assert all(near(place, ink, 3) for place in laid(board))

    before = laid(board)
    begin(board, [(20, 260), (120, 260)])
    wait_until(lambda: laid(board) != before)
    board.mouse.up()
    settled(board)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    wait_until(lambda: laid(board) == [])


def ink_of(page: Page) -> list[list[int]]:
    """Return where the canvas itself has ink, in 28ths of it."""
    values = canvas(page).evaluate("""(upper) => {
      const { width, height } = upper;
      const lower = upper.parentElement.querySelector("canvas.lower-canvas");
      return [...lower.getContext("2d").getImageData(0, 0, width, height).data].filter((_, at) => at % 4 === 0);
    }""")
    ink = np.reshape(values, (28, 15, 28, 15)).min(axis=(1, 3)) < 128
    return np.argwhere(ink).tolist()  # type: ignore[no-any-return]


def near(place: list[int], others: list[list[int]], most: int = 1) -> bool:
    return bool(min(abs(np.subtract(others, place)).max(axis=1)) <= most)


def test_test_images_are_stepped_through_quickly_and_by_keyboard(board: Page) -> None:
    field = board.get_by_role("spinbutton", name="Test image, 0 to 9,999")
    forward = board.get_by_role("button", name="Next test image")
    for _ in range(4):
        forward.click()
    board.wait_for_function("window.lrdemoLink.last.shown === 'Test image 3, a 0'")
    expect(field).to_have_value("3")
    board.get_by_role("button", name="Previous test image").press("Enter")
    board.wait_for_function("window.lrdemoLink.last.shown === 'Test image 2, a 1'")
    field.fill("8")
    field.press("Enter")
    board.wait_for_function("window.lrdemoLink.last.shown === 'Test image 8, a 5'")
    expect(board.get_by_role("img", name="Test image 8, a 5", exact=True)).to_be_visible()

    board.get_by_role("button", name="One it misreads").press("Enter")
    board.wait_for_function("!window.lrdemoLink.last.shown.startsWith('Test image 8,')")
    frame = board.evaluate("({ ...window.lrdemoLink.last, probabilities: [...window.lrdemoLink.last.probabilities] })")
    assert int(frame["shown"][-1]) != int(np.argmax(frame["probabilities"]))


def test_who_uses_the_keyboard_finds_the_pad_and_what_stands_in_for_it(board: Page) -> None:
    board.locator(".tools").get_by_role("button", name="Undo").focus()
    board.keyboard.press("Shift+Tab")

    expect(canvas(board)).to_be_focused()
    expect(canvas(board)).to_have_accessible_name(re.compile("Pad: draw a digit.*take a test image below"))
    assert canvas(board).evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


def touched(page: Page, points: list[Point]) -> None:
    """Draw one stroke with a finger."""
    box = canvas(page).bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    for kind, at in (("touchStart", points[:1]), *(("touchMove", [point]) for point in points[1:]), ("touchEnd", [])):
        touches = [{"x": box["x"] + x * box["width"] / 280, "y": box["y"] + y * box["height"] / 280} for x, y in at]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_undo_takes_back_stroke_after_stroke_also_of_a_drawing_that_came_back(board: Page) -> None:
    four, bar = SPOTS["large in the middle"], [(20.0, 20.0), (60.0, 20.0)]
    draw_at(board, FOUR, *four)
    draw(board, bar)
    wait_until(lambda: shade(board, (40, 20)) == 0)
    click(board, "Undo")
    wait_until(lambda: shade(board, (40, 20)) == 255)
    expect(board.locator(".words")).to_have_text(re.compile(": a 4, with"))

    open_page(board, "Inside")
    expect(board.locator("canvas.upper-canvas")).to_have_count(0)
    open_page(board, "Draw")
    expect(canvas(board)).to_be_visible()
    upright = (60 + round(0.67 * 160), 40 + 180)
    wait_until(lambda: shade(board, upright) == 0)
    click(board, "Undo")
    wait_until(lambda: shade(board, upright) == 255)
    click(board, "Undo")
    expect(board.locator(".words")).to_have_text("Draw a digit.")


def test_a_cleared_drawing_comes_back_with_undo(board: Page) -> None:
    draw_at(board, FOUR, *SPOTS["large in the middle"])
    settled(board)
    clear(board)
    click(board, "Undo")
    expect(board.locator(".words")).to_have_text(re.compile(": a 4, with"))


def test_the_eraser_takes_ink_away_and_a_thick_brush_gives_more(board: Page) -> None:
    draw(board, [(60, 140), (220, 140)])
    wait_until(lambda: shade(board, (140, 140)) == 0)
    board.get_by_role("button", name="Eraser").click()
    expect(board.get_by_role("button", name="Eraser")).to_have_attribute("aria-pressed", "true")
    draw(board, [(140, 60), (140, 220)])
    wait_until(lambda: shade(board, (140, 140)) == 255)
    assert shade(board, (80, 140)) == 0

    clear(board)
    board.get_by_role("button", name="Thick brush").click()
    expect(board.get_by_role("button", name="Thick brush")).to_have_attribute("aria-pressed", "true")
    draw(board, [(60, 140), (220, 140)])
    wait_until(lambda: shade(board, (140, 152)) == 0)
    assert shade(board, (140, 160)) == 255


def test_the_answer_follows_the_pen_before_it_is_lifted(board: Page) -> None:
    board.evaluate(PEN_SEEN)
    begin(board, [(70, 60), (205, 58), (120, 230)])
    expect(board.locator(".words")).to_have_text(re.compile(": a 7, with"))
    assert board.evaluate("window.lrdemoLink.last.pen") is True

    board.mouse.up()
    board.wait_for_function("window.lrdemoLink.last.pen === false")
    after = board.evaluate("[...window.lrdemoLink.last.image]")
    # Both are made in the same way: nothing flickers when the canvas's own picture takes over.
    assert max(abs(one - other) for one, other in zip(board.evaluate("window.penSeen"), after, strict=True)) <= 32
    expect(board.locator(".words")).to_have_text(re.compile(": a 7, with"))


def test_a_second_stroke_is_answered_together_with_the_first(board: Page) -> None:
    draw_at(board, FOUR[:1], *SPOTS["large in the middle"])
    x, y, width, height = SPOTS["large in the middle"]
    begin(board, [(x + across * width, y + down * height) for across, down in FOUR[1]])
    expect(board.locator(".words")).to_have_text(re.compile(": a 4, with"))
    assert board.evaluate("window.lrdemoLink.last.pen") is True
    board.mouse.up()
    board.wait_for_function("window.lrdemoLink.last.pen === false")
    expect(board.locator(".words")).to_have_text(re.compile(": a 4, with"))
