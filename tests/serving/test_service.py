"""The same scenario on both back ends, and what only the training process can get wrong: dying, and outliving."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from lrdemo.errors import LrdemoError, ServiceError, SettingsError
from lrdemo.serving import service as service_module
from lrdemo.serving.board import Board, Lane, Snapshot
from lrdemo.serving.memory import PLACES
from lrdemo.serving.service import CLOSE_SECONDS, PREPARE, Service
from lrdemo.serving.workplace import Workplace
from lrdemo.settings import Settings, changed
from lrdemo.trainer import Trainer

ROOT = Path(__file__).parents[2]
LONG = 180.0
RECIPE_A = Settings(learning_rate=0.1, batch_size=100, iterations=600, pace=0)
ENDLESS = Settings(iterations=30_000, pace=0)


@pytest.fixture(scope="module", params=["in this process", "worker process"])
def service(request):
    service = Service(in_process=request.param == "in this process")
    assert service.ready.wait(LONG)
    yield service
    service.close()


@pytest.fixture
def open_run(service):
    opened = []

    def open_one(settings=RECIPE_A, rates=()):
        run = service.open_run(settings, rates)
        opened.append(run)
        run.wait(LONG, lambda snapshot: snapshot.state == "ready")
        return run

    yield open_one
    for run in opened:
        run.close()


def finished(snapshot):
    return snapshot.state == "finished"


def reached(iteration):
    return lambda snapshot: snapshot.iteration >= iteration


def stepped(run, count):
    """Step, and wait until that is done, however busy the machine is."""
    before = run.wait(LONG, lambda snapshot: snapshot.state != "running").iteration
    run.step(count)
    return run.wait(LONG, lambda snapshot: snapshot.state != "running" and snapshot.iteration == before + count)


def trained_alone(digits, settings, changes=()):
    """Return the parameters after so many iterations at each learning rate, without any service."""
    trainer = Trainer(settings, digits)
    for iterations, rate in changes:
        trainer.advance(iterations)
        trainer.set_learning_rate(rate)
    trainer.advance(settings.iterations - trainer.iteration)
    return torch.nn.utils.parameters_to_vector(trainer.model.parameters()).detach().numpy()


def disappears(there):
    """Wait until what is looked for is gone; tell whether it is."""
    deadline = time.monotonic() + 30
    while there() and time.monotonic() < deadline:
        time.sleep(0.02)
    return not there()


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_recipe_a_reaches_its_published_accuracy_and_is_the_trainers_run(open_run, digits):
    run = open_run()

    run.start()
    found = run.wait(LONG, finished)

    assert found.iteration == len(found.lane.loss) == 600
    assert found.lane.tests[-1].iteration == 600
    assert 0.900 <= found.lane.tests[-1].accuracy <= 0.906
    np.testing.assert_array_equal(found.lane.parameters, trained_alone(digits, RECIPE_A))


def test_the_same_seed_gives_the_same_run_and_a_new_one_another(open_run):
    run = open_run(changed(RECIPE_A, iterations=100))
    found = []

    for seed in (0, 0, 1):
        run.start(changed(run.settings, seed=seed))
        found.append(run.wait(LONG, finished).lane)
        run.reset()

    np.testing.assert_array_equal(found[0].parameters, found[1].parameters)
    np.testing.assert_array_equal(found[0].loss, found[1].loss)
    assert not np.array_equal(found[0].loss, found[2].loss)
    assert found[0].loss[0] != found[2].loss[0]


def test_a_paused_run_stands_still_while_another_goes_on_and_then_resumes(open_run):
    run, other = open_run(ENDLESS), open_run(ENDLESS)
    run.start()
    run.wait(LONG, reached(50))

    run.pause()
    stood = run.snapshot()
    other.start()
    other.wait(LONG, reached(500))

    assert stood.state == run.snapshot().state == "paused"
    assert run.snapshot().iteration == stood.iteration
    run.resume()
    assert run.wait(LONG, reached(stood.iteration + 20)).revision == stood.revision


def test_steps_are_exact_and_reset_goes_back_to_the_start(open_run):
    run = open_run()
    untrained = run.snapshot()
    seen = []

    for count in (1, 10, 100):
        stepped(run, count)
        seen.append((run.snapshot().state, run.snapshot().iteration))
    run.reset()

    assert seen == [("paused", 1), ("paused", 11), ("paused", 111)]
    assert (run.snapshot().state, run.snapshot().iteration) == ("ready", 0)
    assert run.snapshot().revision == untrained.revision + 1
    np.testing.assert_array_equal(run.snapshot().lane.parameters, untrained.lane.parameters)


def test_learning_rate_and_pace_change_while_it_runs(open_run):
    run = open_run(changed(ENDLESS, pace=5))
    run.start()

    run.set_learning_rate(0.7)
    run.set_pace(0)
    found = run.wait(LONG, reached(300))

    assert (found.state, found.pace, found.lane.learning_rate) == ("running", 0, 0.7)


def test_a_new_learning_rate_gives_the_run_that_the_trainer_gives(open_run, digits):
    settings = changed(RECIPE_A, iterations=120)
    run = open_run(settings)

    stepped(run, 40)
    run.set_learning_rate(0.5)
    run.resume()

    found = run.wait(LONG, finished).lane.parameters
    np.testing.assert_array_equal(found, trained_alone(digits, settings, [(40, 0.5)]))


def test_two_runs_at_full_speed_get_the_same_share(open_run):
    runs = [open_run(ENDLESS), open_run(ENDLESS)]
    for run in runs:
        run.start()
    runs[1].wait(LONG, reached(200))
    before = [run.snapshot().iteration for run in runs]

    runs[1].wait(LONG, reached(before[1] + 3_000))

    done = [run.snapshot().iteration - start for run, start in zip(runs, before, strict=True)]
    assert 0.5 < done[0] / done[1] < 2


def test_a_race_is_run_too(open_run):
    run = open_run(changed(RECIPE_A, iterations=60), (0.01, 0.1))

    run.start()
    found = run.wait(LONG, finished)

    assert [lane.learning_rate for lane in found.lanes] == [0.01, 0.1]
    assert found.lanes[0].loss[-1] > found.lanes[1].loss[-1]
    with pytest.raises(ServiceError, match="keeps its learning rates"):
        run.set_learning_rate(0.5)


def test_what_cannot_be_done_comes_back_as_a_sentence_and_changes_nothing(service, open_run):
    run = open_run()
    missing = next(device for device in ("mps", "cuda") if device not in service.devices)

    with pytest.raises(LrdemoError, match=f"The device '{missing}' is not available on this machine. Choose one of"):
        run.start(changed(RECIPE_A, device=missing))
    with pytest.raises(LrdemoError, match="Learning rate: “11.0” is not a number from 0.0001 to 10"):
        run.set_learning_rate(11.0)
    with pytest.raises(SettingsError, match="Pace: “-1” is not a whole number from 0 to 10000"):
        run.set_pace(-1)

    assert (run.snapshot().state, run.snapshot().pace, run.snapshot().lane.learning_rate) == ("ready", 0, 0.1)
    run.start(RECIPE_A)
    run.wait(LONG, reached(10))


def test_a_command_to_a_run_that_has_ended_is_answered_in_words(service, open_run):
    run = open_run()
    path = run.board.path

    run.close()
    run.close()

    assert run not in service.runs and not path.exists()
    with pytest.raises(ServiceError, match="This run has ended"):
        run.step(1)


def test_a_run_stands_still_while_its_visitor_is_away(open_run):
    run, other = open_run(ENDLESS), open_run(ENDLESS)
    run.start()
    run.wait(LONG, reached(20))

    run.leave()
    stood = run.wait(LONG, lambda snapshot: snapshot.state == "paused")
    stepped(other, 300)
    assert run.snapshot().iteration == stood.iteration
    run.come_back()

    run.wait(LONG, reached(stood.iteration + 20))


def test_a_run_that_was_paused_by_hand_stays_paused_when_its_visitor_comes_back(open_run):
    run = open_run(ENDLESS)
    stepped(run, 5)

    run.leave()
    run.come_back()
    run.set_pace(0)

    assert (run.snapshot().state, run.snapshot().iteration) == ("paused", 5)


def test_watchers_are_told_of_every_command(open_run):
    run = open_run()
    told = []
    run.watchers.append(lambda: told.append(run.snapshot().iteration))

    for told_so_far, count in enumerate((3, 2)):
        stepped(run, count)
        assert disappears(lambda told_so_far=told_so_far: len(told) == told_so_far)

    assert told == [3, 5]


def test_a_killed_worker_is_replaced_and_its_runs_are_built_again_to_the_last_bit(digits):
    settings = changed(RECIPE_A, iterations=700)
    service = Service()
    service.ready.wait(LONG)
    running, paused, untouched = (service.open_run(settings) for _ in range(3))
    for run in (running, paused, untouched):
        run.wait(LONG, lambda snapshot: snapshot.state == "ready")
    stepped(running, 250)
    running.set_learning_rate(0.5)
    stepped(running, 130)
    running.set_pace(200)
    running.resume()
    stepped(paused, 33)
    stood = paused.snapshot()
    first, folder = service.worker_pids[0], service.memory.folders[0]

    os.kill(first, signal.SIGKILL)
    running.wait(LONG, lambda snapshot: running.rebuilt == 1 and snapshot.iteration >= 400)

    assert running.snapshot().pace == 200
    running.set_pace(0)
    found = running.wait(LONG, finished)
    np.testing.assert_array_equal(found.lane.parameters, trained_alone(digits, settings, [(250, 0.5)]))
    after = stepped(paused, 1)
    assert after.revision == stood.revision + 1
    np.testing.assert_array_equal(after.lane.loss[:33], stood.lane.loss)
    assert (untouched.snapshot().state, untouched.rebuilt, paused.rebuilt) == ("ready", 0, 1)
    second = service.worker_pids[0]
    assert second != first and alive(second)

    service.close()

    assert disappears(lambda: alive(second))
    assert not folder.exists()
    assert service.problem is None


TRAINS = "r.start(); r.wait(60, lambda found: found.iteration > 100)"
HANGS = (
    "beats = []; place = s._places[0]; receive = place.receive\n"
    "place.receive = lambda report: (beats.append(report), receive(report))\n"
    "r.wait(60, lambda found: found.state == 'ready')\n"
    "threading.Thread(target=r.ask, args=['lrdemo.trainer:Trainer.advance'], kwargs={'max_steps': 30000}).start()\n"
    "while not any(report[0] == 'beat' and report[1] > 0.2 for report in beats): time.sleep(0.01)"
)


@pytest.mark.parametrize("act", [TRAINS, HANGS], ids=["trains", "hangs"])
def test_the_worker_and_its_folder_go_when_the_server_is_killed(act):
    code = (
        "import threading, time; from lrdemo.serving.service import Service; from lrdemo.settings import Settings\n"
        "s = Service(); r = s.open_run(Settings(iterations=30000, pace=0, model='mlp', gradient='autograd'))\n"
        f"s.ready.wait(60); {act}\n"
        "print(s.worker_pids[0], s.memory.folders[0], flush=True)\n"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        pid, folder = server.stdout.readline().split()
        assert alive(pid) and Path(folder).exists()

        server.kill()

    assert disappears(lambda: alive(pid))
    assert disappears(Path(folder).exists)


def test_closing_in_process_leaves_no_thread_and_no_folder(monkeypatch):
    monkeypatch.setenv("LRDEMO_PROCESSES", "3")
    before = set(threading.enumerate())
    service = Service(in_process=True)
    run, _ = service.open_run(ENDLESS), service.open_run(ENDLESS)
    run.start()
    run.wait(LONG, reached(50))
    (own,) = set(threading.enumerate()) - before

    service.close()

    assert disappears(own.is_alive)
    assert not any(folder.exists() for folder in service.memory.folders)
    assert service.worker_pids == []


class Place(Workplace):
    """A place that the test plays."""

    def __init__(self, changed, first):
        super().__init__(changed)
        self.first, self.log = first, []

    def post(self, message):
        self.log.append(message[2])

    def end(self):
        self.log.append("end")

    def join(self, deadline):
        self.log.append("join")
        self.deadline = deadline


@pytest.fixture
def played(monkeypatch, tmp_path):
    """A service whose training processes, three at most, the test plays."""
    monkeypatch.setenv("LRDEMO_PROCESSES", "3")
    monkeypatch.setenv(PLACES, str(tmp_path))
    monkeypatch.setattr(service_module, "TrainingProcess", lambda folders, changed, first: Place(changed, first))
    service = Service()
    yield service
    service.close()


def shown_running(run):
    lane = Lane(0.1, np.zeros(7_850, np.float32), *np.zeros((2, 0), np.float32), np.zeros((0, 3), np.float32))
    Board(run.board.path).write(Snapshot(1, "running", 0, 600, 600, 100, 0.0, 0.0, (lane,)))


def test_a_process_more_is_started_when_all_have_runs_and_one_prepares_for_all(played):
    counts = []
    for _ in range(5):
        counts.append(len(played._places))
        played.open_run(RECIPE_A)

    assert counts == [1, 2, 3, 3, 3]
    assert [place.first for place in played._places] == [[PREPARE], [], []]
    assert PREPARE == (0, 0, "prepare", ())
    assert [len(place.runs) for place in played._places] == [2, 2, 1]
    assert len(played.runs) == 5 and played.worker_pids == []


def test_a_run_comes_where_least_is_running(played):
    runs = [played.open_run(RECIPE_A) for _ in range(4)]
    assert [len(place.runs) for place in played._places] == [2, 1, 1]
    shown_running(runs[1])
    shown_running(runs[2])

    found = [played.open_run(RECIPE_A)]
    assert found[0] in played._places[0].runs.values()
    shown_running(runs[0])
    shown_running(runs[3])
    found.append(played.open_run(RECIPE_A))

    assert found[1] in played._places[1].runs.values()
    assert [place.running for place in played._places] == [2, 1, 1]


def test_training_is_possible_as_long_as_one_process_can_train(played):
    assert not played.ready.is_set() and played.devices == ("cpu",)
    runs = [played.open_run(RECIPE_A) for _ in range(3)]
    first, second, third = played._places
    second.receive(("ready", ("cpu", "cuda")))
    assert played.ready.is_set() and played.devices == ("cpu", "cuda")

    first.receive(("failed", "No digits."))
    assert played.problem is None and runs[0].problem == "No digits." and runs[1].problem is None
    others = [played.open_run(RECIPE_A) for _ in range(2)]
    assert len(first.runs) == 1 and {run.problem for run in others} == {None}
    second.ready = False
    second._changed()
    assert not played.ready.is_set()
    for place in (second, third):
        place.receive(("failed", "No memory."))

    assert played.problem == "No digits." and played.ready.is_set()
    with pytest.raises(ServiceError, match="No digits"):
        played.open_run(RECIPE_A)


def test_at_the_end_all_runs_are_closed_and_all_processes_asked_before_one_is_waited_for(played):
    runs = [played.open_run(RECIPE_A) for _ in range(3)]

    before = time.monotonic()
    played.close()

    assert [place.log for place in played._places] == [["open", "close", "end", "join"]] * 3
    assert len({place.deadline for place in played._places}) == 1
    assert before + CLOSE_SECONDS <= played._places[0].deadline < before + 2
    assert played.runs == [] and not any(run.board.path.exists() for run in runs)
    assert not any(folder.exists() for folder in played.memory.folders)


@pytest.mark.parametrize(
    "module",
    ["serving.service", "ui.server.app", "ui.server.visitor", "ui.state", "ui.settings_panel", "ui.live"],
)
def test_the_web_server_loads_no_torch(module):
    code = f"import sys, lrdemo.{module}; print('torch' in sys.modules, 'torchvision' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
