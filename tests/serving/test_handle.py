"""The handle alone, with a place that the test plays: what is sent, what is noted and when, what is sent again."""

import io

import numpy as np
import pytest

from lrdemo.errors import ServiceError, SettingsError
from lrdemo.serving import handle as module
from lrdemo.serving.handle import MOST_TEACHINGS, MOST_UNANSWERED, RunHandle
from lrdemo.serving.memory import Memory
from lrdemo.serving.messages import Event, Standing, noted, packed, read_message
from lrdemo.settings import Settings

RATE, OTHER = Event(3, "set_learning_rate", (0.5,)), Event(9, "set_learning_rate", (0.2,))
FIRST, SECOND = Event(4, "teach", ("first",)), Event(8, "teach", ("second",))


@pytest.mark.parametrize("verb", ["start", "reset"])
def test_nothing_is_left_of_a_run_that_begins_again(verb):
    assert noted([RATE, FIRST], Event(20, verb, (None, None))) == []


def test_rates_and_teachings_are_part_of_a_run_and_nothing_else_is():
    assert noted([RATE], FIRST) == [RATE, FIRST] and noted([FIRST], OTHER) == [FIRST, OTHER]
    for verb in ("pause", "resume", "step", "set_pace", "leave", "come_back"):
        assert noted([RATE], Event(5, verb, (1,))) == [RATE]


def test_undoing_takes_away_the_latest_teaching_alone():
    undo = Event(20, "undo_teaching", ())
    assert noted([FIRST, RATE, SECOND, OTHER], undo) == [FIRST, RATE, OTHER]
    assert noted([FIRST, RATE], undo) == [RATE] and noted([RATE], undo) == [RATE]


def test_messages_come_out_of_a_stream_one_by_one_and_a_cut_one_does_not():
    stream = io.BytesIO(packed((1, 2, "step", (5,))) + packed("more") + packed("cut")[:-1])
    assert [read_message(stream) for _ in range(4)] == [(1, 2, "step", (5,)), "more", None, None]


class Place:
    """Take the messages of one run and answer them at once, or when the test says so."""

    def __init__(self, run, at=7, silent=False):
        self.run, self.at, self.silent = run, at, silent
        self.messages = []
        self.closed = []
        run.attach(self.post, lambda: self.problem, self.closed.append)

    problem = None

    def post(self, message):
        self.messages.append(message)
        if message[0] and not self.silent:
            self.carry_out(message)

    def carry_out(self, message, fine=True, value=None):
        number, run, verb, arguments = message
        if fine and verb != "ask":
            self.run.receive(("did", run, number, Event(self.at, verb, arguments), Standing(1, self.at, "paused")))
        self.run.receive(("answer", run, number, fine, value))

    def sent(self):
        return [(message[2], message[3]) for message in self.messages[1:]]


@pytest.fixture
def made(tmp_path):
    memory = Memory([tmp_path])

    def make(rates=(), **values):
        return RunHandle(memory, Settings(**values), rates)

    yield make
    memory.close()


def test_each_command_travels_by_its_name(made):
    run = made()
    place = Place(run)
    run.pause()
    run.resume()
    run.step(10)
    run.set_learning_rate(0.3)
    run.set_pace(50)
    run.leave()
    run.come_back()
    run.start()
    run.reset()

    assert place.sent() == [
        ("pause", ()), ("resume", ()), ("step", (10,)), ("set_learning_rate", (0.3,)), ("set_pace", (50,)),
        ("leave", ()), ("come_back", ()), ("start", (None, None)), ("reset", (None, None)),
    ]  # fmt: skip
    assert {message[1] for message in place.messages} == {run.number}
    numbers = [message[0] for message in place.messages]
    assert numbers[0] == numbers[6] == numbers[7] == 0 and len(set(numbers)) == len(numbers) - 2
    (opening,) = place.messages[0][3]
    assert (opening.settings, opening.learning_rates, opening.events, opening.away) == (Settings(), (), (), False)


def test_the_record_holds_what_took_effect_until_the_run_begins_again(made):
    run = made(learning_rate=0.2)
    place = Place(run)
    assert (run.learning_rate, run.taught, run.settings.pace) == (0.2, 0, 100)
    run.set_learning_rate(0.5)
    run.teach(np.zeros((1, 784), np.uint8), np.array([7]), 3, 5)
    run.set_pace(50)

    assert [(event.iteration, event.verb) for event in run.events] == [(7, "set_learning_rate"), (7, "teach")]
    assert (run.learning_rate, run.taught, run.settings.pace) == (0.5, 1, 50)
    run.undo_teaching()
    assert run.taught == 0 and len(run.events) == 1
    run.start(Settings(seed=4, learning_rate=0.3))
    assert (run.events, run.learning_rate, run.settings.seed) == ([], 0.3, 4)
    assert place.sent()[-1][0] == "start"


def test_what_is_late_is_noted_when_it_comes(made, monkeypatch):
    monkeypatch.setattr(module, "CONTROL_SECONDS", 0.0)
    run = made()
    place = Place(run, silent=True)
    run.set_learning_rate(0.5)
    run.reset(Settings(seed=3))
    assert run.events == [] and run.learning_rate == 0.1 and run.settings.seed == 3

    place.carry_out(place.messages[1])
    assert [event.verb for event in run.events] == ["set_learning_rate"] and run.learning_rate == 0.5
    place.carry_out(place.messages[2])
    assert run.events == [] and run.settings.seed == 3


def test_what_was_not_begun_is_sent_again_to_the_next_place(made, monkeypatch):
    monkeypatch.setattr(module, "CONTROL_SECONDS", 0.0)
    run = made()
    first = Place(run, silent=True)
    run.step(5)
    run.set_learning_rate(0.4)
    number, handle, verb, arguments = first.messages[1]
    run.receive(("did", handle, number, Event(0, verb, arguments), Standing(1, 0, "running", 5)))
    run.detach()

    second = Place(run, silent=True)

    assert second.sent() == [("set_learning_rate", (0.4,))] and second.messages[1][0] == first.messages[2][0]
    assert second.messages[0][3][0].standing.goal == 5


def test_a_refusal_is_a_sentence_and_leaves_no_trace(made):
    run = made()
    place = Place(run)
    place.silent = True

    def answer(message):
        if message[0]:
            place.carry_out(message, fine=False, value="No.")

    run.attach(answer)
    with pytest.raises(ServiceError, match="^No.$"):
        run.set_learning_rate(0.5)
    with pytest.raises(SettingsError, match="Pace"):
        run.set_pace(-1)
    assert run.events == [] and run.learning_rate == 0.1 and not run.waiting


def test_a_run_is_built_again_to_where_it_was(made):
    run = made(rates=(0.1, 0.2))
    first = Place(run)
    run.step(5)
    run.set_learning_rate(0.4)
    run.leave()
    run.detach()
    assert run.rebuilt == 0 and first.sent()[-1][0] == "leave"

    second = Place(run)

    (opening,) = second.messages[0][3]
    assert run.rebuilt == 1 and [event.verb for event in opening.events] == ["set_learning_rate"]
    assert (opening.standing.iteration, opening.standing.state, opening.away) == (7, "paused", True)
    assert opening.learning_rates == (0.1, 0.2)
    assert second.sent() == []


def test_a_run_stopped_by_an_error_says_so_until_it_begins_again(made):
    run = made()
    Place(run)
    woken = []
    run.watchers.append(lambda: woken.append(run.problem))
    version = run.version
    run.receive(("problem", run.number, "It broke."))
    assert run.problem == "It broke." and woken == ["It broke."] and run.version != version
    run.reset()
    assert run.problem is None


def test_there_is_an_end_to_teachings_and_to_what_may_wait(made):
    run = made()
    Place(run)
    lesson = np.zeros((1, 784), np.uint8), np.array([7]), 1, 1
    for _ in range(MOST_TEACHINGS):
        run.teach(*lesson)
    with pytest.raises(ServiceError, match="20 times"):
        run.teach(*lesson)
    assert (MOST_TEACHINGS, MOST_UNANSWERED) == (20, 100)


def test_a_closed_run_takes_no_command(made):
    run = made()
    place = Place(run)
    run.close()
    assert place.closed == [run]
    with pytest.raises(ServiceError, match="ended"):
        run.pause()


def test_a_place_that_can_no_longer_train_is_the_problem_of_its_runs(made):
    run = made()
    place = Place(run)
    place.problem = "Training is impossible."
    assert run.problem == "Training is impossible."
    with pytest.raises(ServiceError, match="impossible"):
        run.resume()
    assert place.sent() == []
