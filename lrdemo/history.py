"""The record of a run: append-only numbers, and how a curve of them is smoothed and thinned.

It is data, not drawing: nothing here knows of charts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from lrdemo.arrays import Float32s, Float64s, Ints
from lrdemo.probability import fit_temperature

WINDOW = 21
EARLY = 4
"""Before the window is full, the mean goes over the latest quarter of the values: training moves fast at first."""


class Answers:
    """What a test's temperature is fitted to, when it is first asked for: most tests are passed before anybody looks.

    log_p [10, N] of the images that the run was tested on, labels [N].
    """

    def __init__(self, log_p: Float32s, labels: Ints) -> None:
        self._given = log_p, labels

    @cached_property
    def temperature(self) -> float:
        """Return the temperature with which these answers cost least."""
        log_p, labels = self._given
        del self._given
        return fit_temperature(log_p.T, labels)


@dataclass(frozen=True)
class TestPoint:
    """Mean cross-entropy and accuracy (0 … 1) at one iteration on the test images, or on those held out."""

    iteration: int
    loss: float
    accuracy: float
    answers: Answers | None = field(default=None, repr=False, compare=False)

    @property
    def temperature(self) -> float:
        """Return the temperature fitted to the answers, 1 where they were not kept."""
        return self.answers.temperature if self.answers else 1.0


class History:
    """Minibatch loss and accuracy of every iteration, the test points, and the learning rates with their iterations.

    `loss[i]` and `accuracy[i]` belong to iteration i + 1 and were measured before its update.
    """

    def __init__(self) -> None:
        self._loss: list[Float32s] = []
        self._accuracy: list[Float32s] = []
        self.iterations = 0
        self.tests: list[TestPoint] = []
        self.learning_rates: list[tuple[int, float]] = []

    @property
    def loss(self) -> Float32s:
        """Return the minibatch losses so far, [iterations]."""
        return _joined(self._loss)

    @property
    def accuracy(self) -> Float32s:
        """Return the minibatch accuracies (0 … 1) so far, [iterations]."""
        return _joined(self._accuracy)

    def extend(self, loss: Float32s, accuracy: Float32s) -> None:
        """Append the losses and accuracies of the iterations just done, [n] each."""
        self._loss.append(loss)
        self._accuracy.append(accuracy)
        self.iterations += len(loss)

    def add_test(self, point: TestPoint) -> None:
        """Append one test on the test images; of those at earlier iterations the answers are forgotten."""
        if self.tests and self.tests[-1].iteration < point.iteration:
            self.tests[-1] = replace(self.tests[-1], answers=None)
        self.tests.append(point)

    def until(self, iterations: int, tests: int, learning_rates: int) -> History:
        """Return the record as it was after so many iterations, tests and learning rates."""
        found = History()
        found.extend(self.loss[:iterations].copy(), self.accuracy[:iterations].copy())
        found.tests = self.tests[:tests]
        found.learning_rates = self.learning_rates[:learning_rates]
        return found

    def add_learning_rate(self, value: float) -> None:
        """Note that the learning rate is `value` from the next iteration on."""
        self.learning_rates.append((self.iterations, value))


def smoothed(values: Float32s | Float64s, at: Ints | None = None) -> Float64s:
    """Return the mean of each value and those before it, at all points or only at the indices `at`.

    s_t = (v_{t−n+1} + … + v_t) / n with n = 21, early in a run n = ⌈t / 4⌉ where that is less: the single moving
    average (NIST/SEMATECH e-Handbook of Statistical Methods, 6.4.2.1) of what is known at t, so that a curve that
    grows never changes what it has shown.
    """
    points = np.arange(len(values)) if at is None else at
    lengths = np.minimum(WINDOW, points // EARLY + 1)
    back = np.arange(WINDOW)
    windows = np.asarray(values)[np.maximum(points[:, None] - back, 0)].astype(np.float64)
    return np.asarray(np.where(back < lengths[:, None], windows, 0).sum(axis=1) / lengths)


def thinned(number: int, most: int = 300) -> Ints:
    """Return at most about `most` evenly spread indices of a curve of `number` points, the last one included.

    The spacing is a power of two, so that a growing curve keeps its earlier points and does not flicker.
    """
    if number == 0:
        return np.zeros(0, dtype=np.int64)
    spacing = 1
    while number > most * spacing:
        spacing *= 2
    indices = np.arange(0, number, spacing)
    return indices if indices[-1] == number - 1 else np.append(indices, number - 1)


def _joined(parts: list[Float32s]) -> Float32s:
    if len(parts) > 1:
        parts[:] = [np.concatenate(parts)]
    return parts[0] if parts else np.zeros(0, dtype=np.float32)
