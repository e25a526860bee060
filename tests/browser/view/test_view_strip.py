"""The strip: what it says in each state of a run, and its numbers."""

from __future__ import annotations

import pytest
from known import lane, run
from stage import Scene

STEPS = "One iteration trains on one minibatch; one epoch is once through all 60,000 training images."


def going(state: str, **changed: object) -> object:
    """Return a run at iteration 150 of 600."""
    curves = lane([0.5] * 150, tests=[(0, 2.303, 0.1), (100, 0.41, 0.8971), (150, 0.38, 0.9048)])
    return run(curves, **({"state": state} | changed))


def test_loading_is_said_before_the_first_numbers_come(scene: Scene) -> None:
    scene.mount("strip", state="starting")
    scene.show(None)

    assert scene.text(".strip .state") == "Loading the digits …"
    assert scene.texts(".strip dd") == ["–"] * 6


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


def test_the_numbers_of_a_run(scene: Scene) -> None:
    scene.mount("strip", state="running")
    scene.show(going("running", iteration=1500, iterations=3000, rate=1234.4))

    assert scene.texts(".strip dt") == ["Iteration", "Epoch", "Loss (train)", "Test accuracy", "Speed", "Device"]
    assert scene.texts(".strip dd") == ["1,500 / 3,000", "2.50 / 5.00", "0.500", "90.48 %", "1,234 it/s", "CPU"]
    bar = scene.locate(".strip [role=progressbar]")
    limits = [bar.get_attribute(f"aria-value{name}") for name in ("min", "now", "max")]
    assert limits == ["0", "1500", "3000"]
    fill, whole = scene.locate(".strip .fill").bounding_box(), bar.bounding_box()
    assert fill and whole and fill["width"] / whole["width"] == pytest.approx(0.5, abs=0.01)
    assert fill["x"] == pytest.approx(whole["x"], abs=1.5)


def test_a_run_that_stands_still_has_no_speed(scene: Scene) -> None:
    scene.mount("strip", state="paused")
    scene.show(going("paused"))

    assert scene.texts(".strip dd")[4] == "–"


def test_no_number_where_there_is_none_yet(scene: Scene) -> None:
    scene.mount("strip", state="ready")
    scene.show(run(lane(tests=()), state="ready"))

    assert scene.texts(".strip dd") == ["0 / 600", "0.00 / 1.00", "–", "–", "–", "CPU"]
