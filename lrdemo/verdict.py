"""Judge runs by their records, in numbers and in words: which one is ahead, zig-zags, rises or has exploded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lrdemo.arrays import Float32s, Float64s
from lrdemo.formats import fixed, percent, short
from lrdemo.history import TestPoint
from lrdemo.shapes import CLASSES

LEAST, MOST = 2, 8
DEFAULT_RATES = (0.001, 0.01, 0.1, 1.0, 10.0)
"""Rates that can be said aloud, from one that hardly learns to one that overshoots."""

WINDOW = 100
"""Iterations, the latest, over which the curves are judged."""
EARLY = 20
ZIGZAG = 1.5
RISING = 1.25
GUESSING = math.log(CLASSES)
ABOVE, BELOW, BURST = 1.1, 0.95, 10.0
"""Shares of the loss at the start: see `exploded`."""


@dataclass(frozen=True)
class Verdict:
    """How one lane does: measures over its last 100 iterations, what follows from them, and a sentence or two."""

    learning_rate: float
    test_loss: float
    test_accuracy: float
    jump: float
    """Mean absolute change of the minibatch loss from one iteration to the next."""
    winner: bool
    zigzag: bool
    rising: bool
    exploded: bool
    diverged: bool
    words: str

    @property
    def mark(self) -> str:
        """Return the verdict in a word or two, empty where there is nothing to say."""
        said = {
            "diverged": self.diverged, "ahead": self.winner, "zig-zags": self.zigzag, "rises": self.rising,
        }  # fmt: skip
        words = ", ".join(word for word, true in said.items() if true)
        return words or ("above its start" if self.exploded else "")


def exploded(losses: Float32s | Float64s) -> bool:
    """Return whether training has gone wrong: minibatch losses [n] above their start for 100 iterations, or not finite.

    Each quarter of the last 100 iterations must lie a tenth above the start on average (above ln 10 where the start was
    lower), so that neither luck, a short burst nor slow learning decides. After a loss of ten times the start it is
    enough not to have come below it again: a network thrown far out of range guesses for ever.
    """
    if not np.isfinite(losses).all():
        return True
    if len(losses) <= WINDOW:
        return False
    start = max(float(losses[0]), GUESSING)
    margin = BELOW if losses.max() > BURST * start else ABOVE
    quarters = losses[-WINDOW:].astype(np.float64).reshape(4, -1).mean(axis=1)
    return bool((quarters > margin * start).all())


class Record(Protocol):
    """The part of a history that a verdict needs: minibatch losses [iterations] and test points."""

    @property
    def loss(self) -> Float32s:
        """Return the minibatch losses so far."""
        ...

    @property
    def tests(self) -> Sequence[TestPoint]:
        """Return the tests on the test images so far."""
        ...


def judge(learning_rates: Sequence[float], histories: Sequence[Record]) -> tuple[Verdict, ...]:
    """Judge every lane against the one with the lowest minibatch loss, both over the last 100 iterations.

    All lanes see the same minibatches, so the luck of the draw is common to them. A lane *zig-zags* when its rate is
    higher than that of the lowest lane and its loss jumps more than 1.5 times as far from one iteration to the next.
    A lane *rises* when this loss is more than a quarter above that of some hundred iterations before them. See also
    `exploded`.
    """
    recent = [np.nan_to_num(history.loss[-WINDOW:].astype(np.float64), nan=np.inf) for history in histories]
    if len(recent[0]) < EARLY or not all(history.tests for history in histories):
        return tuple(map(_too_early, learning_rates, histories))
    ends = [history.tests[-1] for history in histories]
    with np.errstate(invalid="ignore"):
        jumps = [float(np.abs(np.diff(loss)).mean()) for loss in recent]
    best = ahead(ends)
    lowest = min(range(len(recent)), key=lambda lane: float(recent[lane].mean()))
    verdicts = []
    for lane, (rate, history) in enumerate(zip(learning_rates, histories, strict=True)):
        end, jump = ends[lane], jumps[lane]
        wrong, diverged = exploded(history.loss), not np.isfinite(history.loss).all()
        zigzag = not diverged and rate > learning_rates[lowest] and jump > ZIGZAG * jumps[lowest]
        rising = not diverged and _rises(history.loss)
        if diverged:
            words = f"{short(rate)} diverged: its loss is no longer finite. Choose a lower rate."
        elif wrong:
            words = f"{short(rate)} is too high: its loss stays above its start."
        elif lane == best:
            words = f"{short(rate)} is ahead: {percent(end.accuracy)} classified correctly."
        elif not zigzag and not rising:
            behind = 100 * (ends[best].accuracy - end.accuracy)
            slow = ", and its steps are small" if rate < learning_rates[lowest] else ""
            words = f"{short(rate)} is {fixed(behind, 1)} points behind{slow}."
        else:
            words = f"{short(rate)} is too high."
        if zigzag:
            calm = jumps[lowest]
            farther = f", {fixed(jump / calm, 1)} times as far as at {short(learning_rates[lowest])}" if calm else ""
            words += f" It zig-zags: its loss jumps by {fixed(jump)} per iteration{farther}."
        if rising:
            words += f" Its loss has risen to {fixed(float(recent[lane].mean()))}."
        winner = lane == best and not wrong
        verdicts.append(Verdict(rate, end.loss, end.accuracy, jump, winner, zigzag, rising, wrong, diverged, words))
    return tuple(verdicts)


def _rises(losses: Float32s) -> bool:
    """Return whether the last 100 losses are on average a quarter above some whole hundred before them."""
    hundreds = losses[len(losses) % WINDOW :].astype(np.float64).reshape(-1, WINDOW).mean(axis=1)
    return len(hundreds) > 1 and bool(hundreds[-1] > RISING * hundreds[:-1].min())


def _too_early(learning_rate: float, history: Record) -> Verdict:
    end = history.tests[-1] if history.tests else TestPoint(0, math.nan, math.nan)
    words = f"{short(learning_rate)}: too early to say."
    return Verdict(learning_rate, end.loss, end.accuracy, 0.0, False, False, False, False, False, words)


def ahead(points: Sequence[TestPoint]) -> int:
    """Return the lane with the highest test accuracy; among equals the one with the lowest test loss."""
    return max(range(len(points)), key=lambda lane: (points[lane].accuracy, -points[lane].loss))
