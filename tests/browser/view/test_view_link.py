"""The link to the run: one for all views of a page, frame by frame acknowledged, and back after it was lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from known import answering, asked, lane, run
from playwright.sync_api import expect
from stage import DARK, PATIENCE, Scene

LOST = "Connection lost. Trying again …"
ENDED = "This run has ended. Reload the page to begin a new one."


def opened_after(scene: Scene, milliseconds: int) -> int:
    """Return how many WebSockets the page has opened when so much more time has passed."""
    scene.tick(milliseconds)
    return len(scene.opened())


def say(scene: Scene, words: str) -> None:
    expect(scene.locate("#view .state")).to_have_text(words, timeout=1000 * PATIENCE)


def test_the_views_of_a_run_share_one_link_and_ask_for_what_they_show(scene: Scene) -> None:
    scene.mount("strip")
    assert scene.connection.parts == set()
    scene.mount("lab", "lab")
    scene.mount("inside", "inside")

    assert scene.connection.parts == {"curves", "templates", "answer"}
    assert len(scene.opened()) == 1

    scene.show(run(lane([1.0, 0.5])), asked())
    assert scene.figures()[0] == "2 / 600"
    assert scene.locate("#inside .tile").count() == scene.locate("#lab .tile").count() == 10


def test_another_run_has_a_link_of_its_own(scene: Scene) -> None:
    scene.mount("strip")
    first = scene.connection
    scene.mount("race", "race", token="other")

    assert scene.connection is not first
    scene.show(run(lane([1.0], rate=0.1), lane([1.0], rate=0.2)))
    assert scene.texts(".strip .state") == [""]


def test_the_token_is_in_the_first_message_and_in_no_address(scene: Scene) -> None:
    connection = scene.mount("strip", token="secret")

    assert connection.messages[0]["token"] == "secret"
    assert not any("secret" in url for url in scene.opened())


def test_every_frame_is_acknowledged_once(scene: Scene) -> None:
    connection = scene.mount("lab")
    for iteration in range(1, 6):
        scene.show(run(lane([1.0] * iteration)), asked())

    assert connection.acknowledged == connection.sent == 5


def test_a_view_that_comes_later_shows_the_last_frame_at_once(scene: Scene) -> None:
    scene.mount("strip")
    scene.show(run(lane([1.0] * 7)))
    scene.component("live", "second", {"view": "strip", "token": "run"})

    assert scene.text("#second .place") == "7 of 600"


def test_a_view_that_goes_is_asked_for_no_more(scene: Scene) -> None:
    connection = scene.mount("strip")
    scene.mount("lab", "lab")
    scene.unmount("lab")
    scene.tick(1000)

    scene.stage.wait(lambda: connection.parts == set(), "the strip asks for nothing more")
    assert not connection.closed
    scene.unmount()
    scene.tick(999)
    scene.page.evaluate("0")
    assert not connection.closed
    scene.tick(1)
    scene.stage.wait(lambda: connection.closed, "the link is closed")


def test_the_next_page_s_views_keep_the_link(scene: Scene) -> None:
    scene.mount("answer")
    scene.unmount()
    scene.tick(900)
    scene.mount("inside")

    assert opened_after(scene, 60_000) == 1
    assert scene.connection.parts == {"templates"}


def test_a_link_that_is_lost_says_so_comes_back_and_goes_on(scene: Scene) -> None:
    scene.mount("strip")
    scene.mount("answer", "answer")
    scene.show(run(lane([1.0] * 5)), asked())
    scene.connection.close()
    say(scene, LOST)
    assert scene.locate("section.strip").get_attribute("data-state") == "lost"

    assert opened_after(scene, 299) == 1
    assert opened_after(scene, 1) == 2
    scene.stage.wait(lambda: scene.stage.connections[1:] and scene.connection.messages, "it asks again")
    assert scene.connection.parts == {"answer"}
    assert scene.connection.messages[0]["token"] == "run"
    scene.show(answering(*[0.1] * 10), asked())
    assert scene.text(".strip .state") == "Training"


def test_what_is_lost_stays_lost_when_the_page_is_painted_again(scene: Scene) -> None:
    scene.mount("strip")
    scene.show(run(lane([1.0] * 5)))
    scene.tick(500)
    scene.connection.close(4404)
    say(scene, ENDED)
    scene.theme(DARK)
    scene.tick(1000)

    assert scene.text(".strip .state") == ENDED


def test_it_tries_more_and_more_seldom_until_it_is_back(scene: Scene) -> None:
    scene.mount("strip")
    scene.show(run(lane([1.0] * 5)))
    scene.stage.refuse = True
    scene.connection.close()
    say(scene, LOST)
    tries = 1
    for wait in (300, 510, 867, 1473, 2505, 3000, 3000):
        assert opened_after(scene, wait - 2) == tries
        tries += 1
        assert opened_after(scene, 4) == tries
        scene.page.wait_for_function("[...window.lrdemoLinks.values()].every((link) => !link.socket)")
    assert scene.text(".strip .state") == LOST
    # The browser itself complains of each that failed.
    assert all("WebSocket connection" in complaint for complaint in scene.complaints)
    scene.complaints.clear()

    scene.stage.refuse = False
    number = len(scene.stage.connections)
    scene.tick(3000)
    scene.stage.wait(lambda: len(scene.stage.connections) > number and scene.connection.messages, "it is back")
    scene.show(run(lane([1.0] * 6)))
    assert scene.figures()[0] == "6 / 600"

    opened_before = len(scene.opened())
    scene.connection.close()
    say(scene, LOST)
    assert opened_after(scene, 300) == opened_before + 1


def test_a_run_that_is_gone_is_said_to_be_and_not_asked_for_again(scene: Scene) -> None:
    scene.mount("strip")
    scene.show(run(lane([1.0] * 5)))
    scene.connection.close(4404)
    say(scene, ENDED)

    assert opened_after(scene, 60_000) == 1


@pytest.mark.parametrize("kind", ["float32", "int8", "uint8"])
def test_each_kind_of_number_arrives_as_it_was_sent(scene: Scene, kind: str) -> None:
    # Kinds of numbers lie behind one another in a frame: one misread would shift those behind it.
    scene.mount("lab")
    scene.show(run(lane([0.5, 0.25], [0.1, 0.75])), asked())

    last = "[...[...window.lrdemoLinks.values()][0].last"
    expected = {
        "float32": (".rawLoss]", [0.5, 0.25]),
        "int8": (".templates]", [0] * 7840),
        "uint8": (".image]", [0] * 784),
    }
    name, values = expected[kind]
    assert scene.page.evaluate(last + name) == values


@pytest.fixture
def calm(scene: Scene) -> Iterator[Scene]:
    """Let the visitor want less motion."""
    scene.page.emulate_media(reduced_motion="reduce")
    yield scene
    scene.page.emulate_media(reduced_motion="null")


def train(scene: Scene, iteration: int, state: str = "running", **status: object) -> None:
    scene.show(run(lane([1.0] * iteration), state=state), asked(), **status)


def test_every_picture_is_shown_to_whom_motion_is_welcome(scene: Scene) -> None:
    scene.mount("strip")
    for iteration in (1, 2, 3):
        train(scene, iteration)
        assert scene.text(".place") == f"{iteration} of 600"


def test_training_is_shown_once_a_second_to_whom_less_motion_is_wanted(calm: Scene) -> None:
    connection = calm.mount("strip")
    train(calm, 1)
    for iteration in (2, 3, 4):
        train(calm, iteration)
        calm.tick(300)
    assert calm.text(".place") == "1 of 600"
    calm.tick(99)
    assert calm.text(".place") == "1 of 600"

    calm.tick(1)
    assert calm.text(".place") == "4 of 600"
    train(calm, 5)
    calm.tick(999)
    assert calm.text(".place") == "4 of 600"
    calm.tick(1)
    assert calm.text(".place") == "5 of 600"
    calm.tick(1000)
    train(calm, 6)
    assert calm.text(".place") == "6 of 600"
    # What is held back is acknowledged all the same: a click's effect may be in the next frame.
    assert connection.acknowledged == connection.sent == 6


@pytest.mark.parametrize("state", ["paused", "finished", "diverged"])
def test_a_change_of_state_is_shown_at_once_and_outlasts_what_was_held_back(calm: Scene, state: str) -> None:
    calm.mount("strip")
    for iteration, then in ((0, "ready"), (1, "running"), (2, "running"), (3, state)):
        train(calm, iteration, then)
        # The second frame of training waits.
        assert calm.text(".place") == f"{iteration - (iteration == 2)} of 600"
    calm.tick(5000)
    assert calm.text(".place") == "3 of 600"
    train(calm, 4, state)
    assert calm.text(".place") == "4 of 600"


def test_what_the_visitor_does_while_it_trains_is_shown_at_once(calm: Scene) -> None:
    calm.mount("strip")
    train(calm, 1)
    train(calm, 2)
    train(calm, 3, prompt=True)
    assert calm.text(".place") == "3 of 600"
    train(calm, 4)
    calm.tick(999)
    assert calm.text(".place") == "3 of 600"
    calm.tick(1)
    assert calm.text(".place") == "4 of 600"


def test_what_was_held_back_does_not_hide_that_the_connection_is_lost(calm: Scene) -> None:
    calm.mount("strip")
    train(calm, 1)
    train(calm, 2)
    calm.connection.close(4404)
    say(calm, ENDED)
    calm.tick(1000)

    assert calm.text(".place") == "1 of 600" and calm.text(".strip .state") == ENDED
