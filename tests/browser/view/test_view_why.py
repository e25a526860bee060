"""Why this answer: what is asked of the server, and the sums, pictures and sentences that come of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known import answering, asked, hidden_parameters, lane, parameters, run
from playwright.sync_api import expect
from stage import Scene

from lrdemo import pictures
from lrdemo.serving.board import Snapshot
from lrdemo.serving.frames import Shown
from lrdemo.serving.why import Question

BIASES = [0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, -0.5, 0.0]


@pytest.fixture
def picture() -> Shown:
    image = np.zeros((28, 28), np.float32)
    image[4, 10:18] = 1
    image[20, 3] = 0.5
    return asked(image, factor=1.25)


@pytest.fixture
def model() -> Snapshot:
    """A model that answers 7, with evidence 8·0.25 − 0.5·1 for it and 1.5 for 8."""
    weight = np.zeros((10, 28, 28), np.float32)
    weight[7, 4, 10:18] = 0.25
    weight[7, 20, 3] = -1
    weight[8, 4, 10:16] = 0.25
    return run(lane(numbers=parameters(weight, BIASES)), iteration=10)


def sums(scene: Scene) -> dict[str, str]:
    return dict(zip(scene.texts(".sums th"), scene.texts(".sums td"), strict=True))


def ask(scene: Scene, question: Question | None) -> None:
    """Wait until the page has asked this."""
    scene.stage.wait(lambda: scene.connection.question == question, f"{question} is asked")


def test_the_answer_is_explained_by_what_adds_up_to_its_logit(scene: Scene, model: Snapshot, picture: Shown) -> None:
    scene.mount("answer")
    scene.show(model, picture)
    assert not scene.locate(".why .panel").is_visible()
    scene.page.get_by_role("button", name="Why this answer?").click()
    ask(scene, Question("evidence"))
    scene.show(model, picture)

    assert scene.text(".why h2") == "Why 7?"
    assert sums(scene) == {
        "pixels in favour": "+2.0000", "pixels against": "−0.5000", "sum of the evidence": "+1.5000",
        "bias": "+0.2500", "logit of 7": "+1.7500",
    }  # fmt: skip
    parts = np.zeros((28, 28))
    parts[4, 10:18], parts[20, 3] = 0.25, -0.5
    seen = scene.painted(scene.locate(".parts canvas"))
    np.testing.assert_allclose(seen, pictures.signed(parts, 0.5, zoom=1), atol=2)
    assert scene.text(".why .key") == "Ink × weight, ±0.5. Red: ink here speaks for 7. Blue: against it."
    scene.locate(".why summary").click()
    additions = scene.texts(".more p")
    assert additions[8:10] == ["7: +1.5000 +0.2500 = +1.7500", "8: +1.5000 −0.5000 = +1.0000"]


@pytest.mark.parametrize("by", ["click", "Enter"])
def test_the_bar_of_a_digit_asks_why_it_is_not_that_one(scene: Scene, model: Snapshot, picture: Shown, by: str) -> None:
    scene.mount("answer")
    scene.show(model, picture)
    row = scene.locate(".bars .touchable").nth(8)
    row.locator(".all").click() if by == "click" else row.locator("button").press("Enter")
    ask(scene, Question("duel", 8))
    scene.show(model, picture)

    assert scene.text(".why h2") == "Why 7 and not 8?"
    assert sums(scene) == {
        "pixels for 7": "+0.5000", "pixels for 8": "−0.5000", "sum of the evidence": "0.0000",
        "difference of the biases": "+0.7500", "logit of 7 − logit of 8": "+0.7500",
    }  # fmt: skip
    assert scene.text(".why .text") == "7 is 1.82 times as probable as 8: e^(0.75 / 1.25)."
    assert scene.locate(".bars .rival th").inner_text() == "8"
    assert scene.locate(".kind[aria-pressed=true]").inner_text() == "Why not another?"


def test_the_bar_of_the_answer_asks_why_it_is_that(scene: Scene, model: Snapshot, picture: Shown) -> None:
    scene.mount("answer")
    scene.show(model, picture)
    scene.locate(".bars .touchable").nth(7).click()
    ask(scene, Question("evidence", 7))


def test_the_slider_changes_the_picture_and_the_bars_follow(scene: Scene, model: Snapshot, picture: Shown) -> None:
    scene.mount("answer")
    scene.show(model, picture)
    scene.page.get_by_role("button", name="What would change it?").click()
    scene.locate(".bars .touchable").nth(8).click()
    ask(scene, Question("change", 8))
    scene.show(model, picture)
    assert scene.text(".why h2") == "What would make it an 8?"
    assert scene.text(".large") == "7"
    untouched = scene.texts(".bars .number")

    scene.page.get_by_role("slider", name="How far to change the picture").press("End")
    ask(scene, Question("change", 8, 1.0))
    scene.show(model, picture)

    assert scene.text(".why .text").startswith("8 has just overtaken 7. The smallest change has size ")
    assert scene.text(".asked figcaption") == "the changed picture"
    shares = scene.texts(".bars td.number:not(.logit)")
    assert shares[7] == shares[8]
    scene.page.get_by_role("button", name="What would change it?").click()
    ask(scene, None)
    scene.show(model, picture)
    assert scene.texts(".bars .number") == untouched
    assert not scene.locate(".why .panel").is_visible()
    scene.page.get_by_role("button", name="What would change it?").click()
    ask(scene, Question("change"))


def turn(scene: Scene, pressed: bool) -> None:
    """Press the button among the pad's tools, and wait until it says so."""
    button = scene.page.get_by_role("button", name="Evidence on the pad")
    button.click()
    expect(button).to_have_attribute("aria-pressed", str(pressed).lower())


def with_tools(scene: Scene) -> None:
    scene.mount("answer")
    widths = {"Thin": 18, "Medium": 30, "Thick": 48}
    data = {"restored": None, "empty": True, "erase": False, "width": 30, "widths": widths}
    scene.component("tools", "tools", data)


def test_the_evidence_is_laid_on_the_pad_for_the_answer_or_for_what_was_asked(
    scene: Scene, model: Snapshot, picture: Shown
) -> None:
    with_tools(scene)
    scene.show(model, picture)
    turn(scene, True)
    ask(scene, Question("evidence", on_pad=True))
    scene.show(model, replace(picture, back=np.eye(3)))
    assert scene.text(".why h2") == "Why 7?"
    said = "On the pad: strokes are evened to one width first, so the edges differ a little."
    assert scene.text(".why .laid") == said
    scene.show(model, replace(picture, back=np.eye(3), index=3))
    assert scene.text(".why .laid") == "", "a test image is taken as it is"

    scene.locate(".bars .touchable").nth(8).click()
    ask(scene, Question("evidence", 8, on_pad=True))
    scene.page.get_by_role("button", name="Why not another?").click()
    ask(scene, Question("duel", on_pad=True))
    turn(scene, False)
    ask(scene, Question("duel"))
    scene.show(model, replace(picture, back=np.eye(3)))
    assert scene.text(".why .laid") == ""


def test_without_a_question_nothing_lies_on_the_pad(scene: Scene, model: Snapshot, picture: Shown) -> None:
    with_tools(scene)
    scene.show(model, picture)
    turn(scene, True)
    scene.page.get_by_role("button", name="Why this answer?").click()
    ask(scene, None)
    expect(scene.page.get_by_role("button", name="Evidence on the pad")).to_have_attribute("aria-pressed", "false")

    turn(scene, True)
    scene.unmount()
    expect(scene.page.get_by_role("button", name="Evidence on the pad")).to_have_attribute("aria-pressed", "false")


def test_a_question_s_button_does_not_grow_when_it_is_pressed(scene: Scene, model: Snapshot, picture: Shown) -> None:
    scene.mount("answer")
    scene.show(model, picture)
    before = scene.locate(".hint").bounding_box()
    scene.page.get_by_role("button", name="Why not another?").click()

    assert scene.locate(".hint").bounding_box() == before


@pytest.mark.parametrize("width", [390, 683, 1366])
def test_a_bar_is_a_button_of_24_pixels_and_no_number_wraps(
    scene: Scene, model: Snapshot, picture: Shown, width: int
) -> None:
    scene.page.set_viewport_size({"width": width, "height": 844})
    try:
        scene.mount("answer")
        scene.show(model, picture)
        for row in scene.locate(".bars .touchable").all():
            for part in (row, row.locator("button")):
                box = part.bounding_box()
                assert box is not None and box["height"] >= 24 and box["width"] >= 24
            for number in row.locator(".number").filter(visible=True).all():
                assert number.evaluate("one => one.clientHeight < 30 && one.scrollWidth <= one.clientWidth")
    finally:
        scene.page.set_viewport_size({"width": 1366, "height": 768})


def test_a_hidden_layer_is_said_to_have_no_such_map(scene: Scene, picture: Shown) -> None:
    scene.mount("answer")
    numbers = hidden_parameters(np.zeros((10, 28, 28), np.float32))
    scene.show(run(lane(numbers=numbers), iteration=10), picture)
    scene.page.get_by_role("button", name="Why this answer?").click()
    ask(scene, Question("evidence"))
    scene.show(run(lane(numbers=numbers), iteration=10), picture)

    assert "no map of single pixels adds up to its answer" in scene.text(".why .hint")
    assert not scene.locate(".why .panel").is_visible()


def test_the_question_is_asked_again_after_a_lost_connection(scene: Scene, model: Snapshot, picture: Shown) -> None:
    first = scene.mount("answer")
    scene.show(model, picture)
    scene.locate(".bars .touchable").nth(8).click()
    ask(scene, Question("duel", 8))
    first.close()
    scene.page.wait_for_function("[...window.lrdemoLinks.values()].every((link) => !link.socket)")
    scene.tick(1000)
    scene.stage.wait(lambda: scene.connection is not first and bool(scene.connection.messages), "it is opened again")

    assert scene.connection.question == Question("duel", 8)


def test_an_empty_pad_has_nothing_to_explain(scene: Scene, model: Snapshot, picture: Shown) -> None:
    scene.mount("answer")
    scene.show(model, picture)
    scene.locate(".bars .touchable").nth(8).click()
    ask(scene, Question("duel", 8))
    scene.show(model, picture)
    assert scene.locate(".why .panel").is_visible()
    scene.show(answering(*[0.1] * 10), None)

    assert not scene.locate(".why .panel").is_visible()
    assert scene.locate(".bars .rival").count() == 0
