"""What a training process may do to the rest: die, die again, stand still, hang. Nobody else must notice for long."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import LONG, alive, becomes, kill, settled

from lrdemo.drawings.teach import parameters_of, put_back, teach
from lrdemo.errors import ServiceError
from lrdemo.serving import training_process
from lrdemo.serving.handle import RunHandle
from lrdemo.serving.messages import packed, read_message
from lrdemo.serving.service import Service
from lrdemo.serving.training_process import KEEPS_STOPPING, MOST_RESTARTS, STOPS_THE_PROCESS
from lrdemo.settings import Settings, changed
from lrdemo.trainer import Trainer

ENDLESS = Settings(iterations=30_000, pace=0)


def lesson(seed):
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, (3, 784), dtype=np.uint8), generator.integers(0, 10, 3), 5, 20


def vector(trainer):
    return torch.nn.utils.parameters_to_vector(trainer.model.parameters()).detach().numpy()


def kill_at_work(service, run):
    """Kill the process while it works on a run, which it is stopped to see."""
    pid = service.worker_pids[0]
    stop(pid)
    while not run.at_work:
        os.kill(pid, signal.SIGCONT)
        assert becomes(lambda: run.at_work)
        stop(pid)
    os.kill(pid, signal.SIGKILL)


def stop(pid):
    """Stop a process; it may go on for a moment after the signal was sent."""
    os.kill(pid, signal.SIGSTOP)
    assert becomes(lambda: Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T")


def reached(iteration):
    return lambda snapshot: snapshot.iteration >= iteration


def test_it_computes_in_one_thread(service):
    run = service.open_run(ENDLESS)
    run.start()
    run.wait(LONG, reached(1))

    # Two others hear the server and give signs of life; one more has loaded what is used later.
    assert becomes(lambda: len(os.listdir(f"/proc/{service.worker_pids[0]}/task")) == 3)


def test_a_run_that_is_killed_while_it_is_rebuilt_is_rebuilt_all_the_same(service, digits):
    finished, paused = (service.open_run(Settings(iterations=3_000, pace=0)) for _ in range(2))
    finished.start()
    paused.step(100)
    before = finished.wait(LONG, lambda snapshot: snapshot.state == "finished")
    settled(paused, 100)

    for deaths in (1, 2, 3):
        kill(service)
        # Killed again as soon as it has been told what to rebuild, whether or not it has begun.
        assert becomes(lambda deaths=deaths: finished.rebuilt == deaths)
        assert (finished.snapshot().state, finished.snapshot().iteration) == ("finished", 3_000)
    # Shown anew, and so with another revision, when it is as it was.
    again = finished.wait(LONG, lambda snapshot: snapshot.revision > before.revision)

    assert (again.state, again.iteration) == ("finished", 3_000)
    np.testing.assert_array_equal(again.lane.parameters, before.lane.parameters)
    np.testing.assert_array_equal(again.lane.loss, before.lane.loss)
    np.testing.assert_array_equal(again.lane.test_table, before.lane.test_table)
    paused.step(1)
    assert settled(paused, 101).state == "paused"


def test_a_step_that_is_cut_short_is_done_to_its_end_and_not_twice(service, digits):
    run = service.open_run(changed(ENDLESS, batch_size=2_000))
    run.step(400)
    run.wait(LONG, lambda snapshot: 0 < snapshot.iteration < 400)

    kill(service)
    run.step(5)

    found = settled(run, 405)
    alone = Trainer(run.settings, digits, tests=False)
    alone.advance(405)
    np.testing.assert_array_equal(found.lane.parameters, vector(alone))


@pytest.mark.parametrize("seed", [0, 1])
def test_any_commands_with_deaths_in_between_give_the_run_without_deaths(service, digits, monkeypatch, seed):
    monkeypatch.setattr(training_process, "RESTARTS_WITHIN_SECONDS", 0.0)
    choose, deaths = random.Random(seed), 0
    run = service.open_run(changed(ENDLESS, seed=seed))
    alone, untaught = Trainer(run.settings, digits, tests=False), []
    for turn in range(24):
        dies = choose.random() < 0.2 and deaths < 4
        deaths += dies
        killer = threading.Timer(choose.uniform(0, 0.05), kill, [service])
        if dies:
            killer.start()
        verb = choose.choice(["step", "step", "step", "rate", "teach", "undo", "pace", "away", "start", "reset"])
        if verb == "step":
            count = choose.randint(1, 150)
            run.step(count)
            alone.advance(count)
        elif verb == "rate":
            rate = round(choose.uniform(0.01, 1), 3)
            run.set_learning_rate(rate)
            alone.set_learning_rate(rate)
        elif verb == "teach":
            untaught.append((alone.iteration, parameters_of(alone)))
            run.teach(*lesson(turn))
            teach(alone, *lesson(turn))
        elif verb == "undo" and untaught and untaught[-1][0] == alone.iteration:
            run.undo_teaching()
            put_back(alone, untaught.pop()[1])
        elif verb == "pace":
            run.set_pace(choose.choice([0, 10, 100]))
        elif verb == "away":
            run.leave()
            run.come_back()
        elif verb in ("start", "reset"):
            settings = changed(run.settings, seed=turn, batch_size=choose.choice([50, 100, 1_500]))
            if verb == "start":
                run.start(changed(settings, pace=0))
                run.pause()
                settings = changed(settings, pace=0)
            run.reset(settings)
            alone, untaught = Trainer(settings, digits, tests=False), []
        if dies:
            killer.join()
        # What is taught is not told by the iteration alone, so all commands are waited for.
        found = settled(run, alone.iteration)
        assert run.taught == len(untaught)
        assert run.learning_rate == alone.learning_rate

    assert becomes(lambda: service.ready.is_set())
    run.step(1)
    alone.advance(1)
    found = settled(run, alone.iteration)
    np.testing.assert_array_equal(found.lane.parameters, vector(alone))
    np.testing.assert_array_equal(found.lane.loss, alone.history.loss)


def test_what_a_stopped_process_is_told_is_done_when_it_goes_on(service):
    run = service.open_run(ENDLESS)
    settled(run)
    os.kill(service.worker_pids[0], signal.SIGSTOP)

    run.set_learning_rate(0.5)
    run.step(3)
    waiting, events = run.waiting, list(run.events)
    os.kill(service.worker_pids[0], signal.SIGCONT)

    assert waiting and events == []
    found = settled(run, 3)
    assert found.lane.learning_rate == run.learning_rate == 0.5
    assert [(event.iteration, event.verb, event.arguments) for event in run.events] == [
        (0, "set_learning_rate", (0.5,))
    ]
    assert not run.waiting


def test_a_stopped_process_blocks_nobody_and_is_replaced(service):
    run, other = service.open_run(ENDLESS), service.open_run(ENDLESS)
    run.start()
    stood = run.wait(LONG, reached(100))
    first = service.worker_pids[0]

    os.kill(first, signal.SIGSTOP)
    for _ in range(5_000):
        run.leave()
        run.come_back()
    new = service.open_run(ENDLESS)
    other.close()

    assert becomes(lambda: service.worker_pids[0] != first)
    assert not alive(first)
    new.step(10)
    settled(new, 10)
    assert run.wait(LONG, reached(stood.iteration + 100)).state == "running"
    assert set(service.runs) == {run, new}


def test_a_question_to_a_stopped_process_is_given_up_in_words(service, monkeypatch):
    monkeypatch.setattr("lrdemo.serving.handle.ANSWER_SECONDS", 0.5)
    run = service.open_run(ENDLESS)
    settled(run)
    os.kill(service.worker_pids[0], signal.SIGSTOP)

    with pytest.raises(ServiceError, match="busy. Try again"):
        run.ask("lrdemo.lesson.step:look")

    assert not run.waiting
    os.kill(service.worker_pids[0], signal.SIGCONT)


def test_a_service_ends_although_its_process_stands_still(service):
    run = service.open_run(ENDLESS)
    run.start()
    pid = service.worker_pids[0]
    os.kill(pid, signal.SIGSTOP)
    for _ in range(3_000):
        run.leave()
    closing = threading.Thread(target=service.close)

    closing.start()
    closing.join(LONG)

    assert not closing.is_alive() and not alive(pid)
    assert not any(folder.exists() for folder in service.memory.folders)


def test_a_process_whose_reports_nobody_hears_ends_without_a_word_and_leaves_nothing(tmp_path):
    folder = tmp_path / "boards"
    folder.mkdir()
    command = [sys.executable, "-m", "lrdemo.serving.worker", str(folder)]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        while read_message(process.stdout)[0] != "ready":
            pass
        process.stdout.close()
        process.stdin.write(packed((1, 99, "pause", ())))
        process.stdin.flush()

        assert process.wait(LONG) == 0
        assert process.stderr.read() == b"" and not folder.exists()


def test_a_process_that_hangs_is_replaced(service):
    run = service.open_run(ENDLESS)
    run.step(7)
    settled(run, 7)
    first = service.worker_pids[0]

    service._places[0].receive(("beat", training_process.PIECE_SECONDS + 1))

    assert becomes(lambda: service.worker_pids[0] != first)
    run.step(1)
    settled(run, 8)


def test_a_process_with_nothing_to_do_but_signs_of_life_is_left_alone(service, monkeypatch):
    place, beats = service._places[0], []
    receive, pid = place.receive, place.pid

    def count(report):
        beats.append(report)
        receive(report)

    monkeypatch.setattr(place, "receive", count)

    assert becomes(lambda: len(beats) > training_process.SILENT_BEATS + 3)
    assert place.pid == pid


def test_a_process_that_keeps_stopping_is_given_up_and_all_who_watch_are_told(service, monkeypatch):
    # However long a busy machine takes for so many starts.
    monkeypatch.setattr(training_process, "RESTARTS_WITHIN_SECONDS", 10 * LONG)
    run, told = service.open_run(ENDLESS), []
    settled(run)
    run.watchers.append(lambda: told.append(run.problem))
    version = run.version

    for _ in range(MOST_RESTARTS):
        pid = kill(service)
        assert becomes(lambda pid=pid: service.worker_pids[0] != pid)
    # It died at this run's work once only: that is not to blame.
    run.start()
    kill_at_work(service, run)

    assert becomes(lambda: service.problem)
    assert service.problem == run.problem == KEEPS_STOPPING
    assert KEEPS_STOPPING in told and run.version != version
    assert service.ready.is_set()
    with pytest.raises(ServiceError, match="keeps stopping"):
        service.open_run(ENDLESS)
    with pytest.raises(ServiceError, match="keeps stopping"):
        run.start()
    run.leave()
    run.close()


def test_a_run_that_keeps_stopping_its_process_is_ended_and_the_others_live_on(service, monkeypatch):
    # However long a busy machine takes for so many starts.
    monkeypatch.setattr(training_process, "RESTARTS_WITHIN_SECONDS", 10 * LONG)
    harmful, other, told = service.open_run(ENDLESS), service.open_run(ENDLESS), []
    other.step(20)
    settled(other, 20)
    harmful.watchers.append(lambda: told.append(harmful.problem))
    harmful.start()

    for number in range(MOST_RESTARTS):
        kill_at_work(service, harmful)
        # Until then it is still said to be at the work at which the process died.
        assert becomes(lambda number=number: harmful.rebuilt > number)
    kill_at_work(service, harmful)

    assert becomes(lambda: harmful.problem)
    assert harmful.problem == told[-1] == STOPS_THE_PROCESS and service.problem is None
    with pytest.raises(ServiceError, match="run has ended"):
        harmful.reset()
    assert service.runs == [other]
    other.step(1)
    settled(other, 21)


def test_a_run_started_and_left_at_once_never_trains_for_nobody(service):
    runs = [service.open_run(ENDLESS) for _ in range(6)]
    for number, run in enumerate(runs):
        starting = threading.Thread(target=run.start)
        starting.start()
        if number % 2:
            starting.join()
        run.leave()
        starting.join()
    for run in runs:
        assert becomes(lambda run=run: not run._commands)
    stood = [run.wait(LONG, lambda snapshot: snapshot.state != "running").iteration for run in runs]
    watched = service.open_run(ENDLESS)
    watched.start()
    watched.wait(LONG, reached(500))

    assert [run.snapshot().iteration for run in runs] == stood
    kill(service)
    watched.wait(LONG, reached(watched.snapshot().iteration + 300))
    assert [run.snapshot().iteration for run in runs] == stood
    for run in runs:
        run.come_back()
    for run, iteration in zip(runs, stood, strict=True):
        assert run.wait(LONG, reached(iteration + 50)).state == "running"


def test_a_run_can_be_closed_while_its_process_is_replaced(service, monkeypatch):
    runs = [service.open_run(ENDLESS) for _ in range(5)]
    for run in runs:
        run.start()
    closed = runs.pop()
    # At the very moment at which the place goes through its runs.
    monkeypatch.setattr(runs[0], "detach", closed.close)
    kill(service)

    for run in runs[1:]:
        run.close()
    runs[0].pause()

    settled(runs[0])
    assert service.runs == runs[:1]


def test_closed_runs_hold_no_descriptor_and_no_memory(service):
    def held():
        return len(os.listdir("/proc/self/fd")), Path("/proc/self/maps").read_text().count(".run")

    before = held()
    runs = [service.open_run(ENDLESS) for _ in range(30)]
    assert held()[1] >= before[1] + 30
    for run in runs:
        run.start(changed(ENDLESS, iterations=20_000))

    for run in runs:
        run.close()

    assert held() == before
    assert list(service.memory.folders[0].glob("*.run")) == []


def test_each_process_has_runs_of_its_own_and_takes_only_those_with_it(monkeypatch):
    monkeypatch.setenv("LRDEMO_PROCESSES", "2")
    service = Service()
    try:
        one = service.open_run(ENDLESS)
        other = service.open_run(ENDLESS)
        assert len(service.worker_pids) == 2
        one.step(50)
        other.step(70)
        settled(one, 50)
        settled(other, 70)
        second = service.worker_pids[1]

        kill(service)
        assert becomes(lambda: one.rebuilt == 1)

        assert (other.rebuilt, service.worker_pids[1]) == (0, second)
        other.step(5)
        settled(other, 75)
        one.step(5)
        settled(one, 55)
        third = service.open_run(ENDLESS)
        settled(third)
        assert len(service.worker_pids) == 2
    finally:
        service.close()


def test_the_number_of_processes_is_that_of_spare_cores_or_as_said(monkeypatch):
    monkeypatch.delenv("LRDEMO_PROCESSES", raising=False)
    for cores, expected in ((1, 1), (2, 1), (8, 7)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _pid, cores=cores: set(range(cores)))
        assert training_process.process_count() == expected
    for said, expected in (("3", 3), ("0", 7), ("many", 7)):
        monkeypatch.setenv("LRDEMO_PROCESSES", said)
        assert training_process.process_count() == expected


def test_the_handle_alone_keeps_commands_in_order_until_somebody_carries_them_out(service):
    """Attach a handle by hand: first nowhere, then where its messages can be looked at."""
    run, sent = RunHandle(service.memory, ENDLESS), []
    threads = [threading.Thread(target=run.step, args=[count]) for count in (1, 2, 3)]
    for count, thread in enumerate(threads, 1):
        thread.start()
        assert becomes(lambda count=count: len(run._commands) == count)
    run.leave()

    run.attach(sent.append)

    assert [(verb, arguments) for _, _, verb, arguments in sent[1:]] == [("step", (1,)), ("step", (2,)), ("step", (3,))]
    (opening,) = sent[0][3]
    assert (sent[0][2], opening.away, opening.standing.iteration) == ("open", True, 0)
    deadline = time.monotonic() + LONG
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    run.close()
    assert sent[-1][2] == "close"
