"""Judge the lanes of a race by their records, in numbers and in words: who is ahead, who zig-zags, who rises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lrdemo.history import TestPoint

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


class Record(Protocol):
    """What is known of one lane: its minibatch losses [iterations] and its test points."""

    @property
    def loss(self) -> npt.NDArray[np.float32]:
        """Return the minibatch losses so far."""
        ...

    @property
    def tests(self) -> Sequence[TestPoint]:
        """Return the evaluations on the test images so far, at least one."""
        ...


def judge(learning_rates: Sequence[float], histories: Sequence[Record]) -> tuple[Verdict, ...]:
    """Judge every lane against the one with the lowest minibatch loss, both over the last 100 iterations.

    All lanes see the same minibatches, so the luck of the draw is common to them. A lane *zig-zags* when its rate is
    higher than that of the lowest lane and its loss jumps more than 1.5 times as far from one iteration to the next.
    A lane *rises* when its test loss is more than a quarter above the lowest it has had.
    """
    recent = [history.loss[-WINDOW:].astype(np.float64) for history in histories]
    ends = [history.tests[-1] for history in histories]
    jumps = [float(np.abs(np.diff(loss)).mean()) if len(loss) > 1 else 0.0 for loss in recent]
    best = ahead(ends)
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


def ahead(points: Sequence[TestPoint]) -> int:
    """Return the lane with the highest test accuracy; among equals the one with the lowest test loss."""
    return max(range(len(points)), key=lambda lane: (points[lane].accuracy, -points[lane].loss))
