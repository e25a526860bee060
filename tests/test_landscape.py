"""The loss along a straight line, against models that are put there."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lrdemo.landscape import PLACES, is_convex, losses
from lrdemo.model import build_model
from lrdemo.settings import Settings
from lrdemo.shapes import layers
from lrdemo.trainer import Trainer


def vector(model):
    return torch.nn.utils.parameters_to_vector(model.parameters()).detach().clone()


def along(start, end, parts):
    ends = [[tuple(map(torch.from_numpy, layer)) for layer in layers(one.numpy())] for one in (start, end)]
    work = losses(*ends, parts)
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return stop.value


@pytest.mark.parametrize("model", ["softmax", "mlp"])
def test_every_place_has_the_loss_of_a_model_put_there(digits, model):
    gradient = "by-hand" if model == "softmax" else "autograd"
    trainer = Trainer(Settings(model=model, gradient=gradient), digits, tests=False)
    start = vector(trainer.model)
    trainer.advance(60)
    end = vector(trainer.model)
    images, labels = trainer.tensors.train_images[:90], trainer.tensors.train_labels[:90]
    found = along(start, end, [lambda: (images[:50], labels[:50]), lambda: (images[50:], labels[50:])])
    other = build_model(model, "zeros", 0).eval()
    wanted = []
    for place in PLACES:
        torch.nn.utils.vector_to_parameters(start + place * (end - start), other.parameters())
        wanted.append(float(F.cross_entropy(other(images), labels).detach()))

    assert found == pytest.approx(wanted, rel=1e-4)
    assert model == "mlp" or is_convex(found)


def test_the_places_are_in_equal_steps_with_both_ends():
    assert (PLACES[0], PLACES[-1], len(PLACES)) == (-0.25, 1.25, 31) and {0.0, 1.0} < set(PLACES)
    assert np.allclose(np.diff(PLACES), 0.05)


def test_a_line_that_bends_downwards_somewhere_is_not_convex():
    x = np.array(PLACES)

    assert is_convex(x**2) and is_convex(np.abs(x)) and is_convex(2 - x)
    assert not is_convex(np.tanh(3 * x)) and not is_convex(x**2 + 0.01 * (np.abs(x - 0.5) < 0.01))
    assert is_convex(2.3 - 0.1 * x + 1e-9 * np.sin(50 * x)), "rounding"
