"""What a run is asked about its loss: whose curvature it is, of which moment, and that the run notices nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lrdemo.answers.landscape import edge_at_start, edge_now, line
from lrdemo.race import Race
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

MLP = Settings(model="mlp", gradient="autograd")


def answer(pieces, between=lambda: None):
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return end.value
        between()


@pytest.mark.parametrize("settings", [Settings(seed=4), MLP])
def test_at_its_start_a_run_has_the_edge_of_the_start_and_later_another(digits, settings):
    trainer = Trainer(settings, digits, tests=False)
    start, now = answer(edge_at_start(trainer)), answer(edge_now(trainer))
    trainer.advance(50)
    later = answer(edge_now(trainer))

    assert now == {"iteration": 0} | start
    assert start["edge"] == 2 / start["eigenvalue"] and start["images"] == 100
    assert answer(edge_at_start(trainer)) == start
    assert later["iteration"] == 50 and abs(later["edge"] / start["edge"] - 1) > 0.1


def test_a_race_has_the_start_of_its_lanes(digits):
    settings = Settings(seed=4)
    race = Race(settings, (0.1, 1.0), digits)
    race.advance(3)

    assert answer(edge_at_start(race)) == answer(edge_at_start(Trainer(settings, digits)))


def test_momentum_moves_it_and_adam_has_none(digits):
    plain = answer(edge_now(Trainer(Settings(), digits, tests=False)))
    heavy = answer(edge_now(Trainer(Settings(momentum=0.9), digits, tests=False)))
    adam = replace(Settings(gradient="autograd"), optimiser="adam")

    assert heavy["edge"] == pytest.approx(1.9 * plain["edge"])
    assert answer(edge_now(Trainer(adam, digits, tests=False)))["edge"] is None


def test_of_a_large_minibatch_the_first_images_are_measured(digits):
    assert answer(edge_now(Trainer(Settings(batch_size=10_000), digits, tests=False)))["images"] == 1_000


@pytest.mark.parametrize("settings", [Settings(), MLP])
def test_the_run_goes_on_between_the_pieces_as_if_nobody_had_asked(digits, settings):
    asked, quiet = (Trainer(settings, digits, tests=False) for _ in range(2))
    for one in (asked, quiet):
        one.advance(5)
    still = [answer(question(quiet)) for question in (edge_now, edge_at_start, line)]
    moving = [answer(question(asked), lambda: asked.advance(1)) for question in (edge_now,)]
    quiet.advance(asked.iteration - 5)

    assert moving[0] == still[0] and asked.iteration > 5
    assert torch.equal(*(torch.cat([value.reshape(-1) for value in one.model.parameters()]) for one in (asked, quiet)))
    assert asked.history.loss.tolist() == quiet.history.loss.tolist()


def test_the_line_leads_from_the_start_to_now(digits):
    trainer = Trainer(Settings(), digits, tests=False)
    images, labels = trainer.tensors.train_images[:2_000], trainer.tensors.train_labels[:2_000]
    before = float(F.cross_entropy(trainer.model(images), labels).detach())
    trainer.advance(100)
    found = answer(line(trainer))
    at = dict(zip(found["places"], found["losses"], strict=True))

    assert (found["iteration"], found["images"], found["convex"]) == (100, 2_000, True)
    assert at[0.0] == pytest.approx(before, rel=1e-5)
    assert at[1.0] == pytest.approx(float(F.cross_entropy(trainer.model(images), labels).detach()), rel=1e-5)
    assert np.isfinite(found["losses"]).all()
