"""The strip: what it says in each state of a run, and its numbers."""

from __future__ import annotations

import pytest
from known import lane, run
from stage import Scene, styles


def going(state: str, **changed: object) -> object:
    """Return a run at iteration 150 of 600."""
    curves = lane([0.5] * 150, tests=[(0, 2.303, 0.1), (100, 0.41, 0.8971), (150, 0.38, 0.9048)])
    return run(curves, **({"state": state} | changed))


def test_loading_is_said_before_the_first_numbers_come(scene: Scene) -> None:
    scene.mount("strip", state="starting")
    scene.show(None)

    assert scene.text(".strip .state") == "Loading the digits …"
    assert scene.figures() == ["–"] * 7


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("ready", "Untrained: press Start"),
        ("running", "Training"),
        ("paused", "Paused"),
        ("finished", "Finished"),
    ],
)
def test_each_state_has_its_words(scene: Scene, state: str, words: str) -> None:
    scene.mount("strip", state=state, linear=True)
    scene.show(going(state))

    assert scene.text(".strip .state") == words
    assert scene.locate(".strip .state").get_attribute("role") == "status"


def test_beside_the_step_nobody_is_told_to_press_start(scene: Scene) -> None:
    scene.mount("strip", state="ready", step=True)
    scene.show(going("ready"))

    assert scene.text(".strip .state") == "Untrained"


def test_the_numbers_of_a_run(scene: Scene) -> None:
    scene.mount("strip", state="running")
    scene.show(going("running", iteration=1500, iterations=3000, speed=1234.4, gradient_difference=6.04e-8))

    assert scene.text(".strip .headline") == "iteration 1,500 of 3,000 · 90.48 % of test images at 150"
    names = ["Iteration", "Epoch", "Loss (train)", "Accuracy", "Speed", "Device", "By hand − autograd"]
    values = ["1,500 / 3,000", "2.50 / 5.00", "0.500", "90.48 % at 150", "1,234 it/s", "CPU", "6 · 10⁻⁸"]
    scene.locate(".strip summary").click()
    assert scene.texts(".strip dt") == names
    assert scene.figures() == values
    bar = scene.locate(".strip [role=progressbar]")
    limits = [bar.get_attribute(f"aria-value{name}") for name in ("min", "now", "max")]
    assert limits == ["0", "1500", "3000"]
    fill, whole = scene.locate(".strip .fill").bounding_box(), bar.bounding_box()
    assert fill and whole and fill["width"] / whole["width"] == pytest.approx(0.5, abs=0.01)
    assert fill["x"] == pytest.approx(whole["x"], abs=1.5)


def test_a_run_that_stands_still_has_no_speed(scene: Scene) -> None:
    scene.mount("strip", state="paused")
    scene.show(going("paused"))

    assert scene.figures()[4] == "–"


def test_no_number_where_there_is_none_yet(scene: Scene) -> None:
    scene.mount("strip", state="ready")
    scene.show(run(lane(tests=()), state="ready"))

    assert scene.figures() == ["0 / 600", "0.00 / 1.00", "–", "–", "–", "CPU", "–"]


def test_a_run_that_diverged_or_exploded_says_so_and_what_to_do(scene: Scene) -> None:
    scene.mount("strip", state="running", linear=True)
    advice = "Choose a lower learning rate or a lower momentum, then press Reset."

    scene.show(going("running"), exploded=True)
    assert scene.text(".strip .state") == "Training has gone wrong"
    assert scene.text(".strip .note") == advice
    assert styles(scene.locate(".strip .state"), "color") == [["rgb(189, 64, 67)"]]

    scene.show(going("finished"), exploded=True)
    assert scene.text(".strip .state") == "Finished, but training has gone wrong"
    assert "92.5" not in scene.text(".strip .note")

    scene.show(going("diverged"), exploded=True)
    assert scene.text(".strip .state") == "Stopped: the loss is no longer a number"
    assert scene.text(".strip .note") == advice
    assert styles(scene.locate(".strip .state"), "color") == [["rgb(189, 64, 67)"]]

    scene.show(going("running"))
    assert styles(scene.locate(".strip .state"), "color") == [["rgb(49, 51, 63)"]]


def test_trouble_comes_first(scene: Scene) -> None:
    scene.mount("strip", state="running")
    scene.show(going("running"), problem="Training cannot be started.", busy=True, exploded=True)
    assert scene.text(".strip .state") == "Training cannot be started."

    scene.show(None, problem="Training cannot be started.")
    assert scene.text(".strip .state") == "Training cannot be started."

    scene.show(going("running"), busy=True, exploded=True)
    assert scene.text(".strip .state") == "The computer is busy; your click is in the queue"
    assert scene.text(".strip .note") == ""


@pytest.mark.parametrize(
    ("linear", "note"), [(True, "About 92.5 % is what a linear model on pixels can reach."), (False, "")]
)
def test_what_has_come_of_a_finished_run(scene: Scene, linear: bool, note: str) -> None:
    scene.mount("strip", state="finished", linear=linear)
    scene.show(going("finished"))

    assert scene.text(".strip .headline") == "iteration 150 of 600 · 90.48 % of test images"
    assert scene.text(".strip .note") == note


def test_what_is_said_before_the_start_while_it_trains_and_after_a_restart(scene: Scene) -> None:
    scene.mount("strip", state="ready", linear=True)
    scene.show(run(lane(), state="ready"))
    assert scene.text(".strip .note") == "The model has learnt nothing yet."
    scene.show(going("running"))
    assert scene.text(".strip .note") == ""
    scene.show(going("running"), rebuilt=1)
    restored = "The training process stopped and was started again. Your run was restored to where it was."
    assert scene.text(".strip .note") == restored


@pytest.mark.parametrize("state", ["ready", "paused"])
def test_a_taught_model_is_not_called_untrained(scene: Scene, state: str) -> None:
    scene.mount("strip", state=state)
    scene.show(run(lane(), state=state), taught=1)

    assert scene.text(".strip .state") == "Taught, untrained otherwise"
    learnt = "The model knows your drawings and little else."
    assert scene.text(".strip .note") == f"{learnt} Press Start to train it from the beginning."
    scene.show(run(lane(), state="running"), taught=1)
    assert scene.text(".strip .state") == "Training"


def test_the_accuracy_of_the_untrained_model_is_left_to_be_guessed(scene: Scene) -> None:
    scene.mount("strip", state="ready")
    untrained = lane(tests=[(0, 2.303, 0.1218)])

    scene.show(run(untrained, state="ready"))
    assert scene.text(".strip .headline") == "iteration 0 of 600 · not trained yet"
    assert "1 in 10" not in scene.text(".strip .second")
    scene.show(run(untrained, state="ready"), taught=1)
    assert scene.text(".strip .headline") == "iteration 0 of 600 · 12.18 % of test images"
    scene.show(run(untrained, state="paused"))
    assert scene.text(".strip .headline") == "iteration 0 of 600 · 12.18 % of test images"
    scene.show(run(untrained, state="ready"))
    assert scene.figures()[3] == "12.18 %"


def test_a_run_that_is_judged_on_held_out_images_says_so(scene: Scene) -> None:
    scene.mount("strip", state="paused")
    scene.show(going("paused", held_out=5000))
    assert scene.text(".strip .headline") == "iteration 150 of 600 · 90.48 % of held-out images"


def test_settings_that_wait_for_the_next_start_are_said(scene: Scene) -> None:
    scene.mount("strip", state="paused")
    scene.show(going("paused"))
    assert scene.text(".strip .note") == ""
    scene.show(going("paused"), pending=True)
    assert scene.text(".strip .note") == "Changed settings apply at the next start or reset."


def test_the_details_close_with_escape(scene: Scene) -> None:
    scene.mount("strip", state="paused")
    scene.show(going("paused"))
    assert not scene.locate(".strip .numbers").is_visible()
    scene.locate(".strip summary").press("Enter")
    assert scene.locate(".strip .numbers").is_visible()
    scene.locate(".strip summary").press("Escape")
    assert not scene.locate(".strip .numbers").is_visible()


def test_a_race_says_only_what_is_its_own(scene: Scene) -> None:
    scene.mount("strip", state="running", race=True)
    scene.show(going("running"))
    assert scene.text(".strip .note") == ""
    assert scene.text(".strip .headline") == "iteration 150 of 600"
    scene.locate(".strip summary").click()
    shown = [cell.is_visible() for cell in scene.locate(".strip .cell").all()]
    assert shown == [True, True, False, False, True, False, False]
    scene.show(going("diverged"))
    assert scene.text(".strip .note") == "The highest rate diverged. Remove it and reset the race."


def test_the_same_state_is_not_said_twice(scene: Scene) -> None:
    scene.mount("strip", state="running")
    scene.show(going("running"))
    scene.locate(".strip .state").evaluate(
        "place => { window.said = 0;"
        " new MutationObserver(() => (window.said += 1)).observe(place, { childList: true }); }"
    )
    scene.show(going("running", iteration=151))

    assert scene.page.evaluate("window.said") == 0
