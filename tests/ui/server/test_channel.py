"""The live channel of a real server, and that the server's process stays light."""

import json
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from lrdemo.features import prepare
from lrdemo.recipes import RECIPES
from lrdemo.settings import Settings, changed
from lrdemo.trainer import Trainer
from lrdemo.ui.server import app as server
from lrdemo.ui.server import channel as live_channel
from lrdemo.ui.server import visitors
from lrdemo.ui.server.pen import pen_stroke
from lrdemo.ui.server.picture import BLANK, Picture, picture_of

ROOT = Path(__file__).parents[3]
LONG = 60.0
SILENCE = 0.5
ENDLESS = Settings(iterations=30_000, pace=0)


@pytest.fixture(scope="module")
def port(lab):
    config = uvicorn.Config(Starlette(routes=server.routes), port=0, log_level="error", ws="websockets-sansio")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = True
    thread.join()


@pytest.fixture
def arrive():
    arrived = []

    def arrive_with(settings=ENDLESS):
        visitor = visitors.arrive(settings)
        arrived.append(visitor)
        visitor.run.wait(LONG, lambda snapshot: snapshot.state == "ready")
        return visitor

    yield arrive_with
    for visitor in arrived:
        visitors.close_race(visitor)
        visitor.run.close()


@contextmanager
def connected(port, name="127.0.0.1", origin=None):
    """Open the channel without saying whose."""
    origin = f"http://{name}:{port}" if origin is None else origin
    sock = socket.create_connection(("127.0.0.1", port))
    with sock, connect(f"ws://{name}:{port}/live", sock=sock, origin=origin or None, proxy=None) as opened:
        yield opened


@contextmanager
def channel(port, token, **details):
    with connected(port, **details) as opened:
        opened.send(json.dumps({"token": token}))
        yield opened


def header_of(frame):
    (length,) = struct.unpack_from("<I", frame)
    return json.loads(frame[4 : 4 + length])


def acknowledge(opened, *parts):
    opened.send(json.dumps({"parts": parts} if parts else {}))


def next_header(opened):
    """Return the header of the frame that comes, without acknowledging it."""
    return header_of(opened.recv(timeout=LONG))


def headers_until(opened, wanted):
    """Acknowledge frame after frame until one is as wanted; return all headers."""
    found = [next_header(opened)]
    while not wanted(found[-1]):
        acknowledge(opened)
        found.append(next_header(opened))
    return found


def is_silent(opened):
    try:
        opened.recv(timeout=SILENCE)
    except TimeoutError:
        return True
    return False


def test_the_first_frame_is_bare_and_the_wanted_parts_follow(port, arrive):
    visitor = arrive()

    with channel(port, visitor.run.token) as opened:
        bare = next_header(opened)
        acknowledge(opened, "curves", "templates", "answer", "unheard-of")
        whole = next_header(opened)

    assert bare["arrays"] == [] and bare["state"] == whole["state"] == "ready"
    sizes = {name: size for name, _, size in whole["arrays"]}
    assert sizes["templates"] == 7840 and sizes["biases"] == sizes["probabilities"] == 10
    assert {"x", "testLosses"} <= set(sizes)
    assert whole["shown"] == "Test image 0, a 7"
    assert (whole["rebuilt"], whole["device"], whole["problem"]) == (0, "cpu", None)


def test_frames_follow_the_run(port, arrive):
    visitor = arrive(Settings(iterations=300, pace=0))

    with channel(port, visitor.run.token) as opened:
        next_header(opened)
        acknowledge(opened, "curves")
        visitor.run.start()
        seen = headers_until(opened, lambda header: header["state"] == "finished")

    iterations = [header["iteration"] for header in seen]
    assert iterations == sorted(iterations) and iterations[-1] == 300
    assert seen[-1]["testAccuracy"] > 0.85


def test_a_recipe_s_run_is_told_beside_what_was_published_until_it_is_the_recipe_no_more(port, arrive, digits):
    (b,) = [recipe for recipe in RECIPES if recipe.name == "B"]
    settings = changed(b.settings, seed=4, pace=0)
    visitor, trainer = arrive(settings), Trainer(settings, digits)
    trainer.advance(1_000)
    tests = {point.iteration: point.accuracy for point in trainer.history.tests}

    with channel(port, visitor.run.token) as opened:
        assert "recipe" not in next_header(opened)
        acknowledge(opened, "curves")
        before = headers_until(opened, lambda header: "recipe" in header)[-1]["recipe"]
        visitor.run.step(1_000)
        acknowledge(opened)
        after = headers_until(opened, lambda header: header["recipe"]["places"][1]["within"] is not None)[-1]["recipe"]
        visitor.run.set_learning_rate(0.002)
        acknowledge(opened)
        headers_until(opened, lambda header: header["recipe"] is None)
        visitor.reset()
        acknowledge(opened)
        again = headers_until(opened, lambda header: header["recipe"] is not None)[-1]["recipe"]

    assert before == again and before["shows"] == b.shows
    assert [place["accuracy"] for place in before["places"]] == [None] * 6
    for place, at in zip(after["places"], (500, 1_000), strict=False):
        assert (place["iteration"], place["loss"]) == (at, pytest.approx(float(trainer.history.loss[at - 1])))
        assert place["accuracy"] == round(100 * tests[at], 2)
        assert place["within"] is (b.along[at].range[0] <= place["accuracy"] <= b.along[at].range[1])


def test_a_run_that_was_taught_is_no_recipe_until_that_is_undone(port, arrive, digits):
    visitor = arrive(Settings(pace=0))
    visitor.run.teach(digits.train_images[:2].reshape(2, 784), np.array([5, 0]), 5, 1)
    with channel(port, visitor.run.token) as opened:
        next_header(opened)
        acknowledge(opened, "curves")
        headers_until(opened, lambda header: header.get("recipe", 0) is None)
        visitor.run.undo_teaching()
        acknowledge(opened)
        headers_until(opened, lambda header: header["recipe"] is not None)


def test_a_setting_that_waits_for_the_next_start_is_told_at_once(port, arrive):
    visitor = arrive()
    visitor.run.step(10)
    visitor.run.wait(LONG, lambda snapshot: snapshot.iteration == 10 and snapshot.state == "paused")

    with channel(port, visitor.run.token) as opened:
        assert headers_until(opened, lambda header: header["iteration"] == 10)[-1]["pending"] is False
        acknowledge(opened)
        visitor.change(batch_size=50)
        headers_until(opened, lambda header: header["pending"])
        acknowledge(opened)
        visitor.reset()
        assert headers_until(opened, lambda header: not header["pending"])[-1]["iteration"] == 0


def test_no_second_frame_comes_before_the_first_is_acknowledged(port, arrive):
    visitor = arrive()
    visitor.run.start()

    with channel(port, visitor.run.token) as opened:
        first = next_header(opened)
        assert is_silent(opened)
        visitor.run.set_learning_rate(0.5)
        assert is_silent(opened)
        acknowledge(opened)
        second = headers_until(opened, lambda header: header["learningRate"] == 0.5)[-1]
        assert is_silent(opened)

    assert second["iteration"] > first["iteration"]


def test_a_paused_run_sends_nothing_until_a_command_wakes_it(port, arrive):
    visitor = arrive()
    visitor.run.step(5)

    with channel(port, visitor.run.token) as opened:
        assert headers_until(opened, lambda header: header["iteration"] == 5)[-1]["state"] == "paused"
        acknowledge(opened)
        # On a busy machine the answer to the step, and then its test, may still come.
        while not is_silent(opened):
            acknowledge(opened)
        visitor.run.step(10)
        assert headers_until(opened, lambda header: header["iteration"] == 15)[-1]["state"] == "paused"


def test_another_picture_is_shown_although_the_run_stands_still(port, arrive):
    visitor = arrive()

    with channel(port, visitor.run.token) as opened:
        next_header(opened)
        acknowledge(opened, "answer")
        next_header(opened)
        acknowledge(opened)
        visitor.picture = picture_of(2)
        headers_until(opened, lambda header: header["shown"] == "Test image 2, a 1")
        acknowledge(opened)
        visitor.picture = Picture("Your drawing", np.full((280, 280, 4), 255, np.uint8))
        empty = headers_until(opened, lambda header: "blank" in header)[-1]

    assert empty["blank"] is True and "shown" not in empty


def test_a_picture_is_chosen_over_the_channel(port, arrive):
    visitor = arrive()

    with channel(port, visitor.run.token) as opened:
        next_header(opened)
        acknowledge(opened, "answer")
        assert next_header(opened)["shown"] == "Test image 0, a 7"
        acknowledge(opened)
        for value in (362, "362"):
            opened.send(json.dumps({"picture": value}))
            headers_until(opened, lambda header: header["shown"] == "Test image 362, a 2")
            acknowledge(opened)
        opened.send(json.dumps({"picture": {"no": "picture"}}))
        assert is_silent(opened)

    assert visitor.picture.title == "Test image 362, a 2"


def test_what_to_try_next_is_told_with_each_frame(port, arrive):
    visitor = arrive(Settings(learning_rate=1e-4, iterations=600, pace=0))

    with channel(port, visitor.run.token) as opened:
        first = headers_until(opened, lambda header: header["state"] == "ready")[-1]["advice"]
        acknowledge(opened)
        visitor.run.step(150)
        last = headers_until(opened, lambda header: header["state"] == "paused")[-1]["advice"]

    assert (first["label"], first["change"], first["restarts"]) == ("Start", {}, True)
    assert (last["label"], last["change"], last["restarts"]) == ("Use 0.1", {"learning_rate": 0.1}, False)


def test_the_run_is_shown_as_it_was_while_it_stands_or_trains_and_acknowledges_nothing(port, arrive):
    visitor = arrive()
    visitor.run.step(120)
    visitor.run.wait(LONG, lambda snapshot: snapshot.iteration == 120 and snapshot.state == "paused")

    with channel(port, visitor.run.token) as opened:
        next_header(opened)
        acknowledge(opened, "templates", "answer")
        now = headers_until(opened, lambda header: header["iteration"] == 120)[-1]
        acknowledge(opened)
        opened.send(json.dumps({"lookAt": 45}))
        back = headers_until(opened, lambda header: header["iteration"] == 45)[-1]
        opened.send(json.dumps({"lookAt": 46}))
        assert is_silent(opened)
        acknowledge(opened)
        headers_until(opened, lambda header: header["iteration"] == 46)
        acknowledge(opened)
        opened.send(json.dumps({"lookAt": None}))
        again = headers_until(opened, lambda header: header["wanted"] is None)[-1]

    assert (back["reached"], back["wanted"], back["testIteration"]) == (120, 45, 45)
    assert back["epoch"] == 45 / 600
    assert (again["iteration"], again["testAccuracy"]) == (120, now["testAccuracy"])
    assert back["testAccuracy"] != now["testAccuracy"] and back["loss"] != now["loss"]


@pytest.mark.parametrize("nowhere", [-1, 1.5, "12", True, [3], {"a": 1}])
def test_what_is_no_iteration_ends_the_connection(port, arrive, nowhere):
    visitor = arrive()

    with channel(port, visitor.run.token) as opened:
        next_header(opened)
        opened.send(json.dumps({"lookAt": nowhere}))
        with pytest.raises(ConnectionClosed):
            headers_until(opened, lambda _: False)

    assert visitor.run.snapshot().wanted is None


def test_a_stroke_under_way_is_answered_and_acknowledges_nothing(port, arrive):
    visitor = arrive()
    visitor.picture = BLANK

    with channel(port, visitor.run.token) as opened:
        next_header(opened)
        acknowledge(opened, "answer")
        assert next_header(opened)["blank"] is True
        opened.send(json.dumps({"stroke": 1, "width": 30, "path": [100, 60, 100, 300]}))
        assert is_silent(opened)
        acknowledge(opened)
        answered = headers_until(opened, lambda header: header["pen"])[-1]

    assert answered["shown"] == "Your drawing" and visitor.shown is None


def test_a_race_takes_no_strokes(port, arrive):
    visitor = arrive()
    race = visitors.open_race(visitor, Settings(iterations=30, pace=0), (0.01, 0.1))

    with channel(port, race.token) as opened:
        next_header(opened)
        opened.send(json.dumps({"stroke": 1, "width": 30, "path": [100, 60]}))
        acknowledge(opened, "race")
        next_header(opened)

    assert not visitor.drawing_now


def test_what_the_visitor_does_is_told_from_training_that_goes_on(port, arrive):
    visitor = arrive(Settings(iterations=30_000, pace=200))
    visitor.run.start()
    visitor.run.wait(60, lambda snapshot: snapshot.iteration > 0)

    with channel(port, visitor.run.token) as opened:
        acknowledge(opened, "answer")

        def untouched():
            headers_until(opened, lambda header: header["state"] == "running" and not header["prompt"])
            acknowledge(opened)

        untouched()
        visitor.run.set_learning_rate(0.5)
        changed = headers_until(opened, lambda header: header["learningRate"] == 0.5)[-1]
        acknowledge(opened)
        untouched()
        visitor.picture = picture_of(2)
        shown = headers_until(opened, lambda header: header["shown"] == "Test image 2, a 1")[-1]
        acknowledge(opened)
        untouched()
        acknowledge(opened, "curves")
        asked = headers_until(opened, lambda header: "shown" not in header)[-1]
        acknowledge(opened)
        untouched()
        visitor.draw(pen_stroke({"stroke": 1, "width": 30, "path": [100, 60]}))
        drawn = headers_until(opened, lambda header: header["pen"])[-1]

    assert changed["prompt"] and shown["prompt"] and asked["prompt"] and drawn["prompt"]


def test_a_problem_is_told_although_the_run_stands_still(port, arrive):
    visitor = arrive()

    with channel(port, visitor.run.token) as opened:
        assert next_header(opened)["problem"] is None
        acknowledge(opened)
        visitor.run.receive(("problem", visitor.run.number, "There is no room."))
        assert headers_until(opened, lambda header: header["problem"])[-1]["problem"] == "There is no room."


def test_a_command_that_waits_is_told(port, arrive):
    visitor = arrive()
    post = visitor.run._post
    visitor.run.detach()

    with channel(port, visitor.run.token) as opened:
        assert next_header(opened)["busy"] is False
        acknowledge(opened)
        visitor.run.step(5)
        assert headers_until(opened, lambda header: header["busy"])[-1]["iteration"] == 0
        acknowledge(opened)
        visitor.run.attach(post)
        last = headers_until(opened, lambda header: header["iteration"] == 5 and not header["busy"])[-1]

    assert last["state"] == "paused"


def test_a_run_that_explodes_is_called_so(port, arrive):
    visitor = arrive(Settings(learning_rate=10, momentum=0.99, iterations=300, pace=0))

    with channel(port, visitor.run.token) as opened:
        assert next_header(opened)["exploded"] is False
        acknowledge(opened)
        visitor.run.start()
        last = headers_until(opened, lambda header: header["state"] in ("finished", "diverged"))[-1]

    assert last["exploded"] is True


def test_a_race_has_a_channel_of_its_own(port, arrive):
    visitor = arrive()
    race = visitors.open_race(visitor, Settings(iterations=30, pace=0), (0.01, 0.1))
    race.start()

    with channel(port, race.token) as opened:
        next_header(opened)
        acknowledge(opened, "race")
        found = headers_until(opened, lambda header: header["state"] == "finished")[-1]

    assert [lane["learningRate"] for lane in found["lanes"]] == [0.01, 0.1]
    token = race.token
    visitors.close_race(visitor)
    assert closed_with(port, token) == live_channel.UNKNOWN


@pytest.mark.parametrize(("iterations", "mark"), [(600, "slow"), (30_000, "")])
def test_the_lanes_of_a_race_are_judged_by_its_settings(port, arrive, iterations, mark):
    race = visitors.open_race(arrive(), Settings(iterations=iterations), (0.001, 0.1))
    race.step(200)

    with channel(port, race.token) as opened:
        next_header(opened)
        acknowledge(opened, "race")
        found = headers_until(opened, lambda header: header["iteration"] == 200 and "lanes" in header)[-1]

    assert [lane["mark"] for lane in found["lanes"]] == [mark, "ahead"]


def change(opened, **values):
    opened.send(json.dumps({"parts": ["breaking"], "change": values}))


def broken_until(opened, wanted):
    """Return the first result that is as wanted, and acknowledge it."""
    last = headers_until(opened, lambda header: header.get("broken") and wanted(header["broken"]))[-1]
    acknowledge(opened)
    return last["broken"]


def test_a_change_of_the_images_is_measured_on_the_present_model_and_follows_it(port, arrive):
    visitor = arrive(Settings(iterations=300, pace=0))

    with channel(port, visitor.run.token) as opened:
        assert "broken" not in next_header(opened)
        change(opened)
        first = broken_until(opened, lambda found: True)
        visitor.run.start()
        last = broken_until(opened, lambda found: found["iteration"] == 300)
        change(opened, right=4, prepared="×255")
        moved = broken_until(opened, lambda found: found["values"])
        visitor.picture = picture_of(3)
        other = broken_until(opened, lambda found: found["title"] == "Test image 3, a 0")
        acknowledge(opened, "curves")
        assert "broken" not in headers_until(opened, lambda header: len(header["arrays"]) > 1)[-1]

    assert first["iteration"] == 0 and first["changed"] == first["plain"]
    tested = visitor.run.snapshot().lane.tests[-1].accuracy
    assert last["plain"]["accuracy"] == last["changed"]["accuracy"] == pytest.approx(tested, abs=2e-4)
    assert moved["changed"]["accuracy"] < 0.5 and moved["plain"] == last["plain"]
    assert moved["highest"] == 255 and moved["title"] == "Test image 0, a 7"
    picture = np.asarray(picture_of(0).pixels)
    np.testing.assert_array_equal(np.array(moved["image"])[:, 4:], picture[:, :-4])
    assert other["values"] == {"right": 4, "prepared": "×255"}


def test_who_looks_again_sees_nothing_of_another_model_or_picture(port, arrive):
    visitor = arrive()

    with channel(port, visitor.run.token) as opened:
        next_header(opened)
        change(opened)
        broken_until(opened, lambda found: True)
        acknowledge(opened, "answer")
        headers_until(opened, lambda header: "broken" not in header)
        visitor.run.teach(np.full((1, 784), 255, np.uint8), np.array([3]), 20, 20)
        visitor.picture = picture_of(3)
        change(opened)
        seen = headers_until(opened, lambda header: header.get("broken"))

    taught = visitor.run.ask("lrdemo.answers.robustness:test_answers")["right"].mean()
    assert seen[-1]["broken"]["title"] == "Test image 3, a 0"
    assert seen[-1]["broken"]["plain"]["accuracy"] == pytest.approx(taught, abs=2e-4)

def mistakes(opened, **wanted):
    opened.send(json.dumps({"parts": ["mistakes"], "mistakes": wanted}))


def test_mistakes_come_once_each_with_their_pictures_and_a_cell_is_of_the_same_moment(port, arrive):
    visitor = arrive(Settings(iterations=300, pace=0))
    visitor.run.start()
    visitor.run.wait(LONG, lambda snapshot: snapshot.state == "finished" and snapshot.lane.tests[-1].iteration == 300)

    with channel(port, visitor.run.token) as opened:
        assert "mistakes" not in next_header(opened)
        mistakes(opened)
        first = headers_until(opened, lambda header: "mistakes" in header)[-1]
        mistakes(opened, cell=[4, 9])
        frame = opened.recv(timeout=LONG)
        while "mistakes" not in header_of(frame):
            acknowledge(opened)
            frame = opened.recv(timeout=LONG)
        header = header_of(frame)
        acknowledge(opened)
        # What has been told is not told again: its pictures are more than all the rest.
        visitor.picture = picture_of(3)
        assert "mistakes" not in next_header(opened)
        mistakes(opened, cell=[4])
        with pytest.raises(ConnectionClosed):
            while True:
                opened.recv(timeout=LONG)

    found = header["mistakes"]
    assert found["matrix"] == first["mistakes"]["matrix"] and found["among"] == found["matrix"][4][9]
    right = sum(found["matrix"][digit][digit] for digit in range(10))
    assert right == round(10_000 * visitor.run.snapshot().lane.tests[-1].accuracy)
    shown = len(found["images"])
    assert [header["arrays"][at] for at in (0, 1)] == [
        ["mistakeShares", "float32", 10 * shown], ["mistakePictures", "uint8", 784 * shown],
    ]  # fmt: skip
    pixels = np.frombuffer(frame[-784 * shown :], np.uint8).reshape(-1, 28, 28)
    index = int(found["images"][0]["value"])
    np.testing.assert_array_equal(pixels[0], picture_of(index).pixels)


def test_a_picture_is_placed_before_it_is_changed(port, arrive):
    visitor = arrive()
    visitor.picture = picture_of(5)

    with channel(port, visitor.run.token) as opened:
        next_header(opened)
        change(opened, prepared="deskewed")
        found = broken_until(opened, lambda found: found["values"])

    expected = prepare(np.asarray(picture_of(5).pixels) / 255, "deskewed")
    np.testing.assert_allclose(found["image"], 255 * expected, atol=0.51)


@pytest.mark.parametrize("values", [{"right": 99}, {"colour": 1}, {"prepared": "inverted"}, {"turn": "far"}])
def test_a_change_that_no_slider_makes_ends_the_connection(port, arrive, values):
    with channel(port, arrive().run.token) as opened:
        next_header(opened)
        change(opened, **values)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                opened.recv(timeout=LONG)
    assert closed.value.rcvd.code == live_channel.UNSUPPORTED


def test_two_browsers_watch_the_same_run(port, arrive):
    visitor = arrive()

    with channel(port, visitor.run.token) as one, channel(port, visitor.run.token) as other:
        for opened in (one, other):
            next_header(opened)
            acknowledge(opened)
        visitor.run.step(7)
        seen = [headers_until(opened, lambda header: header["iteration"] == 7)[-1]["state"] for opened in (one, other)]

    assert seen == ["paused", "paused"]


def closed_with(port, token):
    with channel(port, token) as opened, pytest.raises(ConnectionClosed) as closed:
        opened.recv(timeout=LONG)
    return closed.value.rcvd.code


@pytest.mark.parametrize("token", ["guess", "1", "x" * 22])
def test_an_unknown_token_is_told_so(port, arrive, token):
    arrive()

    assert closed_with(port, token) == live_channel.UNKNOWN


@pytest.mark.parametrize(
    "hello", ["no json", "5", "[]", "null", "{}", '{"parts": []}', b"\x00", '{"token": [1], "parts": 5}']
)
def test_a_first_message_that_names_no_run_ends_the_channel(port, arrive, caplog, hello):
    arrive()

    with connected(port) as opened:
        opened.send(hello)
        with pytest.raises(ConnectionClosed) as closed:
            opened.recv(timeout=LONG)

    assert closed.value.rcvd.code in (live_channel.UNSUPPORTED, live_channel.UNKNOWN)
    assert "Traceback" not in caplog.text


def test_who_says_nothing_is_not_waited_for(port, arrive, monkeypatch):
    monkeypatch.setattr(live_channel, "HELLO_SECONDS", 0.1)

    with connected(port) as opened, pytest.raises(ConnectionClosed) as closed:
        opened.recv(timeout=LONG)

    assert closed.value.rcvd.code == live_channel.UNSUPPORTED


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("127.0.0.1", "http://evil.example"),
        ("127.0.0.1", "http://127.0.0.1.evil.example:{port}"),
        ("127.0.0.1", "http://127.0.0.1:1"),
        ("127.0.0.1", "http://localhost:{port}"),
        ("127.0.0.1", "null"),
        ("127.0.0.1", "http://["),
        ("127.0.0.1", ""),
        ("evil.example", "http://evil.example:{port}"),
        ("127.0.0.1.nip.io", "http://127.0.0.1.nip.io:{port}"),
    ],
)
def test_who_is_not_of_this_page_is_refused(port, arrive, name, origin):
    visitor = arrive()

    place = {"name": name, "origin": origin.format(port=port)}
    with pytest.raises(InvalidStatus) as refused, channel(port, visitor.run.token, **place):
        pass

    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_page_itself_is_let_in(port, arrive, name):
    visitor = arrive()

    with channel(port, visitor.run.token, name=name) as opened:
        assert next_header(opened)["state"] == "ready"


@pytest.mark.parametrize(
    "message",
    ["no json", "5", "null", '{"parts": 5}', '{"parts": [[]]}', '{"stroke": 1}',
     b"\x00\x01", '{"parts": [], "why": {"kind": "soul"}}'],
)
def test_what_no_page_of_ours_sends_ends_the_channel_and_nothing_else(port, arrive, caplog, message):
    visitor = arrive()

    with channel(port, visitor.run.token) as opened:
        opened.recv(timeout=LONG)
        opened.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            opened.recv(timeout=LONG)

    assert closed.value.rcvd.code == live_channel.UNSUPPORTED
    assert "Traceback" not in caplog.text
    with channel(port, visitor.run.token) as opened:
        assert next_header(opened)["state"] == "ready"


def test_a_question_about_the_answer_is_answered_until_it_is_withdrawn(port, arrive):
    visitor = arrive()

    visitor.picture = picture_of(3)
    with channel(port, visitor.run.token) as opened:
        assert "why" not in next_header(opened)
        opened.send(json.dumps({"parts": ["answer"], "why": {"kind": "duel", "digit": 8}}))
        assert next_header(opened)["why"]["kind"] == "duel"
        opened.send(json.dumps({"parts": ["answer"]}))
        assert "why" not in next_header(opened)


def test_a_run_goes_on_as_soon_as_it_is_watched_again(port, arrive):
    visitor = arrive()
    visitor.run.start()
    with channel(port, visitor.run.token) as opened:
        headers_until(opened, lambda header: header["iteration"] > 0)
        visitor.leave()
        assert visitor.away_seconds == 0
    stopped = visitor.run.wait(LONG, lambda snapshot: snapshot.state == "paused")

    # No page is drawn here.
    with channel(port, visitor.run.token) as opened:
        header = headers_until(opened, lambda header: header["iteration"] > stopped.iteration)[-1]

    assert header["state"] == "running"


def test_a_closed_channel_is_forgotten(port, arrive):
    visitor = arrive()

    with channel(port, visitor.run.token) as opened:
        next_header(opened)
        assert len(visitor.run.watchers) == 1

    deadline = time.monotonic() + LONG
    while visitor.run.watchers and time.monotonic() < deadline:
        time.sleep(0.01)
    assert visitor.run.watchers == []


def test_the_pages_of_the_lab_load_no_torch():
    code = """
import sys
from streamlit.testing.v1 import AppTest
from lrdemo.ui.server import visitors

assert visitors.service().ready.wait(60)
for page in ("train", "draw", "inside", "race", "what_breaks_it"):
    app = AppTest.from_file(f"pages/{page}.py", default_timeout=30).run()
    assert not app.exception, (page, app.exception)
    app.session_state["visitor"].shown
visitors.close_service()
print("torch" in sys.modules, "torchvision" in sys.modules, "matplotlib.pyplot" in sys.modules)
"""

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "False", "False"]


def test_the_edge_of_stability_follows_the_run_of_a_visitor_who_looks_at_it(port, arrive):
    visitor = arrive(Settings(iterations=200, pace=0))

    def edge(opened, wanted):
        return headers_until(opened, lambda header: header.get("edge") and wanted(header["edge"]))[-1]["edge"]

    with channel(port, visitor.run.token) as opened:
        assert "edge" not in next_header(opened)
        acknowledge(opened, "edge")
        start = edge(opened, bool)
        acknowledge(opened)
        visitor.run.start()
        end = edge(opened, lambda found: found["iteration"] == 200)
        acknowledge(opened)
        visitor.run.look_at(0)
        back = edge(opened, lambda found: found["iteration"] == 0)
        acknowledge(opened)
        visitor.run.reset(Settings(momentum=0.5))
        heavier = edge(opened, lambda found: found["start"] != start["start"])
        acknowledge(opened)
        visitor.run.reset(Settings(optimiser="adam", gradient="autograd"))
        assert edge(opened, lambda found: "none" in found) == {"none": True}

    wanted = visitor.run.settings
    assert wanted.optimiser == "adam" and back == start
    assert start["now"] == start["start"] == pytest.approx(2 / start["curved_now"])
    assert end["start"] == start["start"] and end["now"] > 1.2 * start["now"]
    assert heavier["now"] == heavier["start"] == pytest.approx(1.5 * start["start"])


def test_of_a_race_only_the_edge_at_the_start_is_asked(port, arrive):
    visitor = arrive()
    race = visitors.open_race(visitor, Settings(held_out=5_000), (0.1, 1.0))

    with channel(port, race.token) as opened:
        next_header(opened)
        acknowledge(opened, "race", "edge")
        found = headers_until(opened, lambda header: header.get("edge"))[-1]["edge"]

    assert set(found) == {"start", "curved_at_start"} and 0.1 < found["start"] < 1
