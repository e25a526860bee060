"""A race: several learning rates on the same minibatches from the same start, trained as one product.

The weights of K softmax regressions are stacked to [10 K, D], so that one product with a minibatch serves all. Each
lane is the run that a single `Trainer` with its learning rate would be, up to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lrdemo import settings as settings_module
from lrdemo.data import Digits
from lrdemo.errors import SettingsError
from lrdemo.evaluate import lane_log_probabilities
from lrdemo.gradient import ByHand
from lrdemo.history import History
from lrdemo.minibatches import Tensors
from lrdemo.model import SoftmaxRegression, build_model
from lrdemo.run import Run
from lrdemo.settings import Settings
from lrdemo.shapes import CLASSES
from lrdemo.verdict import LEAST, MOST


class Race(Run):
    """Train 2 to 8 softmax regressions at once, by hand; `settings.learning_rate` and `.gradient` are not used.

    Raises SettingsError for too few or too many rates, a rate outside its limits, or another model or optimiser.
    """

    def __init__(
        self,
        settings: Settings,
        learning_rates: Sequence[float],
        digits: Digits | Tensors,
        tests: bool = True,
        graph: bool = True,
    ) -> None:
        if not settings.by_hand_possible:
            raise SettingsError("A race trains by hand: choose softmax regression and SGD.")
        if settings.changes:
            raise SettingsError("A race keeps its learning rates: plan no changes of them.")
        if not LEAST <= len(learning_rates) <= MOST:
            raise SettingsError(f"A race has {LEAST} to {MOST} learning rates, not {len(learning_rates)}.")
        table = settings_module.TABLE["learning_rate"]
        self.learning_rates = tuple(settings_module.check("learning_rate", table, rate) for rate in learning_rates)
        super().__init__(settings, digits, tests, graph, lanes=len(self.learning_rates))
        start = build_model("softmax", settings.init, settings.seed, settings.device, self.tensors.form.size)
        assert isinstance(start, SoftmaxRegression)
        self._histories = tuple(History() for _ in self.learning_rates)
        for history, rate in zip(self._histories, self.learning_rates, strict=True):
            history.add_learning_rate(rate)
        lanes = len(self.learning_rates)
        self._weight = start.weight.detach().repeat(lanes, 1)
        self._bias = start.bias.detach().repeat(lanes)
        self._start(
            ByHand(
                self._weight,
                self._bias,
                self.tensors.train_bytes,
                self.learning_rates,
                settings.momentum,
                settings.weight_decay,
                self.tensors.form.white,
            )
        )

    @property
    def histories(self) -> Sequence[History]:
        """Return the record of each lane."""
        return self._histories

    def weight(self, lane: int) -> torch.Tensor:
        """Return the templates of one lane, [10, D]; they change as the race goes on."""
        return self._weight[lane * CLASSES : (lane + 1) * CLASSES]

    def bias(self, lane: int) -> torch.Tensor:
        """Return the biases of one lane, [10]."""
        return self._bias[lane * CLASSES : (lane + 1) * CLASSES]

    def log_probabilities(self, images: torch.Tensor) -> torch.Tensor:
        """Return log p of every lane for inputs [n, D], [K, 10, n]."""
        return lane_log_probabilities(self._weight, self._bias, images)
