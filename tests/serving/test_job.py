import math
from pathlib import Path

import pytest
import torch

from lrdemo.errors import ServiceError, SettingsError
from lrdemo.race import Race
from lrdemo.serving.board import Board
from lrdemo.serving.job import SLICE_STEPS, Job, build
from lrdemo.serving.messages import Event
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


@pytest.fixture
def open_job(digits, tmp_path):
    def opened(rates=(), **values):
        board = Board(tmp_path / f"{len(list(Path(tmp_path).iterdir()))}.run", most_lanes=len(rates) or 1)
        return Job(board, lambda settings: build(settings, rates, digits), Settings(**values)), board

    return opened


def parameters_of(job):
    return torch.nn.utils.parameters_to_vector(job.learner.model.parameters()).detach().clone()


def work(job, until, clock=lambda: 0.0):
    while job.learner.iteration < until and job.state == "running":
        job.work(clock)


def work_to_the_goal(job):
    while job.due(0.0) and job.learner.iteration < job.learner.settings.iterations:
        job.work(lambda: 0.0)


def test_a_new_job_is_ready_and_publishes_the_untrained_model(open_job):
    job, board = open_job(iterations=50)

    found = board.read()

    assert (job.state, found.state, found.iteration, found.iterations) == ("ready", "ready", 0, 50)
    assert found.lane.learning_rate == 0.1
    assert [point.iteration for point in found.lane.tests] == [0]
    assert torch.equal(torch.from_numpy(found.lane.parameters), parameters_of(job))
    assert job.due(100.0) == 0


def test_start_pause_resume_finish(open_job):
    job, board = open_job(iterations=60, pace=0)
    states = []

    job.start(0.0)
    states.append(board.read().state)
    job.work(lambda: 0.0)
    done = job.learner.iteration
    job.pause(0.0)
    job.work(lambda: 9.0)
    states.append(board.read().state)
    assert 0 < job.learner.iteration == done == board.read().iteration
    job.resume(0.0)
    states.append(board.read().state)
    work(job, 60)
    states.append(board.read().state)

    assert states == ["running", "paused", "running", "finished"]
    assert board.read().iteration == 60
    assert job.due(10.0) == 0


def test_the_published_run_is_the_one_that_a_trainer_alone_does(open_job, digits):
    job, board = open_job(iterations=60, pace=0)
    alone = Trainer(job.learner.settings, digits)
    alone.advance(60)

    job.start(0.0)
    work(job, 60)

    found = board.read().lane
    assert torch.equal(parameters_of(job), torch.nn.utils.parameters_to_vector(alone.model.parameters()))
    assert found.loss.tolist() == alone.history.loss.tolist()
    assert found.accuracy.tolist() == alone.history.accuracy.tolist()
    assert [point.iteration for point in found.tests] == [point.iteration for point in alone.history.tests]


def test_step_does_exactly_so_many_and_stands_still(open_job):
    job, board = open_job(iterations=130)

    job.step(0.0, 1)
    job.step(0.0, 10)
    assert (board.read().state, board.read().iteration) == ("paused", 11)
    job.step(0.0, 100)
    assert (board.read().state, board.read().iteration) == ("paused", 111)
    job.step(0.0, 100)

    assert (board.read().state, board.read().iteration) == ("finished", 130)


def test_a_step_while_running_pauses(open_job):
    job, board = open_job(iterations=130, pace=0)
    job.start(0.0)
    job.work(lambda: 0.0)
    done = job.learner.iteration

    job.step(0.0, 10)

    assert (board.read().state, board.read().iteration) == ("paused", done + 10)


def test_reset_gives_the_same_start_and_a_new_revision(open_job):
    job, board = open_job(iterations=50)
    untrained, revision = parameters_of(job), board.revision
    job.step(0.0, 30)
    assert not torch.equal(parameters_of(job), untrained)

    job.reset(0.0)

    assert torch.equal(parameters_of(job), untrained)
    assert (board.read().state, board.read().iteration, len(board.read().lane.loss)) == ("ready", 0, 0)
    assert board.revision == revision + 1


def test_start_of_a_finished_run_begins_again_with_the_settings_given(open_job):
    job, board = open_job(iterations=5, pace=0)
    job.step(0.0, 5)
    assert board.read().state == "finished"

    job.start(0.0, Settings(iterations=7, seed=4, pace=0))

    assert (job.learner.iteration, job.learner.settings.seed, board.read().state) == (0, 4, "running")
    assert board.read().iterations == 7


def test_a_finished_run_does_not_resume_and_takes_no_step(open_job):
    job, board = open_job(iterations=5)
    job.step(0.0, 5)

    job.resume(0.0)
    job.step(0.0, 1)
    job.pause(0.0)

    assert (board.read().state, board.read().iteration) == ("finished", 5)


def test_the_pace_says_how_many_iterations_are_due(open_job):
    job, _ = open_job(iterations=600, pace=10)
    job.start(100.0)

    assert job.due(100.0) == 0
    assert job.due(100.09) == 0
    assert job.due(100.11) == 1
    assert job.due(100.55) == 5
    assert job.wait(100.0) == pytest.approx(0.1)
    assert job.wait(100.04) == pytest.approx(0.06)

    job.work(lambda: 100.55)
    assert job.learner.iteration == 5
    assert job.due(100.55) == 0
    assert job.wait(100.55) == pytest.approx(0.05)


def test_a_pause_is_not_caught_up_afterwards(open_job):
    job, _ = open_job(iterations=600, pace=10)
    job.start(0.0)
    job.pause(0.05)

    job.resume(60.0)

    assert job.due(60.0) == 0
    assert job.due(60.11) == 1


def test_what_was_missed_for_more_than_a_second_is_forgotten(open_job):
    job, _ = open_job(iterations=600, pace=10)
    job.start(0.0)

    assert job.due(5.0) == 1
    assert job.due(5.0) == 0
    assert job.due(5.11) == 1


def test_another_pace_applies_from_now_on(open_job):
    job, board = open_job(iterations=600, pace=10)
    job.start(0.0)

    job.set_pace(1.0, 100)

    assert board.read().pace == 100
    assert job.due(1.0) == 0
    assert job.due(1.055) == 5


def test_full_speed_has_something_to_do_at_once_but_no_more_than_a_slice(open_job):
    job, _ = open_job(iterations=600, pace=0)

    job.start(0.0)

    assert 1 <= job.due(0.0) <= SLICE_STEPS


def test_slow_iterations_make_shorter_slices(open_job):
    job, _ = open_job(iterations=600, pace=0)
    job.start(0.0)
    seconds = iter(range(1_000))

    for _ in range(20):
        job.work(lambda: float(next(seconds)))

    assert job.due(0.0) == 1


def test_the_rate_is_what_was_done_per_second(open_job):
    job, board = open_job(iterations=600, pace=100)
    job.start(0.0)

    for tick in range(1, 101):
        job.work(lambda now=tick / 100: now)

    assert board.read().rate == pytest.approx(100, rel=0.05)
    job.pause(1.01)
    job.reset(2.0)
    assert board.read().rate == 0


def test_a_run_whose_numbers_overflow_has_diverged_and_ends(open_job):
    job, board = open_job(iterations=600, pace=0)
    job.start(0.0)
    with torch.no_grad():
        for parameter in job.learner.model.parameters():
            parameter.fill_(math.nan)

    job.work(lambda: 0.0)

    assert board.read().state == "diverged"
    assert board.read().iteration == len(board.read().lane.loss) == 0
    job.resume(0.0)
    job.step(0.0, 1)
    assert board.read().state == "diverged" and job.due(1.0) == 0
    job.start(0.0)
    assert board.read().state == "running" and math.isfinite(board.read().lane.parameters.sum())


def test_the_learning_rate_changes_from_the_next_iteration_on(open_job, digits):
    job, board = open_job(iterations=30)
    trainer = Trainer(job.learner.settings, digits)
    trainer.advance(10)
    trainer.set_learning_rate(0.5)
    trainer.advance(20)

    job.step(0.0, 10)
    job.set_learning_rate(0.0, 0.5)
    assert board.read().lane.learning_rate == 0.5
    job.step(0.0, 20)

    assert torch.equal(parameters_of(job), torch.nn.utils.parameters_to_vector(trainer.model.parameters()))


def test_a_learning_rate_outside_its_limits_is_refused(open_job):
    job, _ = open_job()

    with pytest.raises(SettingsError, match="Learning rate"):
        job.set_learning_rate(0.0, 11.0)


@pytest.mark.parametrize("values", [{}, {"momentum": 0.9, "weight_decay": 1e-3}, {"model": "mlp"}])
def test_a_rebuilt_run_has_the_same_parameters_to_the_last_bit(open_job, values):
    values = {**values, "gradient": "autograd"} if "model" in values else values
    undisturbed, board = open_job(iterations=200, pace=0, **values)
    undisturbed.step(0.0, 33)
    undisturbed.set_learning_rate(0.0, 0.4)
    undisturbed.step(0.0, 50)
    undisturbed.set_learning_rate(0.0, 0.02)
    undisturbed.step(0.0, 20)
    events = [Event(33, "set_learning_rate", (0.4,)), Event(83, "set_learning_rate", (0.02,))]

    rebuilt, other = open_job(iterations=200, pace=0, **values)
    rebuilt.rebuild(0.0, events, 103, "paused")
    work_to_the_goal(rebuilt)

    assert (other.read().state, other.read().iteration) == ("paused", 103)
    assert other.read().lane.learning_rate == 0.02
    assert torch.equal(parameters_of(rebuilt), parameters_of(undisturbed))
    assert other.read().lane.loss.tolist() == board.read().lane.loss.tolist()


@pytest.mark.parametrize("state", ["ready", "paused", "finished"])
def test_a_rebuilt_run_is_in_the_state_that_it_was_in(open_job, state):
    iteration = {"ready": 0, "paused": 30, "finished": 40}[state]
    job, board = open_job(iterations=40, pace=10)

    job.rebuild(0.0, [], iteration, state)
    work_to_the_goal(job)

    assert (board.read().state, board.read().iteration) == (state, iteration)


def test_a_rebuilt_run_that_was_running_goes_on_at_its_pace(open_job):
    job, board = open_job(iterations=600, pace=10)

    job.rebuild(0.0, [], 45, "running")
    while job.learner.iteration < 45:
        job.work(lambda: 0.0)

    assert (job.state, job.due(0.0), job.due(0.11)) == ("running", 0, 1)


def test_a_run_paused_while_it_is_rebuilt_stands_still_where_it_was(open_job):
    job, board = open_job(iterations=600, pace=0)
    job.rebuild(0.0, [], 45, "running")

    job.pause(0.0)
    work_to_the_goal(job)

    assert (board.read().state, board.read().iteration) == ("paused", 45)


def test_a_rebuilt_run_goes_on_when_its_visitor_was_only_away_for_a_moment(open_job):
    job, board = open_job(iterations=600, pace=10)
    job.rebuild(0.0, [], 45, "running")

    job.pause(0.0)
    job.resume(0.0)
    while job.learner.iteration < 45:
        job.work(lambda: 0.0)

    assert (job.state, job.due(0.0), job.due(0.11)) == ("running", 0, 1)


@pytest.mark.parametrize("state", ["finished", "diverged"])
def test_a_rebuilt_run_that_had_ended_is_neither_paused_nor_resumed(open_job, state):
    job, board = open_job(iterations=600, pace=0)
    job.rebuild(0.0, [], 45, state)

    job.pause(0.0)
    job.resume(0.0)
    work_to_the_goal(job)

    assert (board.read().state, board.read().iteration) == (state, 45)


def test_a_new_worker_goes_on_with_the_revisions_of_the_one_before(open_job, digits):
    job, board = open_job(iterations=40)
    job.step(0.0, 20)

    Job(Board(board.path), lambda settings: build(settings, (), digits), Settings(iterations=40))

    assert board.read().revision == 2
    assert board.read().iteration == 0


def test_commands_come_by_name_and_an_unknown_one_is_refused(open_job):
    job, _ = open_job(iterations=40)

    job.apply(0.0, "step", 3)
    assert job.learner.iteration == 3

    for verb in ("publish", "__init__", "fly"):
        with pytest.raises(ServiceError, match=f"There is no command '{verb}'"):
            job.apply(0.0, verb)


def test_a_race_publishes_all_its_lanes_and_keeps_its_rates(open_job):
    rates = (0.01, 0.1, 1.0)
    job, board = open_job(rates, iterations=30)

    job.step(0.0, 30)

    found = board.read()
    assert isinstance(job.learner, Race)
    assert [lane.learning_rate for lane in found.lanes] == list(rates)
    for index, lane in enumerate(found.lanes):
        weight = torch.from_numpy(lane.parameters[:7840].reshape(10, 784))
        assert torch.equal(weight, job.learner.weight(index))
        assert torch.equal(torch.from_numpy(lane.parameters[7840:]), job.learner.bias(index))
    with pytest.raises(ServiceError, match="keeps its learning rates"):
        job.set_learning_rate(0.0, 0.5)


def test_the_two_gradients_agree_and_the_mlp_has_only_one(open_job):
    softmax, board = open_job()
    mlp, other = open_job(model="mlp", gradient="autograd")

    softmax.step(0.0, 1)
    mlp.step(0.0, 1)

    assert 0 <= board.read().gradient_difference < 1e-5
    assert math.isnan(other.read().gradient_difference)
