"""The way back: any iteration of any run as it was, to the last digit; its waypoints; going on from there."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from lrdemo.errors import ServiceError
from lrdemo.evaluate import evaluate
from lrdemo.serving.past import ROOM
from lrdemo.serving.trained import Trained
from lrdemo.trainer import Trainer

SLICE = 0.004
KINDS = {
    "plain": {"iterations": 700},
    "momentum": {"momentum": 0.9, "learning_rate": 0.05, "weight_decay": 0.001, "iterations": 400, "seed": 3},
    "adam": {"optimiser": "adam", "gradient": "autograd", "learning_rate": 0.002, "iterations": 150},
    "nesterov": {"optimiser": "nesterov", "gradient": "autograd", "momentum": 0.8, "iterations": 150, "init": "xavier"},
    "perceptron": {"model": "mlp", "gradient": "autograd", "iterations": 24, "batch_size": 64, "momentum": 0.5},
    "steps in parts": {"batch_size": 3_000, "iterations": 60, "drop_last": True, "changes": "20:0.3,45:0.02"},
    "held out": {"held_out": 5_000, "batch_size": 900, "iterations": 150, "changes": "70:0.01"},
}
EACH = 30
"""Of seven kinds of runs: 210 cases."""


@pytest.fixture
def close_together(monkeypatch):
    """Waypoints so close together that a short run has many."""
    monkeypatch.setattr("lrdemo.serving.past.SPACING_SECONDS", 0.001)


def parameters_of(run: Trained) -> np.ndarray:
    assert isinstance(run, Trainer)
    return torch.nn.utils.parameters_to_vector(run.model.parameters()).detach().numpy().copy()


def piece(job) -> None:
    if job.due(0.0):
        job.work(lambda: 0.0, SLICE)


def work(job) -> None:
    while job.due(0.0):
        piece(job)


def look(job, iteration: int | None) -> None:
    job.apply(0.0, "look_at", iteration)
    work(job)


def drawings(number: int) -> tuple[np.ndarray, np.ndarray]:
    maker = np.random.default_rng(number)
    return maker.integers(0, 256, (3, 784), dtype=np.uint8), maker.integers(0, 10, 3)


def through_everything(job, chosen: random.Random) -> dict[int, tuple[np.ndarray, float]]:
    """Train to the end; change the rate and teach at random; return what there was."""
    found: dict[int, tuple[np.ndarray, float]] = {}
    last = job._settings.iterations
    events = sorted(chosen.sample(range(1, last), 8))
    job.apply(0.0, "step", 1)
    while True:
        while not job.at_rest or job.run.busy:
            piece(job)
        at = job.run.iteration
        found[at] = parameters_of(job.run), job.run.tests[0][-1].accuracy
        if at == last:
            return found
        if at in events and at % 2:
            job.apply(0.0, "set_learning_rate", round(chosen.uniform(0.001, 0.2), 4))
        elif at in events:
            job.apply(0.0, "teach", *drawings(at), chosen.randint(1, 4), 5)
            work(job)
            found[at] = parameters_of(job.run), job.run.tests[0][-1].accuracy
        steps = chosen.choice([1, 2, 3, 5, 8])
        following = [event for event in events if event > at]
        job.apply(0.0, "step", min([steps, last - at, *(event - at for event in following)]))


@pytest.mark.parametrize("kind", KINDS)
def test_any_iteration_is_what_the_run_was_there_to_the_last_digit(open_job, close_together, kind):
    chosen = random.Random(kind)
    job, board = open_job(**KINDS[kind])
    was = through_everything(job, chosen)
    assert job._past.waypoints

    for iteration in chosen.choices(sorted(was)[:-1], k=EACH):
        look(job, iteration)
        seen = board.read()
        assert (seen.moment, seen.wanted) == (iteration, iteration)
        assert np.array_equal(seen.lane.parameters, was[iteration][0]), iteration
        images, labels = job.run.tensors.judged_on(job._settings.held_out)
        of_it = job.in_question
        assert seen.test.accuracy == pytest.approx(evaluate(of_it.model, images, labels)[1], abs=1e-9)


def test_the_curves_and_the_state_stay_those_of_the_present(open_job):
    job, board = open_job(iterations=120, pace=0)
    job.apply(0.0, "start")
    work(job)
    now = board.read()

    look(job, 33)

    back = board.read()
    assert (back.state, back.iteration, back.moment) == ("finished", 120, 33)
    assert back.lane.loss.tolist() == now.lane.loss.tolist()
    assert [(one.iteration, one.accuracy) for one in back.lane.tests] == [
        (one.iteration, one.accuracy) for one in now.lane.tests
    ]
    assert back.epoch == pytest.approx(33 / 600)
    assert back.temperature != now.temperature
    assert not np.array_equal(back.lane.parameters, now.lane.parameters)

    look(job, None)
    again = board.read()
    assert (again.wanted, again.seen) == (None, None)
    assert np.array_equal(again.lane.parameters, now.lane.parameters)
    assert again.temperature == now.temperature


def test_a_run_trains_on_as_soon_as_the_moment_is_seen(open_job):
    job, board = open_job(iterations=400, pace=0)
    job.apply(0.0, "start")
    while job.run.iteration < 100:
        piece(job)
    at = job.run.iteration

    job.apply(0.0, "look_at", 60)
    while board.read().seen is None:
        piece(job)
    assert job.run.iteration == at
    work(job)

    found = board.read()
    assert (found.state, found.iteration, found.moment) == ("finished", 400, 60)


def test_the_end_of_the_run_and_what_lies_beyond_it_are_the_present(open_job):
    job, board = open_job(iterations=50, pace=0)
    job.apply(0.0, "start")
    work(job)

    for iteration in (50, 51, 10_000):
        look(job, iteration)
        assert board.read().seen is None
    look(job, 0)
    assert board.read().moment == 0


@pytest.mark.parametrize("verb", ["start", "resume", "step", "reset", "undo_teaching"])
def test_a_command_whose_effect_is_to_be_seen_leads_back_to_the_present(open_job, verb):
    job, board = open_job(iterations=200, pace=0)
    job.apply(0.0, "step", 60)
    work(job)
    job.apply(0.0, "teach", *drawings(1), 2, 3)
    work(job)
    look(job, 20)

    job.apply(0.0, verb, *((5,) if verb == "step" else ()))
    work(job)

    assert (board.read().wanted, board.read().seen) == (None, None)


def test_a_race_has_no_way_back(open_job):
    job, _ = open_job(rates=(0.1, 0.2), iterations=50)

    with pytest.raises(ServiceError, match="single run"):
        job.apply(0.0, "look_at", 3)
    with pytest.raises(ServiceError, match="has not been there"):
        job.apply(0.0, "go_on_from", 3)


def test_going_on_from_an_iteration_gives_the_run_that_had_come_so_far_only(open_job):
    job, board = open_job(iterations=300, pace=0)
    other, expected = open_job(iterations=300, pace=0)
    for one in (job, other):
        one.apply(0.0, "step", 40)
        work(one)
        one.apply(0.0, "set_learning_rate", 0.4)
        one.apply(0.0, "step", 50)
        work(one)
    # What happens later is no part of the run that goes on from before it.
    job.apply(0.0, "step", 1)
    work(job)
    job.apply(0.0, "set_learning_rate", 0.01)
    job.apply(0.0, "step", 80)
    work(job)
    job.apply(0.0, "teach", *drawings(2), 3, 4)
    work(job)
    look(job, 90)
    revision = board.read().revision

    job.apply(0.0, "go_on_from", 90)
    work(job)
    other.apply(0.0, "resume")
    work(other)

    found, wanted = board.read(), expected.read()
    assert found.revision > revision
    assert found.seen is None
    assert (found.state, found.iteration) == ("finished", 300)
    assert np.array_equal(found.lane.parameters, wanted.lane.parameters)
    assert found.lane.loss.tolist() == wanted.lane.loss.tolist()
    assert found.lane.test_table.tolist() == wanted.lane.test_table.tolist()
    assert found.temperature == wanted.temperature
    assert job.run.history.learning_rates == other.run.history.learning_rates == [(0, 0.1), (40, 0.4)]
    assert [event.verb for event in job._events] == ["set_learning_rate"]


def test_a_run_that_goes_on_from_before_it_can_be_looked_back_at_again(open_job, close_together):
    job, board = open_job(iterations=400, pace=0)
    job.apply(0.0, "start")
    work(job)
    look(job, 150)
    was = board.read().lane.parameters.copy()

    job.apply(0.0, "go_on_from", 200)
    work(job)
    assert [one.iteration for one in job._past.waypoints] == sorted({one.iteration for one in job._past.waypoints})
    look(job, 150)

    assert np.array_equal(board.read().lane.parameters, was)


def test_nobody_goes_on_from_where_the_run_has_not_been(open_job):
    job, _ = open_job(iterations=100)
    job.apply(0.0, "step", 10)
    work(job)

    for iteration in (-1, 11):
        with pytest.raises(ServiceError, match="has not been there"):
            job.apply(0.0, "go_on_from", iteration)
    assert job.run.iteration == 10


def test_what_was_half_way_is_left_when_another_iteration_is_wanted(open_job):
    job, board = open_job(iterations=600, pace=0)
    job.apply(0.0, "start")
    work(job)

    job.apply(0.0, "look_at", 500)
    piece(job)
    assert board.read().seen is None
    look(job, 20)
    first = board.read()
    look(job, 21)
    look(job, 20)

    assert first.moment == board.read().moment == 20
    assert np.array_equal(first.lane.parameters, board.read().lane.parameters)


@pytest.mark.parametrize("model", ["softmax", "mlp"])
def test_the_waypoints_of_a_long_run_have_their_room_and_are_spread_over_it(open_job, close_together, model):
    gradient = "by-hand" if model == "softmax" else "autograd"
    job, _ = open_job(iterations=2_000 if model == "softmax" else 60, model=model, gradient=gradient, pace=0)
    job.apply(0.0, "start")
    work(job)

    kept = [one.iteration for one in job._past.waypoints]
    assert sum(one.size for one in job._past.waypoints) <= ROOM[model]
    assert len(kept) == ROOM[model] // job._past.waypoints[0].size
    assert max(np.diff([0, *kept, job._settings.iterations])) <= 3 * job._settings.iterations / len(kept)
    numbers = sum(parameter.numel() for parameter in job.run.model.parameters())
    assert job._past.waypoints[0].size >= 4 * numbers


def test_a_taught_run_that_is_trained_again_begins_at_a_waypoint_before_the_teaching(open_job, close_together):
    job, board = open_job(iterations=500, pace=0)
    alone, expected = open_job(iterations=500, pace=0)
    for one in (job, alone):
        one.apply(0.0, "step", 300)
        work(one)
    job.apply(0.0, "teach", *drawings(5), 3, 4)
    for one in (job, alone):
        one.apply(0.0, "step", 70)
        work(one)

    job.apply(0.0, "undo_teaching")
    begun = job.run.iteration
    work(job)

    assert 0 < begun <= 300
    found, wanted = board.read(), expected.read()
    assert np.array_equal(found.lane.parameters, wanted.lane.parameters)
    assert found.lane.loss.tolist() == wanted.lane.loss.tolist()
    assert found.lane.test_table.tolist() == wanted.lane.test_table.tolist()
    assert found.temperature == wanted.temperature
