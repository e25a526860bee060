"""A section asks to be drawn again when the run has moved on: at once where it stands, else every two seconds."""

from __future__ import annotations

from known import lane, run
from stage import Scene

SEEN = "1,7,0"


def mount(scene: Scene, seen: str = SEEN) -> None:
    scene.mount("follow", seen=seen)


def show(scene: Scene, iteration: int, state: str, revision: int = 1, taught: int = 0) -> None:
    scene.show(run(lane([1.0] * iteration), state=state, revision=revision), taught=taught)


def asked(scene: Scene) -> list[str]:
    return [value for name, value in scene.reports() if name == "moved"]


def test_what_was_drawn_of_this_very_moment_is_left_alone(scene: Scene) -> None:
    mount(scene)
    show(scene, 7, "paused")
    scene.page.clock.run_for(5000)
    assert asked(scene) == []


def test_a_run_that_stands_elsewhere_is_drawn_at_once(scene: Scene) -> None:
    mount(scene)
    show(scene, 8, "paused")
    scene.page.clock.run_for(200)
    assert asked(scene) == ["1,8,0"]
    mount(scene, "1,8,0")
    show(scene, 8, "paused", taught=1)
    scene.page.clock.run_for(200)
    assert asked(scene) == ["1,8,0", "1,8,1"]


def test_a_section_that_does_not_come_is_asked_for_again_until_it_does(scene: Scene) -> None:
    mount(scene)
    show(scene, 8, "paused")
    scene.page.clock.run_for(200)
    scene.page.clock.run_for(2900)
    assert asked(scene) == ["1,8,0"]
    scene.page.clock.run_for(100)
    assert asked(scene) == ["1,8,0", "1,8,0"]
    mount(scene, "1,8,0")
    scene.page.clock.run_for(20_000)
    assert asked(scene) == ["1,8,0", "1,8,0"]


def test_a_run_that_trains_is_drawn_every_two_seconds(scene: Scene) -> None:
    mount(scene)
    show(scene, 50, "running")
    scene.page.clock.run_for(1900)
    assert asked(scene) == []
    scene.page.clock.run_for(200)
    assert asked(scene) == ["1,50,0"]
    mount(scene, "1,50,0")
    show(scene, 90, "running")
    scene.page.clock.run_for(1900)
    assert asked(scene) == ["1,50,0"]
    scene.page.clock.run_for(200)
    assert asked(scene) == ["1,50,0", "1,90,0"]


def test_nothing_is_drawn_under_a_click_or_after_the_page_was_left(scene: Scene) -> None:
    mount(scene)
    show(scene, 50, "running")
    scene.page.clock.run_for(1800)
    scene.page.mouse.click(5, 5)
    scene.page.clock.run_for(490)
    assert asked(scene) == []
    scene.page.clock.run_for(300)
    assert asked(scene) == ["1,50,0"]
    show(scene, 60, "paused")
    scene.unmount()
    scene.page.clock.run_for(1000)
    assert asked(scene) == ["1,50,0"]


def test_sections_that_have_missed_the_same_moment_are_drawn_one_after_the_other(scene: Scene) -> None:
    """Of what is reported at the same time Streamlit would draw one section only."""
    for key in ("one", "other"):
        scene.mount("follow", key, seen=SEEN)
    show(scene, 8, "paused")
    scene.page.clock.run_for(150)
    assert asked(scene) == ["1,8,0"]
    scene.page.clock.run_for(40)
    assert asked(scene) == ["1,8,0"]
    scene.page.clock.run_for(20)
    assert asked(scene) == ["1,8,0", "1,8,0"]
