"""What a run shows of itself: its own numbers, the comparison of the two gradients, and how often."""

import math

import numpy as np
import pytest
import torch

from lrdemo.gradient import gradient_difference
from lrdemo.race import Race
from lrdemo.serving.board import Board, shape_of
from lrdemo.serving.pace import Pace
from lrdemo.serving.past import Past
from lrdemo.serving.publishing import Publisher
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


@pytest.fixture
def publisher_for(tmp_path):
    def made(run):
        path, shape = tmp_path / "1.run", shape_of(run.settings, len(run.histories))
        path.write_bytes(bytes(shape.size))
        return Publisher(Board(path, shape))

    return made


def published(publisher, run, now, state="running", revision=1):
    publisher.publish(run, revision, state, Pace(run.settings.pace), now, Past(lambda: run), 0.0)
    return publisher.board.read()


def test_the_gradients_are_compared_on_the_next_minibatch_as_the_model_gets_it(digits, publisher_for):
    """At most 500 of its images, scaled to 0 … 1."""
    run = Trainer(Settings(batch_size=700, iterations=20), digits)
    run.advance(3)
    batch = run.peek()[:500]
    images, labels = run.tensors.train_images[batch], run.tensors.train_labels[batch]

    found = published(publisher_for(run), run, 0.0, "paused")

    assert found.gradient_difference == gradient_difference(run.model, images, labels) > 0


def test_the_gradients_are_compared_where_a_run_stands_and_anew_when_it_is_taught_there(digits, publisher_for):
    run = Trainer(Settings(iterations=200), digits, tests=False)
    publisher = publisher_for(run)
    run.advance(1)
    batch = run.peek()
    seen = []
    for _ in range(2):
        # A teaching changes the weights and not the iteration; with larger ones the rounding differs.
        with torch.no_grad():
            run.model.weight.mul_(20)
        assert math.isnan(published(publisher, run, 0.0, "running").gradient_difference)
        seen.append(published(publisher, run, 0.0, "paused").gradient_difference)
        images, labels = run.tensors.train_images[batch], run.tensors.train_labels[batch]
        assert seen[-1] == gradient_difference(run.model, images, labels)
    assert len(set(seen)) == 2


def test_the_perceptron_and_a_race_have_no_two_gradients(digits, publisher_for):
    mlp = Trainer(Settings(model="mlp", gradient="autograd"), digits, tests=False)
    race = Race(Settings(), (0.1, 0.2), digits, tests=False)
    for run in (mlp, race):
        assert math.isnan(published(publisher_for(run), run, 0.0, "paused").gradient_difference)


def test_a_run_is_shown_25_times_a_second_and_a_little_later_when_put_off(digits, publisher_for):
    run = Trainer(Settings(), digits, tests=False)
    publisher = publisher_for(run)
    enough = 60.0
    assert publisher.due(-100.0, 0.0)
    published(publisher, run, 10.0)
    assert (publisher.due(10.039, enough), publisher.due(10.041, enough)) == (False, True)
    publisher.put_off(10.2)
    assert (publisher.due(10.239, enough), publisher.due(10.241, enough)) == (False, True)


def test_a_run_that_has_hardly_worked_is_shown_eight_times_a_second(digits, publisher_for):
    run = Trainer(Settings(), digits, tests=False)
    publisher = publisher_for(run)
    published(publisher, run, 10.0)
    assert (publisher.due(10.119, 0.0), publisher.due(10.121, 0.0)) == (False, True)


def test_everything_that_a_run_has_reached_is_shown(digits, publisher_for):
    run = Trainer(Settings(iterations=30, batch_size=50, pace=7), digits)
    run.advance(25)
    run.set_learning_rate(0.4)

    found = published(publisher_for(run), run, 3.0, "paused", revision=9)

    assert (found.revision, found.state, found.iteration, found.iterations) == (9, "paused", 25, 30)
    assert (found.iterations_per_epoch, found.pace, found.exploded) == (1_200, 7, False)
    assert found.lane.learning_rate == 0.4
    parameters = torch.cat([run.model.weight.detach().reshape(-1), run.model.bias.detach()])
    np.testing.assert_array_equal(found.lane.parameters, parameters.numpy())
    np.testing.assert_array_equal(found.lane.loss, run.history.loss)
    np.testing.assert_array_equal(found.lane.accuracy, run.history.accuracy)
    assert [point.iteration for point in found.lane.tests] == [0, 10, 20]
    assert [(point.loss, point.accuracy) for point in found.lane.tests] == [
        pytest.approx((point.loss, point.accuracy)) for point in run.history.tests
    ]


def test_the_temperature_of_the_last_test_is_shown_and_1_before_it(digits, publisher_for):
    run = Trainer(Settings(iterations=30), digits)
    publisher = publisher_for(run)
    assert published(publisher, run, 0.0).temperature == 1
    run.advance(15)
    assert published(publisher, run, 0.0).temperature == run.history.tests[-1].temperature != 1


def test_a_run_that_exploded_with_finite_numbers_is_shown_as_exploded(digits, publisher_for):
    run = Trainer(Settings(iterations=300), digits, tests=False)
    run.advance(1)
    assert not published(publisher_for(run), run, 0.0).exploded
    run.history.extend(np.full(100, 50.0, np.float32), np.zeros(100, np.float32))
    run.iteration += 100
    assert published(publisher_for(run), run, 0.0).exploded
