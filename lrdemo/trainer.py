"""One training run of one model. How one iteration is done (by hand or by autograd) is in `lrdemo.gradient`."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lrdemo import settings as settings_module
from lrdemo.data import Digits
from lrdemo.evaluate import log_probabilities
from lrdemo.gradient import Autograd, ByHand, Step
from lrdemo.history import History
from lrdemo.minibatches import Tensors
from lrdemo.model import Dropout, SoftmaxRegression, build_model
from lrdemo.run import Run
from lrdemo.settings import Settings


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

    def log_probabilities(self, images: torch.Tensor) -> torch.Tensor:
        """Return log p for inputs [n, D], with dropout off: [1, 10, n]."""
        return log_probabilities(self.model, images)

    def _record(self, sums: torch.Tensor, size: int) -> None:
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
