"""A waypoint: a run that goes on from it is the run it was taken of, with every optimiser; minibatches; the record."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lrdemo.history import History
from lrdemo.history import TestPoint as Point
from lrdemo.minibatches import Minibatches
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

KINDS = (
    {},
    {"momentum": 0.9, "weight_decay": 0.01},
    {"gradient": "autograd", "momentum": 0.9},
    {"gradient": "autograd", "optimiser": "adam", "learning_rate": 0.01},
    {"model": "mlp", "gradient": "autograd", "batch_size": 32, "changes": "30:0.01"},
    {"batch_size": 20_000 // 2, "changes": "5:0.5", "held_out": 7_000},
)


def parameters_of(run: Trainer) -> torch.Tensor:
    return torch.nn.utils.parameters_to_vector(run.model.parameters()).detach().clone()


@pytest.mark.parametrize("values", KINDS)
def test_a_run_goes_on_from_a_waypoint_as_if_nothing_had_happened(digits, values):
    settings = Settings(iterations=40, **values)
    steps = 6 if settings.batch_size > 5_000 else 20
    run, other = Trainer(settings, digits), Trainer(settings, digits)
    run.advance(steps)
    waypoint, record = run.waypoint(), run.history.until(run.iteration, len(run.history.tests), 9)
    run.advance(steps)
    # The second trainer has been elsewhere, and is in the middle of something.
    other.advance(3)
    other.work(1)

    for _ in range(2):
        # Twice: what is kept in it is not changed by going on from it.
        other.go_to(waypoint, record.until(waypoint.iteration, waypoint.tests, waypoint.learning_rates))
        assert (other.iteration, other.learning_rate) == (steps, waypoint.learning_rate)
        other.advance(steps)
        assert torch.equal(parameters_of(other), parameters_of(run))

    assert other.history.loss.tolist() == run.history.loss.tolist()
    assert other.history.learning_rates == run.history.learning_rates
    # Where the waypoint is, the test that was due there is made once more.
    assert [point for point in other.history.tests if point.iteration > steps] == [
        point for point in run.history.tests if point.iteration > steps
    ]


def test_a_waypoint_takes_its_tensors_and_the_state_of_one_generator(digits):
    plain, adam = (
        Trainer(Settings(gradient="autograd", optimiser=name), digits, tests=False) for name in ("sgd", "adam")
    )
    for run in (plain, adam):
        run.advance(2)
    generator = torch.Generator().get_state().nbytes

    assert plain.waypoint().size == 7_850 * 4 + generator
    # Two means of each parameter, and a count of steps for weight and bias.
    assert adam.waypoint().size == 3 * 7_850 * 4 + 2 * 4 + generator


@pytest.mark.parametrize("taken", [0, 1, 2, 3, 4, 7])
def test_minibatches_go_on_from_any_place(taken):
    indices = torch.arange(10, dtype=torch.int32)
    first, second = (Minibatches(indices, 4, False, 5) for _ in range(2))
    for _ in range(taken):
        first.take(1)
    place = first.place
    wanted = [first.take(1)[0].tolist() for _ in range(6)]
    second.take(1)

    for _ in range(2):
        second.go_to(place)
        assert [second.take(1)[0].tolist() for _ in range(6)] == wanted


def test_a_record_until_somewhere_is_its_own():
    record = History()
    record.add_learning_rate(0.1)
    record.extend(np.float32([3, 2, 1]), np.float32([0.1, 0.2, 0.3]))
    record.add_test(Point(0, 2.3, 0.1))
    record.add_test(Point(3, 1.0, 0.5))

    before = record.until(2, 1, 1)
    before.extend(np.float32([9]), np.float32([0.9]))

    assert before.loss.tolist() == [3, 2, 9] and before.iterations == 3
    assert [point.iteration for point in before.tests] == [0]
    assert before.learning_rates == [(0, 0.1)]
    assert record.loss.tolist() == [3, 2, 1]
