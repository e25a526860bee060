"""The handle alone, with a place that the test plays: what is sent, what is noted and when, what is sent again."""

import io
import threading
import time

import numpy as np
import pytest
from conftest import LONG, becomes

from lrdemo.errors import ServiceError, SettingsError
from lrdemo.serving import handle as module
from lrdemo.serving.board import Board, Lane, Snapshot
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


def test_what_came_after_the_iteration_that_a_run_goes_on_from_is_gone():
    assert noted([RATE, FIRST, SECOND, OTHER], Event(20, "go_on_from", (8,))) == [RATE, FIRST, SECOND]
    assert noted([RATE], Event(20, "go_on_from", (2,))) == []


def test_undoing_takes_away_the_latest_teaching_alone():
    undo = Event(20, "undo_teaching", ())
    assert noted([FIRST, RATE, SECOND, OTHER], undo) == [FIRST, RATE, OTHER]
    assert noted([FIRST, RATE], undo) == [RATE] and noted([RATE], undo) == [RATE]


def test_messages_come_out_of_a_stream_one_by_one_and_a_cut_one_does_not():
    stream = io.BytesIO(packed((1, 2, "step", (5,))) + packed("more") + packed("cut")[:-1])
    assert [read_message(stream) for _ in range(4)] == [(1, 2, "step", (5,)), "more", None, None]


class Place:
    """Take the messages of one run and answer them at once, or when the test says so."""

    def __init__(self, run, at=7, silent=False, state="paused"):
        self.run, self.at, self.silent, self.state = run, at, silent, state
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
            self.run.receive(("did", run, number, Event(self.at, verb, arguments), Standing(1, self.at, self.state)))
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
    run.step()
    run.set_learning_rate(0.3)
    run.set_pace(50)
    run.leave()
    run.come_back()
    run.start()
    run.reset()
    run.look_at(5)
    run.go_on_from(4)

    assert place.sent() == [
        ("pause", ()), ("resume", ()), ("step", (10,)), ("step", (1,)), ("set_learning_rate", (0.3,)),
        ("set_pace", (50,)), ("leave", ()), ("come_back", ()), ("start", (None, None)), ("reset", (None, None)),
        ("look_at", (5,)), ("go_on_from", (4,)),
    ]  # fmt: skip
    assert {message[1] for message in place.messages} == {run.number}
    numbers = [message[0] for message in place.messages]
    assert numbers[0] == numbers[7] == numbers[8] == numbers[11] == 0 and len(set(numbers)) == len(numbers) - 3
    assert place.messages[0][2] == "open"
    (opening,) = place.messages[0][3]
    assert opening.board == str(run.board.path)
    assert (opening.settings, opening.learning_rates, opening.events, opening.away) == (Settings(), (), (), False)


def test_who_looks_back_does_so_again_where_the_run_is_built_again(made):
    run = made()
    place = Place(run)
    run.step(9)
    run.look_at(5)
    assert Place(run).sent() == [("look_at", (5,))]

    run.look_at(None)
    assert Place(run).sent() == []
    run.look_at(3)
    place = Place(run)
    run.resume()
    assert place.sent() == [("look_at", (3,)), ("resume", ())]
    assert Place(run).sent() == []


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


def test_there_is_an_end_to_teachings_and_to_what_may_wait(made, monkeypatch):
    monkeypatch.setattr(module, "CONTROL_SECONDS", 0.0)
    run = made()
    place = Place(run)
    lesson = np.zeros((1, 784), np.uint8), np.array([7]), 1, 1
    for _ in range(MOST_TEACHINGS):
        run.teach(*lesson)
    with pytest.raises(ServiceError, match="20 times"):
        run.teach(*lesson)
    place.silent = True
    for _ in range(MOST_UNANSWERED):
        run.pause()
    with pytest.raises(ServiceError, match="busy"):
        run.pause()
    assert (MOST_TEACHINGS, MOST_UNANSWERED) == (20, 100)


def test_a_closed_run_takes_no_command_and_leaves_no_file(made):
    run, refused = made(), []
    place = Place(run, silent=True)

    def wait_for_the_end():
        with pytest.raises(ServiceError, match="ended"):
            run.undo_teaching()
        refused.append(True)

    waiting = threading.Thread(target=wait_for_the_end)
    waiting.start()
    assert becomes(lambda: len(place.messages) == 2)
    run.close()
    run.close()
    waiting.join(LONG)

    assert refused == [True] and place.closed == [run]
    assert place.messages[2:] == [(0, run.number, "close", ())]
    assert not run.board.path.exists()
    with pytest.raises(ServiceError, match="ended"):
        run.reset(Settings(iterations=40))
    run.leave()
    run.receive(("problem", run.number, "Too late."))
    assert run.problem is None and len(place.messages) == 3


def test_a_run_that_is_ended_for_a_reason_says_so_to_all_who_watch(made):
    run, told = made(), []
    Place(run)
    run.watchers.append(lambda: told.append(run.problem))

    run.close("It did harm.")

    assert told == ["It did harm."] == [run.problem]


def test_runs_are_told_apart_by_number_and_by_a_token_that_cannot_be_guessed(made):
    one, other = made(), made(rates=(0.1, 0.2))
    assert one.number != other.number and one.token != other.token and len(one.token) == 22
    assert one.board.path.name == f"{one.number}-1.run"
    assert (one.board.shape.lanes, other.board.shape.lanes) == (1, 2)


def test_a_run_that_nobody_computes_yet_keeps_its_commands(made, monkeypatch):
    monkeypatch.setattr(module, "CONTROL_SECONDS", 0.0)
    run, unused = made(), made()
    run.step(3)
    assert run.problem is None
    place = Place(run, silent=True)
    run.detach()
    run.pause()
    run.leave()
    assert place.sent() == [("step", (3,))]
    assert Place(run, silent=True).sent() == [("step", (3,)), ("pause", ())]
    unused.close()
    unused.attach(lambda message: pytest.fail("It has been closed."))


def test_drawings_travel_as_they_are_when_they_are_taught(made, monkeypatch):
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.0)
    run = made()
    place = Place(run, silent=True)
    images, labels = np.full((2, 784), 9, np.uint8), np.array([7, 3])
    run.teach(images, labels, 3, 5)
    run.undo_teaching()
    images[:], labels[:] = 0, 0

    (taught, (sent, right, steps, copies)), undone = place.sent()
    assert (taught, sent.tolist(), right.tolist(), steps, copies) == ("teach", [[9] * 784] * 2, [7, 3], 3, 5)
    assert undone == ("undo_teaching", ())


def show(run, revision, iteration):
    """Write on the run's board as its training process does."""
    numbers = np.full(iteration, revision, np.float32)
    lane = Lane(0.1, np.zeros(run.board.shape.parameters, np.float32), numbers, numbers, np.zeros((0, 3), np.float32))
    Board(run.board.path).write(Snapshot(revision, "running", iteration, 600, 600, 100, 0.0, 0.0, (lane,)))


@pytest.mark.parametrize(
    ("revision", "iteration", "expected"),
    [(2, 45, (2, 45)), (2, 30, (2, 40)), (3, 0, (3, 40)), (1, 90, (2, 40))],
    ids=["went on", "not shown yet", "begins again, not reported", "began again, not shown"],
)
def test_a_run_is_built_again_to_where_it_was_shown_or_said_to_be(made, revision, iteration, expected):
    run = made()
    run.attach(lambda message: None)
    show(run, revision, iteration)
    run.receive(("did", run.number, 1, Event(0, "step", (50,)), Standing(2, 40, "running", 50)))

    opening = Place(run).messages[0][3][0]

    assert opening.standing == Standing(*expected, "running", 50)


@pytest.mark.parametrize(
    ("at", "state", "act", "rebuilt"),
    [
        (0, "ready", lambda run: run.set_pace(5), 0),
        (0, "ready", lambda run: run.set_learning_rate(0.5), 1),
        (3, "paused", lambda run: run.pause(), 1),
        (0, "running", lambda run: run.resume(), 1),
    ],
)
def test_a_run_is_called_rebuilt_where_there_is_something_to_build(made, at, state, act, rebuilt):
    run = made()
    act(Place(run, at=at, state=state).run)
    version = run.version

    for times in (1, 2):
        Place(run)
        assert run.rebuilt == times * rebuilt
    assert (run.version == version) is not bool(rebuilt)


@pytest.mark.parametrize("verb", ["start", "reset"])
def test_a_run_of_another_size_gets_a_board_of_its_own_and_gives_the_other_back(made, monkeypatch, verb):
    monkeypatch.setattr(module, "CONTROL_SECONDS", 0.0)
    run = made(iterations=600)
    place, first, larger = Place(run, silent=True), run.board.path, Settings(iterations=900)
    run.pause()
    getattr(run, verb)(larger)
    (_, (settings, second)) = place.sent()[1]
    place.run.receive(("answer", run.number, place.messages[1][0], True, None))

    assert settings == run.settings == larger and second != str(first)
    assert run.board.path == first and first.exists() and run._boards[second].shape.iterations == 900
    place.carry_out(place.messages[2])
    assert str(run.board.path) == second and run.board.path.exists() and not first.exists()
    getattr(run, verb)(Settings(iterations=900, seed=1))
    assert place.sent()[2][1][1] == second


def test_a_question_is_answered_refused_or_given_up(made, monkeypatch):
    run = made()
    place = Place(run, silent=True)
    asked, answers = [], [(True, {"found": 3}), (False, "No.")]

    def answer(message):
        asked.append(message)
        place.carry_out(message, *answers.pop(0))

    run.attach(lambda message: message[0] and answer(message))
    assert run.ask("lrdemo.any:thing", detail=1) == {"found": 3}
    assert asked[0][3][2] > time.monotonic(), "the moment until which an answer is waited for"
    with pytest.raises(ServiceError, match="^No.$"):
        run.ask("lrdemo.any:thing")
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.0)
    place = Place(run, silent=True)
    with pytest.raises(ServiceError, match="busy"):
        run.ask("lrdemo.any:thing", detail=1)

    ((verb, (question, details, _deadline)),) = place.sent()
    assert (verb, question, details) == ("ask", "lrdemo.any:thing", {"detail": 1})
    assert Place(run, silent=True).sent() == []


def test_who_watches_is_told_when_a_command_is_done_and_only_then(made, monkeypatch):
    monkeypatch.setattr(module, "CONTROL_SECONDS", 0.0)
    run, told = made(), []
    place = Place(run, silent=True)
    run.watchers.append(lambda: told.append(True))
    run.pause()
    run.receive(("answer", run.number, 0, True, None))
    assert told == []

    place.carry_out(place.messages[1])

    assert told == [True]


def test_a_command_without_answer_is_waiting_and_a_step_under_way_is_not(made, monkeypatch):
    monkeypatch.setattr(module, "CONTROL_SECONDS", 0.0)
    monkeypatch.setattr(module, "WAITING_SECONDS", 0.0)
    for verb, waiting in (("step", False), ("pause", True)):
        run = made()
        place, version = Place(run, silent=True), run.version
        getattr(run, verb)()
        assert run.waiting and run.version != version
        number = place.messages[1][0]
        run.receive(("did", run.number, number, Event(0, verb, ()), Standing()))
        assert run.waiting is waiting
        run.receive(("answer", run.number, number, True, None))
        assert not run.waiting and run.version == version
    monkeypatch.setattr(module, "WAITING_SECONDS", LONG)
    run.pause()
    assert not run.waiting


def test_a_run_is_waited_for_until_it_is_there_or_the_time_is_over(made):
    run = made()
    threading.Timer(0.01, show, [run, 1, 8]).start()
    assert run.wait(LONG, lambda snapshot: snapshot.iteration == 8).revision == 1
    with pytest.raises(ServiceError, match="did not get there in 0.01 seconds"):
        run.wait(0.01, lambda snapshot: False)


def test_a_place_that_can_no_longer_train_is_the_problem_of_its_runs(made):
    run = made()
    place = Place(run)
    place.problem = "Training is impossible."
    assert run.problem == "Training is impossible."
    with pytest.raises(ServiceError, match="impossible"):
        run.resume()
    assert place.sent() == []
