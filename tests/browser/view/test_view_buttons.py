"""The buttons beside the strip are asked for anew when the run changes its state by itself, and not under a click."""

from __future__ import annotations

import pytest
from known import lane, run
from stage import Scene


def going(state: str, iteration: int = 5, revision: int = 3) -> object:
    return run(lane([1.0] * iteration), state=state, revision=revision)


def rendered(scene: Scene, state: str) -> None:
    """Draw the buttons for a state, as a rerun does."""
    scene.component("live", "view", {"view": "strip", "token": "run", "state": state})


def test_new_buttons_are_asked_for_once_when_a_run_finishes(scene: Scene) -> None:
    scene.mount("strip", state="running")
    scene.show(going("running"))
    scene.tick(5000)
    assert scene.reports() == []

    scene.show(going("finished", 9))
    scene.show(going("finished", 9))
    scene.tick(249)
    assert scene.reports() == []
    scene.tick(1)
    assert scene.reports() == [["state", "3:finished:9"]]

    rendered(scene, "finished")
    scene.show(going("finished", 9))
    scene.tick(60_000)
    assert len(scene.reports()) == 1


@pytest.mark.parametrize(("drawn", "state"), [("ready", "starting"), ("starting", "ready")])
def test_loading_and_ready_have_the_same_buttons(scene: Scene, drawn: str, state: str) -> None:
    scene.mount("strip", state=drawn)
    scene.show(None if state == "starting" else going(state, 0))
    scene.tick(60_000)

    assert scene.reports() == []


@pytest.mark.parametrize(("drawn", "state"), [("ready", "running"), ("running", "paused"), ("paused", "running")])
def test_other_states_have_other_buttons(scene: Scene, drawn: str, state: str) -> None:
    scene.mount("strip", state=drawn)
    scene.show(going(state))
    scene.tick(250)

    assert scene.reports() == [["state", f"3:{state}:5"]]


@pytest.mark.parametrize("touch", ["click", "key"])
def test_a_visitor_who_is_clicking_is_not_disturbed(scene: Scene, touch: str) -> None:
    def touched() -> None:
        if touch == "click":
            scene.page.mouse.click(600, 700)
        else:
            scene.page.keyboard.press("p")

    scene.mount("strip", state="running")
    touched()
    scene.show(going("finished"))
    scene.tick(400)
    touched()
    scene.tick(499)
    assert scene.reports() == []

    scene.tick(500)
    assert scene.reports() == [["state", "3:finished:5"]]


def test_buttons_that_have_come_by_themselves_are_not_asked_for(scene: Scene) -> None:
    scene.mount("strip", state="running")
    scene.show(going("paused"))
    rendered(scene, "paused")
    scene.tick(60_000)

    assert scene.reports() == []


def test_buttons_drawn_for_a_state_that_has_passed_are_asked_for_anew(scene: Scene) -> None:
    scene.mount("strip", state="finished")
    scene.show(going("finished"))
    rendered(scene, "running")
    scene.tick(250)

    assert scene.reports() == [["state", "3:finished:5"]]


def test_buttons_that_do_not_come_are_asked_for_again(scene: Scene) -> None:
    scene.mount("strip", state="running")
    scene.show(going("finished"))
    scene.tick(250)
    scene.tick(2999)
    assert len(scene.reports()) == 1

    scene.tick(1)
    assert scene.reports() == 2 * [["state", "3:finished:5"]]


def test_views_without_buttons_ask_for_none(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(going("finished"))
    scene.tick(60_000)

    assert scene.reports() == []


def test_a_view_that_has_left_asks_for_nothing(scene: Scene) -> None:
    scene.mount("strip", state="running")
    scene.show(going("finished"))
    scene.unmount()
    scene.tick(60_000)

    assert scene.reports() == []


def test_another_run_in_the_same_place_takes_the_place_of_the_first(scene: Scene) -> None:
    scene.mount("strip", state="running")
    scene.show(going("running"))
    first = scene.connection
    scene.mount("strip", token="other", state="running")
    scene.stage.wait(lambda: scene.connection is not first, "the other run has a link")
    scene.show(going("running", 8))

    assert scene.figures()[0] == "8 / 600"
    assert scene.locate("section.strip").count() == 1
