"""The copy of the run that the chapter "One step of training" walks with, as the test knows it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from truth.core import Core

from lrdemo.lesson.run_copy import RunCopy
from lrdemo.lesson.step import compare, look, take

Place = tuple[object, int, int]


class CopyStory:
    """What has become of a copy since it was made of a run at one iteration."""

    def __init__(self, core: Core, place: Place) -> None:
        self.core, self.place = core, place
        self.steps, self.taken, self.difference = 0, False, None
        self.rounding: dict[str, Any] = look(core.trainer)
        self.difference: float | None

    @property
    def copy(self) -> RunCopy:
        """Return the copy before its next step, or before the one that it has just taken."""
        found: RunCopy = self.rounding["copy"]
        return found

    @property
    def rate(self) -> float:
        """Return the learning rate of its steps: that of the run when it was copied."""
        return self.copy.learning_rate

    @property
    def batch(self) -> tuple[Tensor, Tensor]:
        """Return the images [m, 784] and labels [m] of its minibatch."""
        tensors, indices = self.core.tensors, torch.as_tensor(self.copy.indices)
        return tensors.train_images[indices], tensors.train_labels[indices]

    @property
    def parameters(self) -> tuple[Tensor, Tensor]:
        """Return its weight and bias."""
        return torch.as_tensor(self.copy.weight), torch.as_tensor(self.copy.bias)

    @property
    def gradients(self) -> tuple[Tensor, Tensor]:
        """Return those of weight and bias, as PyTorch finds them."""
        (x, labels), leaves = self.batch, tuple(part.clone().requires_grad_() for part in self.parameters)
        weight, bias = torch.autograd.grad(F.cross_entropy(F.linear(x, *leaves), labels), leaves)
        return weight, bias

    @property
    def after(self) -> tuple[Tensor, Tensor]:
        """Return its weight and bias after the step."""
        moved = [one - self.rate * gradient for one, gradient in zip(self.parameters, self.gradients, strict=True)]
        return moved[0], moved[1]

    def stepped(self) -> RunCopy:
        """Return the copy after the step, as the run computes it; it is what PyTorch makes of it but for rounding."""
        pieces = take(self.core.trainer, self.copy, self.rate)
        while True:
            try:
                next(pieces)
            except StopIteration as end:
                found: RunCopy = end.value["copy"]
                break
        for one, other in zip((found.weight, found.bias), self.after, strict=True):
            assert torch.allclose(torch.as_tensor(one), other, atol=1e-6)
        return found

    def take_for_real(self, core: Core, place: Place) -> None:
        """Note that the run has taken the step as well, and where it is now."""
        self.taken, self.place = True, place
        self.difference = compare(core.trainer, self.stepped())["difference"]

    def go_on(self) -> None:
        """Go on to the next minibatch."""
        self.rounding = look(self.core.trainer, self.stepped())
        self.steps, self.taken, self.difference = self.steps + 1, False, None
