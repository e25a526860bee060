"""A run that is kept and taken up again: the same to the last digit, it goes on as it would have, and can be undone."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from conftest import becomes, kill, settled

from lrdemo.errors import ServiceError
from lrdemo.serving.keeping import take_up, whole
from lrdemo.serving.kept import Kept
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

KINDS = (
    {"iterations": 200},
    {"iterations": 150, "momentum": 0.9, "changes": "40:0.03,120:0.2"},
    {"iterations": 120, "gradient": "autograd", "optimiser": "adam", "learning_rate": 0.003},
    {"iterations": 40, "model": "mlp", "gradient": "autograd"},
)


def numbers(run: Trainer) -> np.ndarray:
    return whole(run)["parameters"]


@pytest.mark.parametrize("values", KINDS)
def test_a_run_goes_on_as_if_it_had_never_been_kept(digits, values):
    settings = Settings(**values)
    run, again = Trainer(settings, digits), Trainer(settings, digits)
    run.advance(settings.iterations // 2 + 3)
    found = whole(run)

    take_up(again, found["whole"])
    assert again.iteration == found["iteration"] == run.iteration
    assert np.array_equal(numbers(again), found["parameters"])
    for one in (run, again):
        one.advance(settings.iterations)

    assert np.array_equal(numbers(again), numbers(run))
    assert again.history.loss.tolist() == run.history.loss.tolist()
    assert again.history.tests == run.history.tests
    assert again.tests[0][-1].temperature == run.tests[0][-1].temperature
    assert again.history.learning_rates == run.history.learning_rates


def test_no_test_is_made_twice_where_the_run_was_kept_right_after_one(digits):
    run, again = Trainer(Settings(iterations=100), digits), Trainer(Settings(iterations=100), digits)
    run.advance(100)

    take_up(again, whole(run)["whole"])

    assert again.finished and again.tested
    assert again.history.tests == run.history.tests


def test_one_that_has_diverged_stays_so(digits):
    run, again = Trainer(Settings(), digits), Trainer(Settings(), digits)
    run.advance(2)
    run.diverged = True

    found = whole(run)
    take_up(again, found["whole"])

    assert found["diverged"] and again.diverged and again.finished


def test_what_is_kept_can_be_held_by_a_process_without_pytorch(digits):
    run = Trainer(Settings(iterations=5), digits)
    run.advance(5)

    found = whole(run)
    told = pickle.dumps({name: value for name, value in found.items() if name != "whole"})

    assert b"torch" not in told and isinstance(found["whole"], bytes)
    assert found["test_table"].shape == (len(run.tests[0]), 3)


def test_the_record_of_a_run_is_that_of_the_one_taken_up_and_it_outlives_its_process(service):
    """It is taught, another run is trained in its place, it is taken up again, the process dies, teaching is undone."""
    run = service.open_run(Settings(iterations=300, pace=0))
    run.step(60)
    settled(run, 60)
    run.set_learning_rate(0.3)
    run.step(40)
    plain = settled(run, 100).lane.parameters
    drawings = np.random.default_rng(0).integers(0, 256, (2, 784), dtype=np.uint8)
    run.teach(drawings, np.array([3, 5]), 4, 6)
    taught = settled(run, 100)
    kept = run.keep()
    assert isinstance(kept, Kept)
    assert (kept.iteration, kept.taught, kept.rate_changes, kept.diverged) == (100, 1, 1, False)
    assert np.array_equal(kept.parameters, taught.lane.parameters)
    assert kept.test_table.tolist() == taught.lane.test_table.tolist()
    assert kept.temperature == taught.temperature and kept.step_seconds > 0

    run.start(Settings(iterations=20, pace=0, model="mlp", gradient="autograd"))
    settled(run, 20)
    run.take_up(kept)
    found = settled(run, 100)

    assert found.state == "paused"
    assert run.settings == kept.settings
    assert [(event.iteration, event.verb) for event in run.events] == [(60, "set_learning_rate"), (100, "teach")]
    assert np.array_equal(found.lane.parameters, kept.parameters)
    assert found.lane.loss.tolist() == kept.loss.tolist()
    assert found.lane.learning_rate == 0.3

    kill(service)
    assert becomes(lambda: run.rebuilt)
    assert np.array_equal(settled(run, 100).lane.parameters, kept.parameters)
    run.undo_teaching()
    assert np.array_equal(settled(run, 100).lane.parameters, plain)


def test_a_kept_run_that_is_taken_up_goes_on_and_can_be_looked_back_at(service):
    run, alone = (service.open_run(Settings(iterations=200, pace=0)) for _ in range(2))
    for one in (run, alone):
        one.step(90)
        settled(one, 90)
    kept = run.keep()
    run.reset(Settings(seed=4))
    run.take_up(kept)
    settled(run, 90)

    for one in (run, alone):
        one.resume()
    assert np.array_equal(settled(run, 200).lane.parameters, settled(alone, 200).lane.parameters)
    for one in (run, alone):
        one.look_at(55)
    back, wanted = (one.wait(60, lambda now: now.moment == 55) for one in (run, alone))
    assert np.array_equal(back.lane.parameters, wanted.lane.parameters)


def test_what_is_kept_while_the_visitor_looks_back_is_the_present(service):
    run = service.open_run(Settings(iterations=80, pace=0))
    run.start()
    now = settled(run, 80)
    run.look_at(30)
    run.wait(60, lambda found: found.moment == 30)

    kept = run.keep()

    assert kept.iteration == 80 and np.array_equal(kept.parameters, now.lane.parameters)
    assert run.snapshot().seen is None


def test_a_race_cannot_become_a_kept_run(open_job, digits):
    kept = whole(Trainer(Settings(iterations=5), digits))["whole"]
    job, _ = open_job(rates=(0.1, 0.2), iterations=5)

    with pytest.raises(ServiceError, match="single run"):
        job.apply(0.0, "take_up", Settings(iterations=5), None, (), kept)
