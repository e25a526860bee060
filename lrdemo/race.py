"""A race: several learning rates on the same minibatches from the same start, trained as one product.

The weights of K softmax regressions are stacked to [10 K, 784], so that one product with a minibatch serves all. Each
lane is the run that a single `Trainer` with its learning rate would be, up to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from lrdemo import settings as settings_module
from lrdemo.data import Digits
from lrdemo.errors import SettingsError
from lrdemo.evaluate import evaluate_lanes
from lrdemo.gradient import ByHand
from lrdemo.history import History, TestPoint
from lrdemo.minibatches import Tensors
from lrdemo.model import CLASSES, SoftmaxRegression, build_model
from lrdemo.settings import Settings
from lrdemo.trainer import Run

LEAST, MOST = 2, 16
DEFAULT_RATES = (0.0003, 0.0013, 0.006, 0.026, 0.115, 0.51, 2.3, 10.0)
"""Eight rates from 0.0003 to 10, even on a log scale, two digits each."""

WINDOW = 100
"""Iterations, the latest, over which the curves are judged."""
EARLY = 20
ZIGZAG = 1.5
RISING = 1.25


@dataclass(frozen=True)
class Verdict:
    """Say how one lane does: measures over its last 100 iterations, what follows from them, and the words for it."""

    learning_rate: float
    test_loss: float
    test_accuracy: float
    jump: float
    """Mean absolute change of the minibatch loss from one iteration to the next."""
    winner: bool
    zigzag: bool
    rising: bool
    words: str


class Race(Run):
    """Train 2 to 16 softmax regressions at once, by hand; `settings.learning_rate` and `.gradient` are not used.

    Raises SettingsError when the number of rates, a rate or the model does not fit.
    """

    def __init__(
        self,
        settings: Settings,
        learning_rates: Sequence[float],
        digits: Digits | Tensors,
        tests: bool = True,
        graph: bool = True,
    ) -> None:
        if settings.model != "softmax":
            raise SettingsError("A race is run with softmax regression. Choose it as the model.")
        if not LEAST <= len(learning_rates) <= MOST:
            raise SettingsError(f"A race has {LEAST} to {MOST} learning rates, not {len(learning_rates)}.")
        table = settings_module.TABLE["learning_rate"]
        self.learning_rates = tuple(settings_module.check("learning_rate", table, rate) for rate in learning_rates)
        super().__init__(settings, digits, tests, graph)
        start = build_model("softmax", settings.init, settings.seed, settings.device)
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
            )
        )

    @property
    def histories(self) -> Sequence[History]:
        """Return the record of each lane."""
        return self._histories

    def weight(self, lane: int) -> torch.Tensor:
        """Return the templates of one lane, [10, 784]; they change as the race goes on."""
        return self._weight[lane * CLASSES : (lane + 1) * CLASSES]

    def bias(self, lane: int) -> torch.Tensor:
        """Return the biases of one lane, [10]."""
        return self._bias[lane * CLASSES : (lane + 1) * CLASSES]

    def winner(self) -> int:
        """Return the lane with the highest test accuracy so far; among equals the one with the lowest test loss."""
        return _ahead([history.tests[-1] for history in self.histories])

    def verdicts(self) -> tuple[Verdict, ...]:
        """Judge every lane by its last 100 iterations; see `judge`."""
        return judge(self.learning_rates, self.histories)

    def _measure(self) -> list[tuple[float, float]]:
        loss, accuracy = evaluate_lanes(
            self._weight, self._bias, self.tensors.test_bytes, self.tensors.test_labels
        )
        return list(zip(map(float, loss), map(float, accuracy), strict=True))


def judge(learning_rates: Sequence[float], histories: Sequence[History]) -> tuple[Verdict, ...]:
    """Judge every lane against the one with the lowest minibatch loss, both over the last 100 iterations.

    All lanes see the same minibatches, so the luck of the draw is common to them. A lane *zig-zags* when its rate is
    higher than that of the lowest lane and its loss jumps more than 1.5 times as far from one iteration to the next.
    A lane *rises* when its test loss is more than a quarter above the lowest it has had.
    """
    recent = [history.loss[-WINDOW:].astype(np.float64) for history in histories]
    ends = [history.tests[-1] for history in histories]
    jumps = [float(np.abs(np.diff(loss)).mean()) if len(loss) > 1 else 0.0 for loss in recent]
    best = _ahead(ends)
    early = len(recent[0]) < EARLY
    lowest = 0 if early else min(range(len(recent)), key=lambda lane: float(recent[lane].mean()))
    verdicts = []
    for lane, (rate, history) in enumerate(zip(learning_rates, histories, strict=True)):
        zigzag = not early and rate > learning_rates[lowest] and jumps[lane] > ZIGZAG * jumps[lowest]
        rising = not early and ends[lane].loss > RISING * min(point.loss for point in history.tests)
        winner = not early and lane == best
        if early:
            words = f"{rate:g}: too early to say."
        elif winner:
            words = f"{rate:g} is ahead with {ends[lane].accuracy:.2%} of the test images right."
        elif not zigzag and not rising:
            behind = 100 * (ends[best].accuracy - ends[lane].accuracy)
            slow = ", and its steps are small" if rate < learning_rates[lowest] else ""
            words = f"{rate:g} is {behind:.2f} points behind{slow}."
        else:
            words = f"{rate:g} is too high."
        if zigzag:
            words += (
                f" It zig-zags: its loss jumps by {jumps[lane]:.2f} per iteration, "
                f"{jumps[lane] / jumps[lowest]:.1f} times as far as at {learning_rates[lowest]:g}."
            )
        if rising:
            words += f" Its test loss has risen to {ends[lane].loss:.2f}."
        verdicts.append(
            Verdict(rate, ends[lane].loss, ends[lane].accuracy, jumps[lane], winner, zigzag, rising, words)
        )
    return tuple(verdicts)


def _ahead(points: Sequence[TestPoint]) -> int:
    return max(range(len(points)), key=lambda lane: (points[lane].accuracy, -points[lane].loss))
