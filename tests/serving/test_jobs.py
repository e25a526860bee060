"""Many runs in one thread: one that fails or costs much does not harm the others, and questions wait their turn."""

import queue
import threading
import time

import pytest
import torch
from conftest import LONG, becomes

from lrdemo.errors import ServiceError
from lrdemo.serving import images as images_module
from lrdemo.serving import shares as shares_module
from lrdemo.serving.asking import resolve
from lrdemo.serving.handle import RunHandle
from lrdemo.serving.jobs import Jobs
from lrdemo.serving.memory import Memory
from lrdemo.settings import Settings, changed

ENDLESS = Settings(iterations=30_000, pace=0)
COSTLY = Settings(iterations=30_000, pace=0, model="mlp", gradient="autograd", batch_size=10_000)


class Room:
    """Jobs in a thread, and handles to them."""

    def __init__(self, digits, folder):
        self.memory = Memory([folder])
        self.inbox = queue.SimpleQueue()
        self.runs = {}
        self.jobs = Jobs(digits, self.receive, self.inbox)
        self.thread = threading.Thread(target=self.jobs.serve)

    def receive(self, report):
        if report[1] in self.runs:
            self.runs[report[1]].receive(report)

    def open(self, settings=ENDLESS, learning_rates=()):
        run = RunHandle(self.memory, settings, learning_rates)
        self.runs[run.number] = run
        run.attach(self.inbox.put)
        return run

    def job(self, run):
        assert becomes(lambda: run.number in self.jobs._jobs)
        return self.jobs._jobs[run.number]


@pytest.fixture
def room(digits, tmp_path):
    room = Room(digits, tmp_path)
    room.thread.start()
    yield room
    room.inbox.put(None)
    room.thread.join()
    for run in room.runs.values():
        run.close()
    room.memory.close()


def reached(iteration):
    return lambda snapshot: snapshot.iteration >= iteration


def test_a_run_that_fails_stands_still_with_a_sentence_and_the_others_go_on(room, capfd):
    failing, other = room.open(), room.open()
    failing.start()
    other.start()
    job, told = room.job(failing), []
    failing.watchers.append(lambda: told.append(failing.problem))

    def fail(most):
        raise ZeroDivisionError("on purpose")

    job.run.work = fail

    assert becomes(lambda: failing.problem)
    assert failing.problem == "This run stopped because of an error (ZeroDivisionError). Reset it to go on."
    assert failing.wait(LONG, lambda snapshot: snapshot.state == "paused") and told
    other.wait(LONG, reached(other.snapshot().iteration + 200))
    failing.reset()
    failing.step(5)
    assert failing.wait(LONG, reached(5)).state == "paused" and failing.problem is None
    assert "on purpose" in capfd.readouterr().err


def test_a_command_that_waited_for_a_run_that_fails_is_answered(room, capfd):
    run = room.open()
    job = room.job(run)

    def fail(most):
        raise ZeroDivisionError("on purpose")

    run.wait(LONG, lambda snapshot: len(snapshot.lane.test_table) == 1)
    job.run.work = fail

    with pytest.raises(ServiceError, match="stopped because of an error"):
        run.step(5)


def test_the_costliest_run_gets_no_more_time_than_the_others(room):
    hogs = [room.open(COSTLY), room.open(changed(ENDLESS, batch_size=10_000), tuple(0.01 * n for n in range(1, 9)))]
    others = [room.open() for _ in range(3)]
    everybody = [*hogs, *others]
    for run in everybody:
        assert becomes(lambda run=run: run.snapshot() and not run._commands)
    hogs[0].step(30_000)
    for run in everybody[1:]:
        run.start()
    used, charge = dict.fromkeys((run.number for run in everybody), 0.0), room.jobs._shares.charge

    def counted(taker, seconds):
        used[taker] += seconds
        charge(taker, seconds)

    room.jobs._shares.charge = counted
    assert becomes(lambda: min(used.values()) > 1)

    # A few pieces of work, and what a slow moment of this machine may add to one of them.
    assert max(used.values()) < 1.6


def test_a_step_does_not_wait_until_all_others_had_their_turn(room, monkeypatch):
    # So much that it lasts for a Step on the slowest machine.
    monkeypatch.setattr(shares_module, "CREDIT_SECONDS", 1.0)
    others, stepping = [room.open() for _ in range(6)], room.open()
    for run in others:
        run.start()
    stepping.step(60)
    shares, charged = room.jobs._shares, []
    charge = shares.charge

    def counted(taker, seconds):
        charged.append(taker)
        charge(taker, seconds)

    # It has had more than the others: by the account alone, all of them would come first for a while.
    shares._used[stepping.number] = shares._clock + 0.5
    shares.charge = counted
    stepping.step(10)
    # From the command on until the answer.
    since = charged[charged.index(stepping.number) :]
    answered = since[: len(since) - since[::-1].index(stepping.number)]

    assert len(answered) > 1 and set(answered) == {stepping.number}


def test_questions_are_asked_of_the_live_run_by_name(room):
    run = room.open()
    run.step(3)

    found = run.ask("lrdemo.lesson.step:look")

    assert found["copy"].iteration == 3
    with pytest.raises(ServiceError, match="nothing to ask by the name 'os:getcwd'"):
        run.ask("os:getcwd")
    with pytest.raises(ServiceError, match="could not do that"):
        run.ask("lrdemo.lesson.step:look", nonsense=1)
    run.step(1)


@pytest.mark.parametrize("name", ["os:system", "lrdemo.lesson.step:nothing", "lrdemo.nothing:a", "lrdemo.errors", ""])
def test_only_functions_of_the_package_can_be_asked_for(name):
    with pytest.raises(ServiceError, match="nothing to ask"):
        resolve(name)


def test_a_question_about_a_costly_run_does_not_wait_for_its_step(room):
    run = room.open(COSTLY)
    run.start()
    room.job(run)
    assert becomes(lambda: run.snapshot() and run.snapshot().state == "running")

    found = run.ask("lrdemo.answers.robustness:test_answers")

    assert len(found["right"]) == 10_000


def test_a_long_question_is_answered_in_pieces_while_others_go_on(room, monkeypatch):
    run, other = room.open(), room.open()
    other.start()
    seen = []

    def long_question(_run, times):
        while len(seen) < times:
            end = time.thread_time() + 0.001
            while time.thread_time() < end:
                pass
            seen.append(other.snapshot().iteration)
            yield
        return {"times": times}

    monkeypatch.setattr("lrdemo.lesson.step.look", long_question)
    other.wait(LONG, reached(1))

    assert run.ask("lrdemo.lesson.step:look", times=200) == {"times": 200}
    assert seen[-1] > seen[0]


def test_nobody_waits_while_images_are_prepared_for_one(room, monkeypatch):
    prepare, may_go_on, asked = images_module.resident, threading.Event(), threading.Event()

    def slowly(digits, device, features, styles):
        asked.set()
        assert may_go_on.wait(LONG)
        return prepare(digits, device, features, styles)

    monkeypatch.setattr(images_module, "resident", slowly)
    run, other = room.open(), room.open()
    starting = threading.Thread(target=run.start, args=[changed(ENDLESS, features="deskewed", iterations=40)])
    starting.start()
    assert asked.wait(LONG)
    pausing = threading.Thread(target=run.set_pace, args=[0])
    pausing.start()

    other.start()
    other.wait(LONG, reached(100))

    assert room.job(run).run.settings.features == "pixels" and becomes(lambda: run.waiting)
    may_go_on.set()
    for thread in (starting, pausing):
        thread.join(LONG)
    assert run.wait(LONG, lambda snapshot: snapshot.state == "finished").iteration == 40
    assert becomes(lambda: not run.waiting) and run.settings.features == "deskewed"
    assert not torch.equal(room.job(run).run.tensors.train_bytes, room.job(other).run.tensors.train_bytes)


def test_images_that_cannot_be_prepared_are_a_sentence(room, monkeypatch):
    def fail(*_):
        raise MemoryError("too little")

    run = room.open()
    room.job(run)
    monkeypatch.setattr(images_module, "resident", fail)

    with pytest.raises(ServiceError, match="images could not be prepared as normalised"):
        run.start(changed(ENDLESS, features="normalised"))

    assert run.settings == ENDLESS
    run.step(1)


def test_a_command_to_a_run_that_is_not_there_is_refused(room):
    reports = []
    room.receive = reports.append
    jobs = Jobs(room.jobs._images._digits, reports.append, queue.SimpleQueue())

    jobs._take((7, 99, "step", (1,)))

    assert reports == [("answer", 99, 7, False, "This run has ended. Reload the page to begin a new one.")]


def test_a_run_that_is_closed_before_it_is_begun_is_no_trouble(room, capfd):
    reports, commands = [], []
    jobs = Jobs(room.jobs._images._digits, reports.append, queue.SimpleQueue())
    run = RunHandle(room.memory, ENDLESS)
    run.attach(commands.append)
    run.start()
    run.close()

    for command in commands:
        jobs._take(command)

    assert [verb for _, _, verb, _ in commands] == ["open", "start", "close"]
    # To nobody: the handle listens no more.
    assert [report[:4] for report in reports] == [("answer", run.number, commands[1][0], False)]
    assert capfd.readouterr().err == ""


def test_a_worker_with_nothing_to_do_says_that_it_has_none(room):
    run = room.open()
    room.job(run)

    assert becomes(lambda: room.jobs.began is None)
    run.start()
    assert becomes(lambda: room.jobs.began is not None)
    assert time.monotonic() - room.jobs.began < LONG
