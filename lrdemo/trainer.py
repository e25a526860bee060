"""One training run, advanced a little at a time: minibatches, gradient, update, record.

It draws nothing and has no clock. How one iteration is done (by hand or by autograd) is in `lrdemo.gradient`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch

from lrdemo import settings as settings_module
from lrdemo.data import Digits
from lrdemo.errors import SettingsError
from lrdemo.evaluate import evaluate, evaluate_lanes, summed
from lrdemo.gradient import Autograd, ByHand, Step
from lrdemo.history import History, TestPoint
from lrdemo.minibatches import Minibatches, Tensors, resident
from lrdemo.model import CLASSES, Dropout, SoftmaxRegression, available_devices, build_model
from lrdemo.settings import Settings

__all__ = ["Minibatches", "Run", "Tensors", "Trainer", "require_device", "resident"]

EARLY_TESTS = (0, 10, 20, 30, 40)
TEST_EVERY = {"softmax": 50, "mlp": 250}
BLOCK = 50
"""Iterations whose losses are read from the device at once."""
BLOCK_VALUES = 2_000_000
"""Log-probabilities kept until then, at most: 8 MB."""


class Run(ABC):
    """Share what a single run and a race do alike: deal out minibatches, keep the test schedule, read the losses.

    `digits` are unpacked images or the `Tensors` of another run. `tests=False` leaves out the evaluations on the test
    images, and `graph=False` the CUDA graph: for timing. Raises SettingsError when the device is not there.
    """

    def __init__(
        self, settings: Settings, digits: Digits | Tensors, tests: bool = True, graph: bool = True
    ) -> None:
        require_device(settings.device)
        self.settings = settings
        self.tensors = (
            digits if isinstance(digits, Tensors) else resident(digits, settings.device, settings.features)
        )
        self.iteration = 0
        self.diverged = False
        self._tests = tests
        self._log_p = torch.empty(0)
        self._graph = graph and settings.device == "cuda"
        self._minibatches = Minibatches(
            len(self.tensors.train_labels), settings.batch_size, settings.drop_last, settings.seed + 1, settings.device
        )

    @property
    @abstractmethod
    def histories(self) -> Sequence[History]:
        """Return the record of each model trained."""

    @abstractmethod
    def _measure(self) -> list[tuple[float, float]]:
        """Return loss and accuracy of each model on the test images."""

    @property
    def finished(self) -> bool:
        """Tell whether all iterations of the settings are done, or no further one makes sense (`diverged`)."""
        return self.diverged or self.iteration >= self.settings.iterations

    def peek(self) -> torch.Tensor:
        """Return the indices into the training images, [m], of the minibatch that the next iteration will use."""
        return self._minibatches.peek()

    def advance(self, max_steps: int) -> int:
        """Train for at most `max_steps` iterations, fewer when the end is reached; return how many were done.

        Sets `diverged` and stops when a loss is not finite any more.
        """
        start = self.iteration
        end = min(start + max_steps, self.settings.iterations)
        while self.iteration < end and not self.diverged:
            self._advance_block(min(end, self._next_test()) - self.iteration)
            if self._tests and not self.diverged and self._due(self.iteration):
                self._test()
        return self.iteration - start

    def _start(self, step: Step, generators: Sequence[torch.Generator] = ()) -> None:
        """Take the way to do one iteration, and test the start."""
        if self._graph:
            from lrdemo.cuda_graph import Replayed

            step = Replayed(step, self.settings.batch_size, generators)
        self._step = step
        if self._tests:
            self._test()

    def _advance_block(self, most: int) -> None:
        values = CLASSES * self.settings.batch_size * len(self.histories)
        indices = self._minibatches.take(min(most, BLOCK, max(1, BLOCK_VALUES // values)))
        count, size = indices.shape
        labels = self.tensors.train_labels.index_select(0, indices.reshape(-1)).view(count, size)
        log_p = self._room(count, size)
        for batch in zip(indices.unbind(), labels.unbind(), log_p.unbind(), strict=True):
            self._step(*batch)
        loss, accuracy = summed(log_p, labels).cpu().numpy() / np.float32(size)
        finite = np.isfinite(loss).all(axis=0)
        if not finite.all():
            self.diverged = True
            count = int(finite.argmin())
        for history, losses, accuracies in zip(self.histories, loss[:, :count], accuracy[:, :count], strict=True):
            history.extend(losses, accuracies)
        self.iteration += count

    def _room(self, count: int, size: int) -> torch.Tensor:
        """Return space for the log-probabilities of a block, kept: memory that is new to the process costs more."""
        shape = (len(self.histories), CLASSES, size)
        if self._log_p.shape[0] < count or self._log_p.shape[1:] != shape:
            self._log_p = torch.empty(count, *shape, device=self.tensors.train_labels.device)
        return self._log_p[:count]

    def _due(self, iteration: int) -> bool:
        """Tell whether the test images are looked at after this iteration."""
        every = TEST_EVERY[self.settings.model]
        return iteration in EARLY_TESTS or iteration % every == 0 or iteration == self.settings.iterations

    def _next_test(self) -> int:
        """Return the next iteration that is due for a test."""
        return next(at for at in range(self.iteration + 1, self.settings.iterations + 1) if self._due(at))

    def _test(self) -> None:
        for history, (loss, accuracy) in zip(self.histories, self._measure(), strict=True):
            history.add_test(TestPoint(self.iteration, loss, accuracy))


class Trainer(Run):
    """Train one model as the settings say; the same settings give the same run on the same device."""

    def __init__(
        self, settings: Settings, digits: Digits | Tensors, tests: bool = True, graph: bool = True
    ) -> None:
        super().__init__(settings, digits, tests, graph)
        self.model = build_model(settings.model, settings.init, settings.seed, settings.device)
        self.history = History()
        self.learning_rate = settings.learning_rate
        self.history.add_learning_rate(self.learning_rate)
        step: Step
        if settings.gradient == "by-hand" and isinstance(self.model, SoftmaxRegression):
            weight, bias = self.model.weight.detach(), self.model.bias.detach()
            step = ByHand(
                weight, bias, self.tensors.train_bytes, [self.learning_rate], settings.momentum, settings.weight_decay
            )
        else:
            step = Autograd(
                self.model, self.tensors.train_bytes, self.learning_rate, settings.momentum, settings.weight_decay
            )
        self._start(step, [part.generator for part in self.model.modules() if isinstance(part, Dropout)])

    @property
    def histories(self) -> Sequence[History]:
        """Return the record of the one model, as a race has several."""
        return (self.history,)

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next iteration on; raises SettingsError outside its limits."""
        value = settings_module.check("learning_rate", settings_module.TABLE["learning_rate"], value)
        if value != self.learning_rate:
            self.learning_rate = value
            self._step.set_learning_rate(value)
            self.history.add_learning_rate(value)

    def _measure(self) -> list[tuple[float, float]]:
        if isinstance(self.model, SoftmaxRegression):
            loss, accuracy = evaluate_lanes(
                self.model.weight, self.model.bias, self.tensors.test_bytes, self.tensors.test_labels
            )
            return [(float(loss[0]), float(accuracy[0]))]
        return [evaluate(self.model, self.tensors.test_images, self.tensors.test_labels)]


def require_device(device: str) -> None:
    """Raise SettingsError when PyTorch cannot compute on the device here."""
    if device not in available_devices():
        raise SettingsError(
            f"The device {device!r} is not there on this machine. Choose one of: {', '.join(available_devices())}."
        )
