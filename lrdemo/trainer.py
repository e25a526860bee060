"""One training run of one model. How one iteration is done (by hand or by autograd) is in `lrdemo.gradient`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lrdemo import settings as settings_module
from lrdemo.data import Digits
from lrdemo.evaluate import log_probabilities
from lrdemo.gradient import Autograd, ByHand, Step
from lrdemo.history import History
from lrdemo.minibatches import Place, Tensors
from lrdemo.model import Dropout, SoftmaxRegression, build_model
from lrdemo.run import Run
from lrdemo.settings import Settings


@dataclass(frozen=True, eq=False)
class Waypoint:
    """A run between two iterations, before anything else happened there: enough to go on from it to the last digit."""

    iteration: int
    learning_rate: float
    parameters: tuple[Tensor, ...]
    memory: Any
    """What the way to do an iteration keeps from one to the next, such as momentum."""
    minibatches: Place
    generators: tuple[Tensor, ...]
    """Of the dropout."""
    tests: int
    learning_rates: int
    """How many of each the record has."""

    @property
    def size(self) -> int:
        """Return about how many bytes it takes."""
        return _size((self.parameters, self.memory, self.minibatches, self.generators))


def _size(kept: Any) -> int:
    if isinstance(kept, Tensor):
        return kept.nbytes
    parts = kept.values() if isinstance(kept, dict) else kept if isinstance(kept, tuple) else ()
    return sum(map(_size, parts))


class Trainer(Run):
    """Train one model as the settings say; the same settings give the same run on the same device."""

    def __init__(
        self, settings: Settings, digits: Digits | Tensors, tests: bool = True, graph: bool = True
    ) -> None:
        super().__init__(settings, digits, tests, graph)
        self.model = build_model(
            settings.model, settings.init, settings.seed, settings.device, self.tensors.form.size
        )
        self.history = History()
        self.learning_rate = settings.learning_rate
        self.history.add_learning_rate(self.learning_rate)
        step: Step
        if settings.gradient == "by-hand" and isinstance(self.model, SoftmaxRegression):
            weight, bias = self.model.weight.detach(), self.model.bias.detach()
            step = ByHand(
                weight,
                bias,
                self.tensors.train_bytes,
                [self.learning_rate],
                settings.momentum,
                settings.weight_decay,
                self.tensors.form.white,
            )
        else:
            step = Autograd(
                self.model,
                self.tensors.train_bytes,
                self.learning_rate,
                settings.momentum,
                settings.weight_decay,
                settings.optimiser,
                self.tensors.form.white,
            )
        self._changes = settings_module.planned(settings.changes)
        self._stops = sorted({*self._tests_at, *self._changes})
        self._start(step, [part.generator for part in self.model.modules() if isinstance(part, Dropout)])

    @property
    def histories(self) -> Sequence[History]:
        """Return the one history, as a sequence: a race has several."""
        return (self.history,)

    def log_probabilities(self, images: Tensor) -> Tensor:
        """Return log p for inputs [n, D], with dropout off: [1, 10, n]."""
        return log_probabilities(self.model, images)

    def waypoint(self) -> Waypoint:
        """Return all that the iterations to come depend on; a half-done step is no part of it."""
        return Waypoint(
            self.iteration,
            self.learning_rate,
            tuple(parameter.detach().clone() for parameter in self.model.parameters()),
            self._step.memory(),
            self._minibatches.place,
            tuple(generator.get_state() for generator in self._generators),
            len(self.history.tests),
            len(self.history.learning_rates),
        )

    @torch.no_grad()
    def go_to(self, waypoint: Waypoint, history: History) -> None:
        """Go on from a waypoint of a run of these settings, with the record that it had there.

        What was half done is forgotten.
        """
        self._under_way, self._looking, self._seen = None, None, []
        for parameter, kept in zip(self.model.parameters(), waypoint.parameters, strict=True):
            parameter.copy_(kept)
        self._step.remember(waypoint.memory)
        self._minibatches.go_to(waypoint.minibatches)
        for generator, state in zip(self._generators, waypoint.generators, strict=True):
            generator.set_state(state)
        self.iteration, self.learning_rate, self.history = waypoint.iteration, waypoint.learning_rate, history
        self._step.set_learning_rate(waypoint.learning_rate)
        self.diverged = False
        self._test_due = self.iteration in self._tests_at and not self._record_reaches_here

    def _record(self, sums: Tensor, size: int) -> None:
        super()._record(sums, size)
        # Here, and not before the next step: a change that the visitor makes at this iteration comes after it.
        if self.iteration in self._changes:
            self.set_learning_rate(self._changes[self.iteration])

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next update on, also that of an iteration already begun.

        Raises SettingsError outside its limits.
        """
        value = settings_module.check("learning_rate", settings_module.TABLE["learning_rate"], value)
        if value != self.learning_rate:
            self.learning_rate = value
            self._step.set_learning_rate(value)
            self.history.add_learning_rate(value)
