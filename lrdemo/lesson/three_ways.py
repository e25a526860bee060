"""The same softmax regression written three ways, and the four ways to start it.

Loose tensors W and b, an own class that holds them, and `nn.Linear` in an `nn.Module`: one set of numbers,
one output. All of it on pixels, whatever the run gets of an image: the same for every visitor.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lrdemo.arrays import Float32s
from lrdemo.lesson.source import source
from lrdemo.minibatches import Tensors, resident
from lrdemo.model import SoftmaxRegression, build_model
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

INITS = ("zeros", "normal", "linear", "xavier")
EPOCH = 600
PIECE = 20
MOST_KNOWN = 16


def with_tensors(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return logits [m, 10] from images [m, 784], weight [784, 10] and bias [10]."""
    return images @ weight + bias


class OwnModel:
    """Hold weight [784, 10] and bias [10]."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self.weight, self.bias = weight, bias

    def __call__(self, images: Tensor) -> Tensor:
        """Return logits [m, 10] from images [m, 784]."""
        return images @ self.weight + self.bias

    def parameters(self) -> list[Tensor]:
        """Return what training may change."""
        return [self.weight, self.bias]


class LinearModel(nn.Module):
    """Let nn.Linear hold weight [10, 784] and bias [10]."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(784, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits [m, 10] from images [m, 784]."""
        logits: Tensor = self.linear(images)
        return logits


@torch.no_grad()
def three_ways(trainer: Trainer) -> dict[str, Any]:
    """Return, for the three ways with one start, what `parameters()` holds and the logits of 100 test images."""
    start = build_model("softmax", "linear", trainer.settings.seed, trainer.settings.device)
    assert isinstance(start, SoftmaxRegression)
    weight, bias = start.weight.detach().T.contiguous(), start.bias.detach().clone()
    own, module = OwnModel(weight, bias), _linear_model(start)
    images = _pixels(trainer).test_images[:100]
    outputs = [with_tensors(images, weight, bias), own(images), module(images)]
    return {
        "outputs": np.stack([output.cpu().numpy() for output in outputs]),
        "largest_difference": max(float((output - outputs[0]).abs().max()) for output in outputs),
        "parameters": {
            "tensors": [("weight", tuple(weight.shape)), ("bias", tuple(bias.shape))],
            "class": [
                (name, tuple(value.shape)) for name, value in zip(("weight", "bias"), own.parameters(), strict=True)
            ],
            "module": [(name, tuple(value.shape)) for name, value in module.named_parameters()],
        },
        "number": sum(value.numel() for value in module.parameters()),
        "printed": str(module),
        "code": {"tensors": source(with_tensors), "class": source(OwnModel), "module": source(LinearModel)},
    }


def _pixels(trainer: Trainer) -> Tensors:
    return resident(trainer.tensors.unprepared, trainer.settings.device)


def _linear_model(start: SoftmaxRegression) -> LinearModel:
    with torch.random.fork_rng(devices=[]):
        module = LinearModel()
    module.load_state_dict(start.state_dict())
    return module.to(start.weight.device)


def starts(trainer: Trainer) -> Generator[None, None, dict[str, Any]]:
    """Return weights [4, 10, 784] of the four inits before and after one epoch of 600 steps of 100 at rate 0.1.

    Trains in short pieces, one between two yields. `loss_before` [4] is the mean cross-entropy and `accuracy_after`
    [4] the accuracy, both on the test images.
    """
    runs = []
    for init in INITS:
        runs.append((yield from _one_epoch(trainer, init)))
    before, after, loss, accuracy = zip(*runs, strict=True)
    return {
        "inits": list(INITS),
        "before": np.stack(before),
        "after": np.stack(after),
        "loss_before": list(loss),
        "accuracy_after": list(accuracy),
    }


_Start = tuple[Float32s, Float32s, float, float]
_known: dict[tuple[Tensors, str, int, str], _Start] = {}


def _one_epoch(trainer: Trainer, init: str) -> Generator[None, None, _Start]:
    seed, device = trainer.settings.seed, trainer.settings.device
    tensors = _pixels(trainer)
    key = (tensors, init, seed, device)
    if key not in _known:
        settings = Settings(init=init, seed=seed, device=device, iterations=EPOCH, learning_rate=0.1)
        run = Trainer(settings, tensors)
        model = run.model
        assert isinstance(model, SoftmaxRegression)
        before = model.weight.detach().cpu().numpy().copy()
        while not run.finished:
            run.work(PIECE)
            yield
        start, end = run.history.tests[0], run.history.tests[-1]
        while len(_known) >= MOST_KNOWN:
            del _known[next(iter(_known))]
        _known[key] = before, model.weight.detach().cpu().numpy().copy(), start.loss, end.accuracy
    return _known[key]
