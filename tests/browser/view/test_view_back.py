"""The way back: the handle on the axis, what it asks for and when, playing, going on from there, and back to now."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from known import lane, run
from stage import Scene
from test_view_curves import ACCURACY, LOSS, TEXT, Axes

from lrdemo import history
from lrdemo.serving.board import Snapshot

HANDLE, PLAY, SPEED, ONWARDS = ".back-handle", ".play", ".back select", ".onwards"


def finished(wanted: int | None = None, seen: int | None = None, **changed: Any) -> Snapshot:
    """Return a run of 600 iterations that is over, looked at as it was at `seen`."""
    curve = lane(np.linspace(2.3, 0.4, 600), np.linspace(0.1, 0.9, 600), tests=[(0, 2.3, 0.1), (600, 0.4, 0.9)])
    test = None if seen is None else history.TestPoint(seen, 1.0, 0.5 + seen / 2_000)
    return run(curve, **({"state": "finished", "wanted": wanted, "seen": test} | changed))


def move(scene: Scene, iteration: int) -> None:
    scene.locate(HANDLE).evaluate(
        "(handle, to) => { handle.value = to; handle.dispatchEvent(new Event('input')); }", iteration
    )


def asked(scene: Scene) -> list[int | None]:
    """Return which iterations the page has asked for so far."""
    return [message["lookAt"] for message in scene.connection.messages if "lookAt" in message]


def has_asked(scene: Scene, *iterations: int | None) -> None:
    scene.stage.wait(lambda: len(asked(scene)) >= len(iterations), f"{len(iterations)} iterations are asked for")
    assert asked(scene) == list(iterations)


@pytest.fixture
def lab(scene: Scene) -> Scene:
    scene.mount("lab")
    scene.mount("strip", "strip", state="finished", linear=True)
    scene.show(finished())
    return scene


def thumb(scene: Scene) -> float:
    """Return how far right the middle of the handle's thumb is on the chart."""
    place, axis, (value, most) = (
        scene.locate(HANDLE).bounding_box(),
        scene.locate(ACCURACY).bounding_box(),
        scene.locate(HANDLE).evaluate("handle => [Number(handle.value), Number(handle.max)]"),
    )
    assert place and axis
    return float(place["x"] - axis["x"] + 5 + value / most * (place["width"] - 10))


def test_before_the_first_iteration_there_is_no_way_back(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(run(state="ready"))
    assert not scene.locate(HANDLE).is_visible() and not scene.locate(PLAY).is_visible()

    scene.show(run(lane([2.0, 1.0]), state="running"))
    assert scene.locate(HANDLE).is_visible() and scene.locate(PLAY).is_visible()


def test_the_handle_stands_on_the_axis_where_the_run_is_looked_at(lab: Scene) -> None:
    axes = Axes(lab.drawn(ACCURACY))
    assert thumb(lab) == pytest.approx(axes.x(600), abs=1)

    lab.show(finished(150, 150))

    assert thumb(lab) == pytest.approx(axes.x(150), abs=1)
    for chart in (LOSS, ACCURACY):
        there = Axes(lab.drawn(chart)).x(150)
        (line,) = [one for one in lab.drawn(chart).lines if len(one["points"]) == 2 and one["width"] == 1.5]
        assert [point[0] for point in line["points"]] == [pytest.approx(there, abs=0.5)] * 2
        assert line["colour"] == TEXT
    assert lab.locate(HANDLE).get_attribute("aria-valuetext") == "iteration 150 of 600, 57.50\u00a0% correct"


def test_it_asks_for_one_iteration_after_the_other_and_the_last_one_is_never_lost(lab: Scene) -> None:
    move(lab, 300)
    has_asked(lab, 300)
    for iteration in (290, 280, 270):
        move(lab, iteration)
    lab.show(finished(300))
    has_asked(lab, 300)

    lab.show(finished(300, 300))

    has_asked(lab, 300, 270)
    # What takes long is overtaken.
    move(lab, 10)
    lab.tick(500)
    has_asked(lab, 300, 270, 10)


def test_the_end_of_the_run_is_the_present(lab: Scene) -> None:
    move(lab, 20)
    lab.show(finished(20, 20))
    move(lab, 600)

    has_asked(lab, 20, None)


def test_the_strip_says_that_the_visitor_looks_back_and_leads_to_now(lab: Scene) -> None:
    assert not lab.locate(".strip .now").is_visible()

    lab.show(finished(240))
    assert lab.text(".strip .note") == "The run stands at 600. Computing iteration 240 …"
    assert lab.text(".strip .headline") == "iteration 600 of 600 · 90.00 % of test images"
    lab.show(finished(240, 240))
    assert lab.text(".strip .state") == "Looking back"
    assert lab.text(".strip .note") == "The run stands at 600."
    assert lab.text(".strip .headline") == "iteration 240 of 600 · 62.00 % of test images"
    lab.show(finished(240, 240, state="running", iterations=900))
    assert lab.text(".strip .note") == "The run goes on; it is at 600."

    lab.locate(".strip .now").click()
    has_asked(lab, None)
    lab.show(finished())
    assert lab.text(".strip .state") == "Finished"


def test_it_is_played_from_the_start_to_the_present(lab: Scene) -> None:
    assert lab.locate(SPEED).input_value() == "100"
    lab.locate(PLAY).click()
    assert "Stop" in lab.text(PLAY)
    has_asked(lab, 0)
    lab.show(finished(0, 0))

    lab.tick(1_000)
    (_, after) = asked(lab)
    assert after in range(4, 12)
    # Not before the last one has been seen.
    lab.show(finished(after, after))
    lab.tick(80)
    assert asked(lab)[2] == pytest.approx(108, abs=10)
    lab.show(finished(asked(lab)[2], asked(lab)[2]))
    lab.tick(6_000)
    lab.show(finished(asked(lab)[-1], asked(lab)[-1]))
    lab.tick(80)
    assert asked(lab)[-1] is None
    lab.show(finished())
    lab.tick(200)
    assert "Play" in lab.text(PLAY)


def test_a_hand_on_the_handle_stops_the_play(lab: Scene) -> None:
    lab.locate(PLAY).click()
    lab.show(finished(0, 0))
    move(lab, 77)
    assert "Play" in lab.text(PLAY)

    lab.show(finished(77, 77))
    lab.tick(1_000)
    has_asked(lab, 0, 77)


def test_a_run_can_go_on_only_from_where_it_is_looked_at(lab: Scene) -> None:
    assert not lab.locate(ONWARDS).is_visible()
    lab.show(finished(240))
    assert not lab.locate(ONWARDS).is_visible()

    lab.show(finished(240, 240))
    lab.locate(ONWARDS).click()
    lab.tick(100)

    assert ["onwards", 240] in [one[-2:] for one in lab.reports()]


def test_a_new_run_forgets_where_the_old_one_was_looked_at(lab: Scene) -> None:
    move(lab, 100)
    lab.show(run(lane([2.0] * 5), revision=2))

    lab.tick(1_000)
    has_asked(lab, 100)
    assert lab.locate(HANDLE).input_value() == "5"
