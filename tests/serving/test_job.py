import itertools
import math
import random

import numpy as np
import pytest
import torch

from lrdemo.drawings.teach import teach
from lrdemo.errors import ServiceError, SettingsError
from lrdemo.evaluate import evaluate
from lrdemo.model import build_model
from lrdemo.race import Race
from lrdemo.serving.board import Board, shape_of
from lrdemo.serving.job import MOST_STEPS, Job, build
from lrdemo.serving.messages import Event, Opening, Standing
from lrdemo.serving.publishing import MOST_SHARE, Publisher
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

SLICE = 0.004
UNTOUCHED = Standing()


def parameters_of(job):
    return torch.nn.utils.parameters_to_vector(job.run.model.parameters()).detach().clone()


def piece(job, now=0.0):
    """Let the job do one piece of work at a moment that stands still, if any is due."""
    if job.due(now):
        job.work(lambda: now, SLICE)


def work(job, until):
    while (job.run.iteration < until or job.run.busy) and job.due(0.0):
        piece(job)


def work_to_the_goal(job):
    """Work until every command is completed."""
    while job.due(0.0) and not (job.at_rest and job.run.tested):
        piece(job)


def step(job, count):
    job.step(0.0, count)
    work_to_the_goal(job)


def test_a_new_job_is_ready_and_publishes_the_untrained_model(open_job):
    job, board = open_job(iterations=50)

    found = board.read()

    assert (job.state, found.state, found.iteration, found.iterations) == ("ready", "ready", 0, 50)
    assert found.lane.learning_rate == 0.1
    assert [point.iteration for point in found.lane.tests] == [0]
    assert torch.equal(torch.from_numpy(found.lane.parameters), parameters_of(job))
    assert not job.due(100.0)


def test_start_pause_resume_finish(open_job):
    job, board = open_job(iterations=60, pace=0)
    states = []

    job.start(0.0)
    states.append(board.read().state)
    piece(job)
    done = job.run.iteration
    job.pause(0.0)
    piece(job, 9.0)
    states.append(board.read().state)
    assert 0 < job.run.iteration == done == board.read().iteration
    job.resume(0.0)
    states.append(board.read().state)
    work(job, 60)
    states.append(board.read().state)

    assert states == ["running", "paused", "running", "finished"]
    assert board.read().iteration == 60
    assert not job.due(10.0)


def test_the_published_run_is_the_one_that_a_trainer_alone_does(open_job, digits):
    job, board = open_job(iterations=60, pace=0)
    alone = Trainer(job.run.settings, digits)
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

    step(job, 1)
    step(job, 10)
    assert (board.read().state, board.read().iteration) == ("paused", 11)
    step(job, 100)
    assert (board.read().state, board.read().iteration) == ("paused", 111)
    step(job, 100)

    assert (board.read().state, board.read().iteration) == ("finished", 130)


def test_a_step_while_running_pauses(open_job):
    job, board = open_job(iterations=130, pace=0)
    job.start(0.0)
    piece(job)
    done = job.run.iteration

    step(job, 10)

    assert (board.read().state, board.read().iteration) == ("paused", done + 10)


def test_reset_gives_the_same_start_and_a_new_revision(open_job):
    job, board = open_job(iterations=50)
    untrained, revision = parameters_of(job), board.read().revision
    step(job, 30)
    assert not torch.equal(parameters_of(job), untrained)

    job.reset(0.0)

    assert torch.equal(parameters_of(job), untrained)
    assert (board.read().state, board.read().iteration, len(board.read().lane.loss)) == ("ready", 0, 0)
    assert board.read().revision == revision + 1


def test_start_of_a_finished_run_begins_again_with_the_settings_given(open_job):
    job, board = open_job(iterations=5, pace=0)
    step(job, 5)
    assert board.read().state == "finished"

    job.start(0.0, Settings(iterations=7, seed=4, pace=0))

    assert (job.run.iteration, job.run.settings.seed, board.read().state) == (0, 4, "running")
    assert board.read().iterations == 7


def test_a_finished_run_does_not_resume_and_takes_no_step(open_job):
    job, board = open_job(iterations=5)
    step(job, 5)

    for command in (["resume"], ["step", 1], ["pause"]):
        job.apply(0.0, *command)
        assert job.standing == Standing(1, 5, "finished", None)

    assert (board.read().state, board.read().iteration) == ("finished", 5)


def test_a_job_does_what_its_pace_allows(open_job):
    job, _ = open_job(iterations=600, pace=10)
    job.start(100.0)

    assert (job.due(100.0), job.due(100.09), job.due(100.11)) == (False, False, True)
    assert job.wait(100.0) == pytest.approx(0.1)
    assert job.wait(100.04) == pytest.approx(0.06)

    piece(job, 100.55)
    assert job.run.iteration == 5
    assert not job.due(100.55)
    assert job.wait(100.55) == pytest.approx(0.05)


def test_a_pause_is_not_caught_up_afterwards(open_job):
    job, _ = open_job(iterations=600, pace=10)
    job.start(0.0)
    job.pause(0.05)

    job.resume(60.0)

    assert not job.due(60.0)
    assert job.due(60.11)


def test_another_pace_applies_from_now_on(open_job):
    job, board = open_job(iterations=600, pace=10)
    job.start(0.0)

    job.set_pace(1.0, 100)

    assert board.read().pace == 100
    assert not job.due(1.0)
    assert (job.wait(1.0), job.wait(1.02)) == (pytest.approx(0.01), 0.0)
    piece(job, 1.055)
    assert job.run.iteration == 5


def test_full_speed_has_something_to_do_at_once_but_no_more_than_a_slice(open_job):
    job, _ = open_job(iterations=600, pace=0)

    job.start(0.0)
    piece(job)

    assert 1 <= job.run.iteration <= MOST_STEPS


def test_slow_iterations_make_shorter_slices(open_job):
    seconds = iter(range(1_000))
    job, _ = open_job(iterations=600, pace=0, meter=lambda: float(next(seconds)))
    job.start(0.0)

    for _ in range(40):
        piece(job)
    while job.run.busy:
        piece(job)
    before = job.run.iteration
    piece(job)

    assert job.run.iteration == before + 1


def test_what_one_run_has_learnt_of_a_steps_cost_serves_all_equal_ones(open_job):
    seconds, clock = {}, iter(range(1_000))
    slow, _ = open_job(iterations=600, pace=0, seconds=seconds, meter=lambda: float(next(clock)))
    slow.start(0.0)
    for _ in range(40):
        piece(slow)

    equal, _ = open_job(iterations=600, pace=0, seconds=seconds)
    other, _ = open_job(iterations=600, pace=0, seconds=seconds, batch_size=99)
    for job in (equal, other):
        job.start(0.0)
        piece(job)

    assert equal.run.iteration == 1 < other.run.iteration


def test_a_slow_piece_makes_the_next_ones_a_little_shorter(open_job):
    seconds, clock = {}, iter(range(1_000_000))
    job, _ = open_job(
        standing=Standing(1, 1_000, "running"), iterations=3_000, pace=0,
        seconds=seconds, meter=lambda: 0.008 * next(clock),
    )  # fmt: skip
    seconds.clear()
    done = [job.run.iteration]

    for _ in range(3):
        piece(job)
        done.append(job.run.iteration)

    # At first 0.2 ms a step; each piece of 8 ms moves that by a tenth: 0.2, 0.22, 0.2424 ms.
    assert np.diff(done).tolist() == [20, 18, 16]


def test_a_running_run_is_shown_when_it_is_time_and_has_worked_enough(open_job):
    clock = iter(range(1_000_000))
    job, board = open_job(iterations=600, pace=0, meter=lambda: 0.004 * next(clock))
    job.start(0.0)
    job._publisher._cost = 0.9 * MOST_SHARE * 4 * 0.004
    shown = []

    for moment in (0.01, 0.02, 0.03, 0.05, 0.06):
        before = board.sequence
        piece(job, moment)
        shown.append(board.sequence > before)

    assert shown == [False, False, False, True, False]
    assert board.read().state == "running"


def test_the_rate_is_what_was_done_per_second(open_job):
    clock = itertools.count()
    job, board = open_job(iterations=600, pace=100, meter=lambda: 0.0001 * next(clock))
    job.start(0.0)

    for tick in range(1, 101):
        piece(job, tick / 100)

    assert board.read().speed == pytest.approx(100, rel=0.05)
    job.pause(1.01)
    job.reset(2.0)
    assert board.read().speed == 0


def test_a_run_whose_numbers_overflow_has_diverged_and_ends(open_job):
    job, board = open_job(iterations=600, pace=0)
    job.start(0.0)
    with torch.no_grad():
        for parameter in job.run.model.parameters():
            parameter.fill_(math.nan)

    piece(job)

    assert board.read().state == "diverged"
    assert board.read().iteration == len(board.read().lane.loss) == 0
    for command in (["resume"], ["step", 1], ["pause"]):
        job.apply(0.0, *command)
        assert job.standing == Standing(1, 0, "diverged", None) and not job.due(1.0)
    with pytest.raises(ServiceError, match="has diverged. Reset it"):
        job.apply(0.0, "teach", *lesson())
    assert job.at_rest
    job.apply(0.0, "start")
    assert board.read().state == "running" and math.isfinite(board.read().lane.parameters.sum())


def test_the_learning_rate_changes_from_the_next_iteration_on(open_job, digits):
    job, board = open_job(iterations=30)
    trainer = Trainer(job.run.settings, digits)
    trainer.advance(10)
    trainer.set_learning_rate(0.5)
    trainer.advance(20)

    step(job, 10)
    job.set_learning_rate(0.0, 0.5)
    assert board.read().lane.learning_rate == 0.5
    step(job, 20)

    assert torch.equal(parameters_of(job), torch.nn.utils.parameters_to_vector(trainer.model.parameters()))


def test_a_learning_rate_outside_its_limits_is_refused(open_job):
    job, _ = open_job()

    with pytest.raises(SettingsError, match="Learning rate"):
        job.set_learning_rate(0.0, 11.0)


@pytest.mark.parametrize("values", [{}, {"momentum": 0.9, "weight_decay": 1e-3}, {"model": "mlp"}])
def test_a_rebuilt_run_has_the_same_parameters_to_the_last_bit(open_job, values):
    values = {**values, "gradient": "autograd"} if "model" in values else values
    undisturbed, board = open_job(iterations=200, pace=0, **values)
    step(undisturbed, 33)
    undisturbed.set_learning_rate(0.0, 0.4)
    step(undisturbed, 50)
    undisturbed.set_learning_rate(0.0, 0.02)
    step(undisturbed, 20)
    events = [Event(33, "set_learning_rate", (0.4,)), Event(83, "set_learning_rate", (0.02,))]

    rebuilt, other = open_job((), events, Standing(1, 103, "paused"), iterations=200, pace=0, **values)

    assert (other.read().state, other.read().iteration) == ("paused", 103)
    assert other.read().lane.learning_rate == 0.02
    assert torch.equal(parameters_of(rebuilt), parameters_of(undisturbed))
    assert other.read().lane.loss.tolist() == board.read().lane.loss.tolist()


def test_what_was_changed_before_the_first_iteration_is_rebuilt_too(open_job):
    _, board = open_job((), [Event(0, "set_learning_rate", (0.4,))], Standing(1, 0, "ready"), iterations=40)

    assert (board.read().state, board.read().lane.learning_rate) == ("ready", 0.4)


@pytest.mark.parametrize("state", ["ready", "paused", "finished"])
def test_a_rebuilt_run_is_in_the_state_that_it_was_in(open_job, state):
    iteration = {"ready": 0, "paused": 30, "finished": 40}[state]
    _, board = open_job(standing=Standing(1, iteration, state), iterations=40, pace=10)

    assert (board.read().state, board.read().iteration) == (state, iteration)


def test_a_rebuilt_run_that_was_running_goes_on_at_its_pace(open_job):
    job, board = open_job(standing=Standing(1, 45, "running"), iterations=600, pace=10)

    assert (job.state, job.run.iteration, job.due(0.0), job.due(0.11)) == ("running", 45, False, True)


def test_a_run_paused_while_it_is_rebuilt_stands_still_where_it_was(open_job):
    job, board = open_job(standing=Standing(1, 45, "running"), tested=False, iterations=600, pace=0)

    job.pause(0.0)
    work_to_the_goal(job)

    assert (board.read().state, board.read().iteration) == ("paused", 45)


def test_a_rebuilt_run_goes_on_when_its_visitor_was_only_away_for_a_moment(open_job):
    job, board = open_job(standing=Standing(1, 45, "running"), tested=False, iterations=600, pace=10)

    job.pause(0.0)
    job.resume(0.0)
    work(job, 45)

    assert (job.state, job.run.iteration, job.due(0.0), job.due(0.11)) == ("running", 45, False, True)


def test_a_rebuilt_run_that_had_ended_is_neither_paused_nor_resumed(open_job):
    job, board = open_job(standing=Standing(1, 45, "running"), tested=False, iterations=45, pace=0)

    job.resume(0.0)
    work_to_the_goal(job)
    job.pause(0.0)

    assert (board.read().state, board.read().iteration) == ("finished", 45)


def test_commands_come_by_name_and_an_unknown_one_is_refused(open_job):
    job, _ = open_job(iterations=40)

    job.apply(0.0, "step", 3)
    work_to_the_goal(job)
    assert job.run.iteration == 3

    for verb in ("publish", "__init__", "fly"):
        with pytest.raises(ServiceError, match=f"There is no command '{verb}'"):
            job.apply(0.0, verb)


def test_a_race_publishes_all_its_lanes_and_keeps_its_rates(open_job):
    rates = (0.01, 0.1, 1.0)
    job, board = open_job(rates, iterations=30)

    step(job, 30)

    found = board.read()
    assert isinstance(job.run, Race)
    assert [lane.learning_rate for lane in found.lanes] == list(rates)
    for index, lane in enumerate(found.lanes):
        weight = torch.from_numpy(lane.parameters[:7840].reshape(10, 784))
        assert torch.equal(weight, job.run.weight(index))
        assert torch.equal(torch.from_numpy(lane.parameters[7840:]), job.run.bias(index))
    with pytest.raises(ServiceError, match="keeps its learning rates"):
        job.set_learning_rate(0.0, 0.5)


def test_the_two_gradients_agree_and_the_mlp_has_only_one(open_job):
    softmax, board = open_job()
    mlp, other = open_job(model="mlp", gradient="autograd")

    step(softmax, 1)
    step(mlp, 1)

    assert 0 <= board.read().gradient_difference < 1e-5
    assert math.isnan(other.read().gradient_difference)


def lesson(steps=3):
    generator = np.random.default_rng(5)
    return generator.integers(0, 256, (2, 784), dtype=np.uint8), np.array([7, 3]), steps, 10


def test_steps_add_up_and_a_pause_gives_up_the_rest(open_job):
    job, board = open_job(iterations=600, batch_size=1_000)
    for count in (10, 20, 30):
        job.step(0.0, count)
    assert not job.at_rest
    work_to_the_goal(job)
    assert (board.read().state, board.read().iteration) == ("paused", 60)

    job.step(0.0, 100)
    piece(job)
    job.pause(0.0)

    assert job.at_rest and board.read().state == "paused"
    assert 60 < board.read().iteration < 160
    stood = job.run.iteration
    work_to_the_goal(job)
    assert job.run.iteration == stood


def test_a_start_after_a_step_runs_to_the_end(open_job):
    job, board = open_job(iterations=60, pace=0)
    job.step(0.0, 5)
    piece(job)

    job.start(0.0)
    work(job, 60)

    assert (board.read().state, board.read().iteration) == ("finished", 60)


def test_each_command_is_returned_with_the_iteration_at_which_it_took_effect(open_job):
    job, _ = open_job(iterations=600)
    events = [job.apply(0.0, "step", 20)]
    work_to_the_goal(job)
    events.append(job.apply(0.0, "set_learning_rate", 0.5))
    events.append(job.apply(0.0, "teach", *lesson()))

    assert [event.iteration for event in events] == [0, 20, 20]
    assert [event.verb for event in events] == ["step", "set_learning_rate", "teach"]
    assert [event.arguments for event in events[:2]] == [(20,), (0.5,)]
    assert job.standing == Standing(1, 20, "paused", None)
    with pytest.raises(SettingsError):
        job.apply(0.0, "set_learning_rate", 11.0)
    assert job.standing == Standing(1, 20, "paused", None)


def test_a_step_in_work_stands_in_the_record_with_its_end(open_job):
    job, _ = open_job(iterations=600)

    job.apply(0.0, "step", 70)

    assert job.standing == Standing(1, 0, "running", 70)


def test_a_job_left_alone_does_nothing_until_somebody_comes_back(open_job):
    job, board = open_job(iterations=600, pace=0, batch_size=1_000)
    job.leave(0.0)

    job.start(0.0)
    job.step(0.0, 50)

    assert not job.due(100.0) and job.wait(100.0) is None
    assert (board.read().state, board.read().iteration) == ("paused", 0)
    job.come_back(100.0)
    assert board.read().state == "running"
    work_to_the_goal(job)
    assert job.run.iteration == 50


def test_a_job_paused_by_hand_stays_paused_when_somebody_comes_back(open_job):
    job, board = open_job(iterations=600, pace=0)
    job.start(0.0)
    job.leave(0.0)
    job.pause(0.0)

    job.come_back(0.0)

    assert board.read().state == "paused" and not job.due(0.0)


def test_what_was_missed_while_nobody_was_there_is_not_made_up_for(open_job):
    job, _ = open_job(iterations=600, pace=10)
    job.start(0.0)
    job.leave(0.0)

    job.come_back(0.9)

    assert (job.due(0.9), job.due(1.01)) == (False, True)


def test_a_teaching_is_done_in_pieces_and_then_tested_and_shown(open_job, digits):
    job, board = open_job(iterations=600, batch_size=2_000)
    step(job, 10)
    alone = Trainer(job.run.settings, digits)
    alone.advance(10)
    before = board.read()

    job.apply(0.0, "teach", *lesson())
    pieces = 0
    while not job.at_rest:
        np.testing.assert_array_equal(board.read().lane.parameters, before.lane.parameters)
        piece(job)
        pieces += 1

    teach(alone, *lesson())
    assert pieces > 5
    assert torch.equal(parameters_of(job), torch.nn.utils.parameters_to_vector(alone.model.parameters()))
    np.testing.assert_array_equal(board.read().lane.parameters, parameters_of(job).numpy())
    assert [point.iteration for point in board.read().lane.tests] == [0, 10, 10]
    assert board.read().state == "paused"


def test_an_undone_teaching_leaves_nothing_behind(open_job):
    job, board = open_job(iterations=600)
    step(job, 10)
    before = board.read()
    for _ in range(3):
        job.apply(0.0, "teach", *lesson())
        work_to_the_goal(job)

        job.apply(0.0, "undo_teaching")

        # At once: nothing has to be trained again.
        assert job.at_rest and board.read().revision == before.revision
        work_to_the_goal(job)
        np.testing.assert_array_equal(board.read().lane.parameters, before.lane.parameters)
        np.testing.assert_array_equal(board.read().lane.test_table, before.lane.test_table)
    with pytest.raises(ServiceError, match="no teaching to undo"):
        job.apply(0.0, "undo_teaching")


def test_a_teaching_undone_before_it_is_tested_leaves_no_wrong_test(open_job):
    job, board = open_job(iterations=600)
    step(job, 10)
    before = board.read()
    job.apply(0.0, "teach", *lesson())

    job.apply(0.0, "undo_teaching")
    work_to_the_goal(job)

    np.testing.assert_array_equal(board.read().lane.parameters, before.lane.parameters)
    np.testing.assert_array_equal(board.read().lane.test_table, before.lane.test_table)


def test_what_is_undone_after_training_on_stays_in_view_until_it_is_trained_again(open_job):
    job, board = open_job(iterations=600)
    plain, other = open_job(iterations=600)
    step(plain, 120)
    step(job, 20)
    job.apply(0.0, "teach", *lesson())
    job.apply(0.0, "step", 100)
    work_to_the_goal(job)
    before = board.read()
    assert not np.array_equal(before.lane.parameters, other.read().lane.parameters)

    job.apply(0.0, "undo_teaching")
    while not job.at_rest:
        assert (board.read().iteration, board.read().state, board.read().revision) == (120, "paused", before.revision)
        piece(job)

    np.testing.assert_array_equal(board.read().lane.parameters, other.read().lane.parameters)
    np.testing.assert_array_equal(board.read().lane.loss, other.read().lane.loss)
    np.testing.assert_array_equal(board.read().lane.test_table, other.read().lane.test_table)
    assert board.read().revision == before.revision + 1


@pytest.mark.parametrize("later", [0, 30])
def test_a_run_that_diverged_after_a_teaching_goes_on_when_that_is_undone(open_job, later):
    job, board = open_job(iterations=600)
    plain, other = open_job(iterations=600)
    step(plain, 20 + later)
    step(job, 20)
    job.apply(0.0, "teach", *lesson())
    work_to_the_goal(job)
    if later:
        step(job, later)
    with torch.no_grad():
        for parameter in job.run.model.parameters():
            parameter.fill_(math.nan)
    step(job, 1)
    assert (board.read().state, board.read().iteration) == ("diverged", 20 + later)

    job.apply(0.0, "undo_teaching")
    while not job.at_rest:
        piece(job)

    assert (board.read().state, board.read().iteration) == ("running", 20 + later)
    assert torch.equal(parameters_of(job), parameters_of(plain))
    np.testing.assert_array_equal(board.read().lane.loss, other.read().lane.loss)


def test_drawings_that_cannot_be_taught_are_refused_and_change_nothing(open_job):
    job, board = open_job(iterations=600)
    race, _ = open_job((0.1, 0.2), iterations=600)
    images, labels, steps, copies = lesson()

    with pytest.raises(ServiceError, match="one label from 0 to 9"):
        job.apply(0.0, "teach", images, labels + 10, steps, copies)
    with pytest.raises(ServiceError, match="A race cannot be taught"):
        race.apply(0.0, "teach", images, labels, steps, copies)

    assert job.at_rest and race.at_rest
    with pytest.raises(ServiceError, match="no teaching to undo"):
        job.apply(0.0, "undo_teaching")


def test_a_start_after_teaching_an_untrained_run_begins_untrained(open_job):
    job, board = open_job(iterations=600, pace=0)
    untrained = parameters_of(job)
    job.apply(0.0, "teach", *lesson())
    work_to_the_goal(job)

    job.apply(0.0, "start")

    assert torch.equal(torch.from_numpy(board.read().lane.parameters), untrained)
    assert board.read().revision == 2


def test_an_untouched_run_is_started_as_it_is(open_job):
    job, board = open_job(iterations=600, pace=0)

    job.apply(0.0, "start", Settings(iterations=600, pace=5), str(board.path))

    assert (board.read().revision, board.read().pace, board.read().state) == (1, 5, "running")


def test_a_run_that_is_ready_goes_on_when_it_is_resumed(open_job):
    job, _ = open_job(iterations=60, pace=0)

    job.apply(0.0, "resume")

    assert job.state == "running"


def test_an_untouched_run_is_built_anew_for_other_settings_on_the_same_board(open_job):
    job, board = open_job(iterations=600, pace=0)
    other, _ = open_job(iterations=600, pace=0, seed=4)

    job.apply(0.0, "start", other.run.settings, str(board.path))

    assert torch.equal(parameters_of(job), parameters_of(other))
    assert (board.read().revision, board.read().state) == (2, "running")
    step(job, 5)
    assert board.read().iteration == 5


def test_a_reset_keeps_the_pace_of_the_moment(open_job):
    job, board = open_job(iterations=600, pace=10)
    job.apply(0.0, "set_pace", 25)

    job.apply(0.0, "reset")

    assert (board.read().state, board.read().pace, board.read().iterations) == ("ready", 25, 600)


def test_commands_in_the_middle_of_a_run_at_a_pace_let_it_go_on(open_job):
    job, board = open_job(iterations=600, pace=100)
    job.start(0.0)
    commands = ["set_learning_rate", 0.5], ["set_pace", 50], ["leave"], ["come_back"], ["pause"]
    for moment, command in zip((0.5, 1.0, 1.5, 2.0, 2.5), commands, strict=True):
        done, away = job.run.iteration, job.away
        for _ in range(20):
            piece(job, moment)
        assert (job.run.iteration > done) is not away

        job.apply(moment, *command)

        state = "paused" if command in (["leave"], ["pause"]) else "running"
        assert (board.read().iteration, board.read().state) == (job.run.iteration, state)


def test_what_is_commanded_while_a_run_is_rebuilt_takes_effect_where_it_was(open_job):
    job, board = open_job(standing=Standing(4, 300, "running"), tested=False, iterations=600, pace=0)
    plain, _ = open_job(iterations=600, pace=0)
    step(plain, 300)
    plain.apply(0.0, "set_learning_rate", 0.5)
    plain.apply(0.0, "teach", *lesson())
    step(plain, 20)
    for _ in range(4):
        piece(job)
    assert 0 < job.run.iteration < 300

    events = [
        job.apply(0.0, "set_learning_rate", 0.5), job.apply(0.0, "teach", *lesson()), job.apply(0.0, "pause"),
        job.apply(0.0, "step", 20),
    ]  # fmt: skip
    work_to_the_goal(job)

    assert [event.iteration for event in events] == [300] * 4
    assert torch.equal(parameters_of(job), parameters_of(plain))
    assert (board.read().state, board.read().iteration) == ("paused", 320)


def test_a_rebuilt_run_shows_what_it_showed_until_it_is_there(open_job, digits):
    job, board = open_job(iterations=200, pace=0)
    step(job, 150)
    before = board.read()
    opening = Opening(str(board.path), job.run.settings, (), (), Standing(before.revision, 150, "paused"), False)

    again = Job(Board(board.path), lambda settings: build(settings, lambda _: digits), opening)
    while not again.at_rest:
        found = board.read()
        assert (found.iteration, found.state, found.revision) == (150, "paused", before.revision)
        piece(again)

    assert (board.read().iteration, board.read().revision) == (150, before.revision + 1)
    np.testing.assert_array_equal(board.read().lane.parameters, before.lane.parameters)


def test_a_pause_while_a_run_is_rebuilt_is_seen_at_once(open_job, digits):
    job, board = open_job(iterations=200, pace=0)
    job.start(0.0)
    work(job, 60)
    opening = Opening(str(board.path), job.run.settings, (), (), Standing(1, 60, "running"), False)
    again = Job(Board(board.path), lambda settings: build(settings, lambda _: digits), opening)

    again.pause(0.0)

    assert (board.read().state, board.read().iteration) == ("paused", board.progress[1])


def test_a_large_step_is_done_in_pieces_and_a_pause_need_not_wait_for_it(open_job, digits):
    job, board = open_job(iterations=20, batch_size=10_000, model="mlp", gradient="autograd", pace=0)
    job.start(0.0)
    for _ in range(5):
        piece(job)
    assert job.run.busy and job.run.iteration == 0

    job.pause(0.0)

    assert board.read().state == "paused" and not job.due(0.0)
    job.resume(0.0)
    work(job, 1)
    alone = Trainer(job.run.settings, digits)
    alone.advance(1)
    assert torch.equal(parameters_of(job), torch.nn.utils.parameters_to_vector(alone.model.parameters()))


def test_a_run_that_explodes_is_called_so(open_job):
    job, board = open_job(iterations=600)
    assert not board.read().exploded
    with torch.no_grad():
        for parameter in job.run.model.parameters():
            parameter.fill_(math.inf)

    step(job, 1)

    assert board.read().exploded


def test_a_job_that_failed_stands_still_and_can_be_reset(open_job):
    job, board = open_job(iterations=600, pace=0)
    job.apply(0.0, "step", 100)
    piece(job)

    job.stop(0.0)

    assert job.at_rest and board.read().state == "paused"
    job.apply(0.0, "reset")
    work_to_the_goal(job)
    assert (board.read().state, board.read().iteration) == ("ready", 0)


@pytest.mark.parametrize("verb", ["start", "reset"])
def test_a_larger_run_moves_to_a_larger_board(open_job, tmp_path, verb):
    job, board = open_job(iterations=40)
    settings = Settings(iterations=60)
    shape = shape_of(settings)
    path = tmp_path / "larger.run"
    path.write_bytes(bytes(shape.size))
    larger = Board(path, shape)

    job.apply(0.0, verb, settings, str(path))
    step(job, 60)

    assert (larger.read().state, larger.read().iteration, larger.read().revision) == ("finished", 60, 2)
    assert (Board(board.path).read().state, Board(board.path).read().iteration) == ("ready", 0)


def test_a_finished_run_is_finished_for_good(open_job):
    job, board = open_job(iterations=5, pace=0)
    step(job, 5)
    sequence = board.sequence

    job.resume(1.0)

    assert (job.state, board.sequence) == ("finished", sequence)


STANDS = {
    "paused": lambda job: (run_for(job, 7), job.apply(0.0, "pause")),
    "stepped": lambda job: job.apply(0.0, "step", 7),
    "left": lambda job: (run_for(job, 7), job.apply(0.0, "leave")),
    "stepped, twice": lambda job: (step(job, 3), job.apply(0.0, "step", 4)),
    "paused before its end": lambda job: (run_for(job, 50), job.apply(0.0, "step", 9), job.apply(0.0, "pause")),
}
KINDS = {
    "softmax": {},
    "mlp": {"model": "mlp", "gradient": "autograd"},
    "race": {"rates": (0.01, 0.1, 1.0)},
    "large": {"batch_size": 2_500},
}


def run_for(job, iterations):
    """Start, and be somewhere after so many iterations; where steps are large, in the middle of one."""
    job.apply(0.0, "start")
    while job.run.iteration < iterations:
        piece(job)
    piece(job)


def assert_tested_here(job, board):
    """The last test on the board is of the present iteration and as good as `evaluate` finds each model there."""
    found, tensors = board.read(), job.run.tensors
    assert found.iteration == job.run.iteration
    for index, lane in enumerate(found.lanes):
        model = build_model(job.run.settings.model, "zeros", 0)
        torch.nn.utils.vector_to_parameters(torch.from_numpy(lane.parameters), model.parameters())
        loss, accuracy = evaluate(model, tensors.test_images, tensors.test_labels)
        last = lane.tests[-1]
        assert (last.iteration, last.accuracy) == (found.iteration, pytest.approx(accuracy, abs=1e-7)), index
        assert last.loss == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", STANDS)
def test_a_run_is_tested_where_it_stands(open_job, how, kind):
    job, board = open_job(iterations=600, pace=0, **KINDS[kind])

    STANDS[how](job)
    stands_at = job.standing.goal or job.run.iteration
    work_to_the_goal(job)

    assert not job.due(9.0) and (board.read().state, board.read().iteration) == ("paused", stands_at)
    assert_tested_here(job, board)


def test_a_pause_is_shown_at_once_and_its_test_as_soon_as_it_is_done(open_job):
    job, board = open_job(iterations=600, pace=0)
    run_for(job, 60)

    job.apply(0.0, "pause")

    shown = board.read()
    assert (shown.state, shown.iteration, shown.lane.tests[-1].iteration) == ("paused", job.run.iteration, 50)
    sequence = board.sequence
    while board.read().lane.tests[-1].iteration == 50:
        assert board.sequence == sequence and job.due(0.0)
        piece(job)
    assert_tested_here(job, board)
    assert not job.due(0.0)


def test_a_step_has_ended_when_it_is_tested(open_job):
    job, board = open_job(iterations=600)

    job.apply(0.0, "step", 7)
    while job.run.iteration < 7 or job.due(0.0):
        assert not job.at_rest and board.read().iteration == 0
        piece(job)

    assert job.at_rest and board.read().state == "paused"
    assert_tested_here(job, board)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_record_of_a_run_does_not_depend_on_where_it_stood(open_job, digits, kind, seed):
    values = {**KINDS[kind], "iterations": 60 if kind == "large" else 160}
    seconds = iter(range(1_000_000))
    # Steps that seem to take seconds are done one by one.
    job, board = open_job(pace=0, meter=lambda: float(next(seconds)), **values)
    alone = build(job.run.settings, lambda _: digits, values.get("rates", ()))
    alone.advance(1_000)
    chance = random.Random(seed)
    stood = 0

    while board.read().state != "finished":
        for _ in range(chance.randrange(9)):
            piece(job)
        command = chance.choice((["pause"], ["step", chance.randrange(1, 9)], ["leave"], ["set_pace", 0]))
        job.apply(0.0, *command)
        for _ in range(chance.choice((0, 1, 2, 4, 40))):
            if job.state != "running" or job.away:
                piece(job)
        stood += job.run.iteration > job.run.histories[0].tests[-1].iteration and job.run.tested
        job.apply(0.0, "come_back")
        job.apply(0.0, "resume")
    work_to_the_goal(job)

    assert stood > 3 and board.read().iteration == alone.iteration
    for lane, history, same in zip(board.read().lanes, job.run.histories, alone.histories, strict=True):
        assert history.tests == same.tests
        assert history.loss.tobytes() == same.loss.tobytes() == lane.loss.tobytes()
        assert history.accuracy.tobytes() == same.accuracy.tobytes() == lane.accuracy.tobytes()
        assert [point.iteration for point in lane.tests] == [point.iteration for point in same.tests]
        np.testing.assert_array_equal(lane.test_table[:, 1], np.array([point.loss for point in same.tests], np.float32))


def test_what_was_only_to_be_seen_is_gone_when_the_run_goes_on(open_job):
    job, board = open_job(iterations=600)
    step(job, 7)
    assert [point.iteration for point in board.read().lane.tests] == [0, 7]

    step(job, 5)
    assert [point.iteration for point in board.read().lane.tests] == [0, 10, 12]
    step(job, 8)
    assert [point.iteration for point in board.read().lane.tests] == [0, 10, 20]


def test_a_run_paused_in_the_middle_of_a_test_is_tested_once(open_job):
    job, board = open_job(iterations=600, pace=0, model="mlp", gradient="autograd")
    job.start(0.0)
    while job.run.iteration < 10:
        piece(job)
    piece(job)
    assert job.run.busy

    job.apply(0.0, "pause")
    work_to_the_goal(job)

    assert not job.due(0.0) and [point.iteration for point in board.read().lane.tests] == [0, 10]
    assert len(job.run.history.tests) == 2


def test_a_test_begun_where_a_run_stood_is_not_ended_elsewhere(open_job):
    job, board = open_job(iterations=600, pace=0, model="mlp", gradient="autograd")
    job.apply(0.0, "step", 11)
    while job.run.iteration < 11:
        piece(job)
    for _ in range(5):
        piece(job)
    assert not job.run.tested

    job.apply(0.0, "step", 20)
    work_to_the_goal(job)

    assert_tested_here(job, board)


def test_a_teaching_is_tested_for_the_record_and_its_undoing_to_be_seen(open_job):
    job, board = open_job(iterations=600, pace=0)
    step(job, 7)
    before = board.read()
    for _ in range(2):
        job.apply(0.0, "teach", *lesson())
        work_to_the_goal(job)
        assert_tested_here(job, board)
        assert [point.iteration for point in job.run.history.tests] == [0, 7]

        job.apply(0.0, "undo_teaching")

        np.testing.assert_array_equal(board.read().lane.test_table, before.lane.test_table)
        assert not job.due(0.0) and len(job.run.history.tests) == 1


def test_a_teaching_of_a_running_run_is_undone_with_a_test_of_what_was_before(open_job):
    job, board = open_job(iterations=600, pace=0)
    run_for(job, 60)
    job.apply(0.0, "teach", *lesson())
    while not job.at_rest:
        piece(job)
    job.apply(0.0, "pause")
    assert not job.due(0.0)

    job.apply(0.0, "undo_teaching")
    work_to_the_goal(job)

    assert board.read().lane.tests[-1].iteration == board.read().iteration > 60
    assert_tested_here(job, board)


@pytest.mark.parametrize("state", ["paused", "running"])
def test_a_rebuilt_run_that_stands_is_shown_with_its_test(open_job, digits, state):
    job, board = open_job(iterations=200, pace=0)
    step(job, 37)
    before = board.read()
    opening = Opening(str(board.path), job.run.settings, (), (), Standing(1, 37, state), state == "running")

    again = Job(Board(board.path), lambda settings: build(settings, lambda _: digits), opening)
    again.apply(0.0, "come_back")
    again.apply(0.0, "pause")
    while not again.at_rest:
        piece(again)

    assert_tested_here(again, board)
    np.testing.assert_array_equal(board.read().lane.test_table, before.lane.test_table)
    assert not again.due(0.0)


def test_a_question_is_answered_although_the_run_is_still_to_be_tested(open_job):
    job, _ = open_job(iterations=600, pace=0)
    run_for(job, 60)

    job.apply(0.0, "pause")

    assert job.askable() and job.due(0.0)


def test_a_run_that_cannot_be_tested_is_tried_once_at_each_command(open_job):
    job, board = open_job(iterations=600)
    calls = []

    def fail():
        calls.append(job.run.iteration)
        raise ZeroDivisionError

    job.run.look = fail
    for verb in ("step", "pause"):
        job.apply(0.0, verb, *[3] * (verb == "step"))
        with pytest.raises(ZeroDivisionError):
            work_to_the_goal(job)
        job.stop(0.0)

        assert not job.due(9.0) and job.at_rest and board.read().state == "paused"

    assert calls == [3, 3]


def test_a_run_is_shown_often_where_that_costs_little_and_never_too_seldom():
    publisher = Publisher(None)
    publisher.put_off(10.0)
    publisher._cost = 0.001
    enough = 0.001 / MOST_SHARE

    assert [publisher.due(10.0 + after, enough) for after in (0.03, 0.05)] == [False, True]
    assert [publisher.due(10.0 + after, 0.9 * enough) for after in (0.05, 0.11, 0.13)] == [False, False, True]
