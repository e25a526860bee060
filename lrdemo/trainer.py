"""One training run, advanced a little at a time: minibatches, gradient, update, record.

It draws nothing and has no clock. Two gradients do the same: by hand from the closed form (p − onehot)/m, and
by autograd with `torch.optim.SGD`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lrdemo import settings as settings_module
from lrdemo.data import Digits
from lrdemo.errors import SettingsError
from lrdemo.evaluate import evaluate
from lrdemo.history import History, TestPoint
from lrdemo.model import CLASSES, PIXELS, Model, SoftmaxRegression, available_devices, build_model
from lrdemo.settings import Settings

EARLY_TESTS = (0, 10, 20, 30, 40)
TEST_EVERY = {"softmax": 50, "mlp": 250}


@dataclass(frozen=True, eq=False)
class Tensors:
    """Hold the images as float32 in [0, 1], [N, 784], and the labels as int64, [N], on one device."""

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor


@lru_cache(maxsize=4)
def resident(digits: Digits, device: str) -> Tensors:
    """Return all images as tensors that stay on the device, shared by all runs."""

    def images(array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.array(array)).to(device).reshape(-1, PIXELS).float().div_(255)

    def labels(array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.array(array)).to(device).long()

    return Tensors(
        images(digits.train_images), labels(digits.train_labels), images(digits.test_images), labels(digits.test_labels)
    )


class Minibatches:
    """Deal out the indices of a training set in a new random order each epoch."""

    def __init__(self, size: int, batch_size: int, drop_last: bool, seed: int, device: str) -> None:
        self._size = size
        self._batch_size = batch_size
        self._end = size - size % batch_size if drop_last else size
        self._generator = torch.Generator().manual_seed(seed)
        self._device = device
        self._position = self._end
        self._order = torch.empty(0, dtype=torch.int64)

    def next(self) -> Tensor:
        """Return the indices of the next minibatch, [m]."""
        batch = self.peek()
        self._position += len(batch)
        return batch

    def peek(self) -> Tensor:
        """Return the indices that `next` will return, [m], without dealing them out."""
        if self._position >= self._end:
            self._order = torch.randperm(self._size, generator=self._generator).to(self._device)
            self._position = 0
        return self._order[self._position : min(self._position + self._batch_size, self._end)]


class Step(Protocol):
    """Do one iteration on one minibatch."""

    learning_rate: float

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Update the model; return the loss and the accuracy before the update, as tensors without a shape."""
        ...


class Autograd:
    """Let PyTorch find the gradient and `torch.optim.SGD` apply it; works for any model."""

    def __init__(self, model: Model, settings: Settings) -> None:
        self._model = model
        self._optimiser = torch.optim.SGD(
            model.parameters(),
            lr=settings.learning_rate,
            momentum=settings.momentum,
            weight_decay=settings.weight_decay,
        )

    @property
    def learning_rate(self) -> float:
        """Return the learning rate of the next step."""
        return float(self._optimiser.param_groups[0]["lr"])

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._optimiser.param_groups[0]["lr"] = value

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Do one iteration; return loss and accuracy before the update."""
        self._optimiser.zero_grad()
        logits = self._model(images)
        loss = F.cross_entropy(logits, labels)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return loss.detach(), (logits.detach().argmax(dim=1) == labels).float().mean()


class ByHand:
    """Apply the closed form: with p = softmax(x Wᵀ + b), ∂L/∂W = (p − onehot)ᵀ x / m and ∂L/∂b its column sums."""

    def __init__(self, model: SoftmaxRegression, settings: Settings) -> None:
        self._weight, self._bias = model.weight.data, model.bias.data
        self._momentum, self._decay = settings.momentum, settings.weight_decay
        self._weight_step = torch.zeros_like(self._weight)
        self._bias_step = torch.zeros_like(self._bias)
        self._onehot = torch.eye(CLASSES, device=self._weight.device)
        self.learning_rate = settings.learning_rate

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Do one iteration; return loss and accuracy before the update."""
        size = len(labels)
        log_p = torch.log_softmax(torch.addmm(self._bias, images, self._weight.T), dim=1)
        right = log_p.gather(1, labels[:, None])
        difference = log_p.exp().sub_(self._onehot[labels])
        for value, step, gradient in (
            (self._weight, self._weight_step, difference.T @ images),
            (self._bias, self._bias_step, difference.sum(dim=0)),
        ):
            step.mul_(self._momentum).add_(gradient, alpha=1 / size).add_(value, alpha=self._decay)
            value.add_(step, alpha=-self.learning_rate)
        return -right.mean(), (right[:, 0] >= log_p.amax(dim=1)).float().mean()


class Trainer:
    """Train one model as the settings say; the same settings give the same run on the same device.

    Raises SettingsError when the device is not there.
    """

    def __init__(self, settings: Settings, digits: Digits) -> None:
        require_device(settings.device)
        self.settings = settings
        self._tensors = resident(digits, settings.device)
        self.model = build_model(settings.model, settings.init, settings.seed, settings.device)
        self._minibatches = Minibatches(
            len(self._tensors.train_labels), settings.batch_size, settings.drop_last, settings.seed + 1, settings.device
        )
        self._step: Step = (
            ByHand(self.model, settings)
            if settings.gradient == "by-hand" and isinstance(self.model, SoftmaxRegression)
            else Autograd(self.model, settings)
        )
        self.history = History()
        self.history.add_learning_rate(settings.learning_rate)
        self._test()

    @property
    def tensors(self) -> Tensors:
        """Return the images and labels as this run's model sees them."""
        return self._tensors

    def peek(self) -> Tensor:
        """Return the indices into the training images, [m], of the minibatch that the next iteration will use."""
        return self._minibatches.peek()

    @property
    def iteration(self) -> int:
        """Count the minibatches trained on so far."""
        return self.history.iterations

    @property
    def finished(self) -> bool:
        """Tell whether all iterations of the settings are done."""
        return self.iteration >= self.settings.iterations

    @property
    def learning_rate(self) -> float:
        """Return the learning rate of the next iteration."""
        return self._step.learning_rate

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next iteration on; raises SettingsError outside its limits."""
        value = settings_module.check("learning_rate", settings_module.TABLE["learning_rate"], value)
        if value != self.learning_rate:
            self._step.learning_rate = value
            self.history.add_learning_rate(value)

    def advance(self, max_steps: int) -> int:
        """Train for at most `max_steps` iterations, fewer when the end is reached; return how many were done."""
        todo = min(max_steps, self.settings.iterations - self.iteration)
        done = 0
        while done < todo:
            part = min(todo - done, self._until_test())
            losses, accuracies = [], []
            for _ in range(part):
                batch = self._minibatches.next()
                loss, accuracy = self._step(
                    self._tensors.train_images.index_select(0, batch), self._tensors.train_labels.index_select(0, batch)
                )
                losses.append(loss)
                accuracies.append(accuracy)
            self.history.extend(torch.stack(losses).cpu().numpy(), torch.stack(accuracies).cpu().numpy())
            done += part
            if self._until_test() == self._test_every or self.finished or self.iteration in EARLY_TESTS:
                self._test()
        return done

    @property
    def _test_every(self) -> int:
        return TEST_EVERY[self.settings.model]

    def _until_test(self) -> int:
        for early in EARLY_TESTS:
            if self.iteration < early:
                return early - self.iteration
        return self._test_every - self.iteration % self._test_every

    def _test(self) -> None:
        loss, accuracy = evaluate(self.model, self._tensors.test_images, self._tensors.test_labels)
        self.history.add_test(TestPoint(self.iteration, loss, accuracy))


def require_device(device: str) -> None:
    """Raise SettingsError when PyTorch cannot compute on the device here."""
    if device not in available_devices():
        raise SettingsError(
            f"The device {device!r} is not there on this machine. Choose one of: {', '.join(available_devices())}."
        )
