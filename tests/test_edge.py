"""The edge of stability: on quadratics, on 12 pixels near the optimum, and in the trials that Landscape offers."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.autograd import functional
from torch.nn import functional as F

from lrdemo.edge import SETTLED_EDGE, SHARES, edge, has_edge, trial
from lrdemo.optimiser import make_optimiser
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

AUTOGRAD = Settings(gradient="autograd")


@pytest.mark.parametrize("optimiser", ["sgd", "nesterov"])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_on_a_quadratic_pytorchs_steps_shrink_below_it_and_grow_above(optimiser, momentum):
    settings, curvatures = replace(AUTOGRAD, optimiser=optimiser, momentum=momentum), torch.tensor([0.3, 1.0, 4.0])
    found = edge(4.0, settings)

    def distance(rate):
        point = torch.ones(3, dtype=torch.float64, requires_grad=True)
        steps = make_optimiser(optimiser, [point], rate, momentum, 0.0)
        for _ in range(3_000):
            steps.zero_grad()
            (0.5 * (curvatures * point * point).sum()).backward()
            steps.step()
        return float(point.detach().norm())

    assert distance(0.98 * found) < 1e-6
    assert distance(1.02 * found) > 1e6


def test_by_hand():
    assert edge(4.0, Settings()) == 0.5
    assert edge(4.0, Settings(momentum=0.5)) == 0.75
    assert edge(4.0, replace(AUTOGRAD, optimiser="nesterov", momentum=0.5)) == 0.375
    assert edge(-1.0, Settings()) == math.inf


def test_adam_has_none():
    assert not has_edge(replace(AUTOGRAD, optimiser="adam"))
    with pytest.raises(ValueError, match="Adam"):
        edge(4.0, replace(AUTOGRAD, optimiser="adam"))


def test_near_the_optimum_of_twelve_pixels_full_batches_come_closer_below_it_and_leave_above():
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(200, 12, generator=generator, dtype=torch.float64)
    labels = (images[:, :10] + 0.5 * torch.rand(200, 10, generator=generator, dtype=torch.float64)).argmax(dim=1)

    def loss(parameters):
        logits = images @ parameters[:120].view(10, 12).T + parameters[120:]
        return F.cross_entropy(logits, labels) + 0.005 * (parameters**2).sum()

    optimum = torch.zeros(130, dtype=torch.float64)
    for _ in range(15):  # Newton
        optimum = optimum - torch.linalg.solve(functional.hessian(loss, optimum), functional.jacobian(loss, optimum))
    eigenvalues, vectors = torch.linalg.eigh(functional.hessian(loss, optimum))
    limit = edge(float(eigenvalues[-1]), Settings())

    def distance(share):
        point = optimum + 1e-4 * vectors.sum(dim=1)
        for _ in range(40):
            point = point - share * limit * functional.jacobian(loss, point)
        return float(((point - optimum) @ vectors[:, -1]).abs())

    assert distance(0.9) < 1e-5 < 1e-2 < distance(1.1)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_trials_do_what_is_said_of_them(digits, seed):
    """Mean losses of the 60 last iterations, against those of the 20 before the rate changes."""
    before, after, jitter = [], [], []
    for share in SHARES:
        run = Trainer(trial(share, seed), digits, tests=False)
        run.advance(160)
        loss = run.history.loss
        before.append(float(loss[40:60].mean()))
        after.append(float(loss[-60:].mean()))
        jitter.append(float(np.abs(np.diff(loss[-60:])).mean()))
        assert run.learning_rate == pytest.approx(share * SETTLED_EDGE, rel=0.02)
        assert loss[60:].max() < (0.81, 0.88, 2.0)[len(after) - 1]

    assert loss[60:80].max() > 1.2 * before[2], "within twenty iterations"
    assert after[0] < before[0] < after[1] < 1.1 * before[1]
    assert after[2] > 1.25 * before[2] and jitter[2] > 4 * jitter[0]
