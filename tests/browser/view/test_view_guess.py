"""Guess before you press: what is asked and when, the marks in the chart, how near they were, and when they go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from known import lane, run
from stage import Drawn, Scene
from test_view_curves import ACCURACY, Axes

UNTRAINED = (0, 2.303, 0.1218)


@pytest.fixture(autouse=True)
def no_guesses(scene: Scene) -> Iterator[None]:
    scene.page.evaluate("window.lrdemoGuesses?.clear()")
    yield


def ready(**changed: object) -> object:
    return run(lane(tests=[UNTRAINED]), **({"state": "ready", "iterations": 4} | changed))


def trained(steps: int, **changed: object) -> object:
    """Return a run of 4 iterations that has done some; its accuracy is 90.48 % at the last one."""
    known = lane([1.0] * steps, [0.5] * steps, tests=[UNTRAINED, (steps, 0.4, 0.9048)])
    return run(known, **({"state": "paused", "iterations": 4} | changed))


def asking(scene: Scene) -> bool:
    return scene.locate(".guess").is_visible()


def guess(scene: Scene, untrained: int, after: int) -> None:
    for slider, share in zip(scene.locate(".guess input").all(), (untrained, after), strict=True):
        slider.fill(str(share))
    scene.locate(".guess button").click()


def diamond(drawn: Drawn, x: float, y: float) -> bool:
    """Return whether the chart has a filled mark in the colour of the text at a place, and nothing of it beside."""
    inside, above = drawn.pixel(x, y)[0], drawn.pixel(x, y - 12)[0]
    return inside == (0x31, 0x33, 0x3F, 255) != above


def test_an_untrained_model_s_accuracies_are_asked_for_and_not_told(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(ready())

    assert scene.text(".guess .ask") == "Guess first: what share of the test images will it classify correctly?"
    assert scene.texts(".guess label") == ["untrained", "after 4 iterations"]
    assert scene.texts(".guess .value") == ["50 %", "50 %"]
    assert not scene.locate(ACCURACY).is_visible() and not scene.locate(".legend").nth(1).is_visible()
    assert scene.locate(".chart:nth-child(1) canvas").is_visible()
    scene.show(ready(iterations=1, held_out=5000))
    assert "share of the held-out images" in scene.text(".guess .ask")
    assert scene.texts(".guess label")[1] == "after 1 iteration"


def test_the_question_takes_exactly_the_place_of_the_chart(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(trained(1))
    boxes = ".chart figcaption, .chart canvas, .chart, .lab"
    before = [one.bounding_box() for one in scene.locate(boxes).all()]

    scene.show(ready())

    assert [one.bounding_box() for one in scene.locate(boxes).all()] == before
    form, canvas = scene.locate(".guess").bounding_box(), scene.locate(ACCURACY).bounding_box()
    assert form and canvas
    assert (form["x"], form["width"]) == (canvas["x"], canvas["width"])
    assert form["y"] + form["height"] == canvas["y"] + canvas["height"]
    for part in scene.locate(".guess > *").all():
        box = part.bounding_box()
        # A label is laid out as its parts are.
        assert box is None or form["y"] <= box["y"] <= box["y"] + box["height"] <= form["y"] + form["height"]
    for target in scene.locate(".guess :is(input, button)").all():
        box = target.bounding_box()
        assert box and min(box["width"], box["height"]) >= 24


def test_guesses_are_made_by_keyboard_and_then_marked_where_they_are(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(ready())
    first, second = scene.locate(".guess input").all()

    first.focus()
    first.press("ArrowLeft")
    assert first.get_attribute("aria-valuetext") == "49\u00a0%"
    first.press("Tab")
    second.press("PageUp")
    second.press("Tab")
    scene.page.keyboard.press("Enter")

    assert not asking(scene)
    assert scene.locate(ACCURACY).evaluate("canvas => canvas.getRootNode().activeElement === canvas")
    drawn, axes = scene.drawn(ACCURACY), Axes(scene.drawn(ACCURACY))
    assert [one["text"].replace("\u00a0", " ") for one in drawn.texts if "guess" in one["text"]] == [
        "your guess 49 %", "your guess 60 %"
    ]  # fmt: skip
    assert diamond(drawn, axes.x(0), axes.y(49)) and diamond(drawn, axes.x(4), axes.y(60))
    for words, inwards in (("your guess 49\u00a0%", 1), ("your guess 60\u00a0%", -1)):
        across, down = drawn.place(words)
        at, share = (0, 49) if inwards == 1 else (4, 60)
        assert 5 < inwards * (across - axes.x(at)) < 20 and down == pytest.approx(axes.y(share), abs=0.5)
    label = scene.locate(ACCURACY).get_attribute("aria-label")
    assert label and label.endswith("At 0: your guess 49\u00a0%. At 4: your guess 60\u00a0%.")


def test_how_near_a_guess_is_is_said_where_its_value_is_there(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(ready())
    assert not scene.locate(".told").is_visible()

    guess(scene, 30, 80)
    assert scene.text(".told") == "Untrained: 12.2 %. You guessed 30 %."
    assert scene.locate("[role=status]:has(.told)").count() == 1
    scene.show(trained(3, state="running"))
    assert scene.text(".told") == "Untrained: 12.2 %. You guessed 30 %."
    # The last test may be of an earlier iteration.
    scene.show(trained(3, state="finished", iteration=4))
    assert scene.text(".told") == "Untrained: 12.2 %. You guessed 30 %."
    scene.show(trained(4, state="finished"))
    assert scene.text(".told") == "Trained: 90.5 %. You guessed 80 %."


@pytest.mark.parametrize("untrained, after", [(50, 50), (10, 90), (30, 80), (70, 60), (45, 25), (0, 100)])
def test_what_is_said_of_the_guesses_stands_clear_of_them_and_of_guessing(
    scene: Scene, untrained: int, after: int
) -> None:
    scene.mount("lab")
    scene.show(ready())
    guess(scene, untrained, after)
    scene.show(trained(2))

    told, canvas = scene.locate(".told").bounding_box(), scene.locate(ACCURACY).bounding_box()
    assert told and canvas
    axes = Axes(scene.drawn(ACCURACY))
    for share in (10, 90, untrained, after):
        down = canvas["y"] + axes.y(share)
        assert not told["y"] + 4 < down < told["y"] + told["height"] - 4
    assert canvas["x"] + axes.x(0) < told["x"] and told["x"] + told["width"] < canvas["x"] + axes.x(4)


def test_a_guess_at_an_end_of_the_axis_keeps_its_words_in_the_chart(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(ready())
    guess(scene, 0, 100)

    drawn = scene.drawn(ACCURACY)
    (_, low), (_, high) = drawn.place("your guess 0\u00a0%"), drawn.place("your guess 100\u00a0%")
    assert 0.5 * 16 + 6 <= high < low <= drawn.height - 2.2 * 16 - 6


@pytest.mark.parametrize("state", ["running", "paused"])
def test_who_presses_start_or_step_without_guessing_is_not_asked_any_more(scene: Scene, state: str) -> None:
    scene.mount("lab")
    scene.show(ready())
    assert asking(scene)

    scene.show(trained(1, state=state))

    assert not asking(scene) and scene.locate(ACCURACY).is_visible()
    assert not scene.locate(".told").is_visible()
    assert not [one for one in scene.drawn(ACCURACY).texts if "guess" in one["text"]]


def test_a_taught_model_is_not_asked_about(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(ready(), taught=1)
    assert not asking(scene) and scene.locate(ACCURACY).is_visible()


def test_guesses_last_until_the_run_that_they_are_about_is_reset_or_started_again(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(ready(revision=1))
    guess(scene, 30, 80)
    # Other settings for a run that has not begun.
    scene.show(ready(revision=2))
    assert not asking(scene)
    scene.show(trained(2, revision=3))
    scene.unmount()
    scene.mount("lab")
    scene.show(trained(4, revision=3, state="finished"))
    assert scene.text(".told") == "Trained: 90.5 %. You guessed 80 %."

    scene.show(ready(revision=4))
    assert asking(scene)
    guess(scene, 20, 70)
    scene.show(trained(4, revision=5, state="finished"))
    assert scene.text(".told") == "Trained: 90.5 %. You guessed 70 %."
    scene.show(trained(1, revision=6))
    assert not asking(scene) and not scene.locate(".told").is_visible()
