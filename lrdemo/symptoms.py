"""What the record of a run shows to be wrong with it, or worth knowing at its end: pure rules, one by one.

A single run and a lane of a race are judged by these same rules, see `advice` and `verdict`.

The thresholds come from 126 runs of 600 iterations (softmax regression with minibatches of 10, 100 and 1,000 and
momentum 0, 0.5, 0.9 and 0.99; the perceptron with 100, momentum 0 and 0.9; nine rates from 0.0001 to 10 each). What
counts is the effective step, rate / (1 − momentum). Minibatches of 100 come to 90 … 92 % at an effective step of
0.1 … 1 and to 83 … 90 % from 10 on; those of 10 are best at 0.1. The loss's jumps, times the root of the batch size,
are at most 1.6 in every run that does well, and above 2 in those that an effective step of 3 or more has harmed; the
larger ones may still be calm with minibatches of 1,000, and are then left in peace. The rules are for SGD.
"""

from __future__ import annotations

import math
from enum import Enum

import numpy as np

from lrdemo.arrays import Float32s, Float64s
from lrdemo.settings import Settings
from lrdemo.shapes import CLASSES

WINDOW = 100
"""Iterations, the latest, over which the loss is judged."""
GUESSING = math.log(CLASSES)
ABOVE, BELOW, BURST = 1.1, 0.95, 10.0
"""Shares of the loss at the start: see `exploded`."""
JUMP = 2.0
"""Mean change of the loss from one iteration to the next, times the root of the batch size: more is too much."""
LARGEST_STEP = 0.5
"""Effective step that works with 100 images or more; with fewer it shrinks with the root of their number."""
SMALL_SHARE = 0.05
"""An effective step below this share of it may be called too small."""
ENDS = 50
FLAT_BELOW, FLAT_FROM = 0.03, 1_000
"""A loss that fell by less than this share from one third of a run of so many iterations to the next is flat."""


class Symptom(Enum):
    """What the losses do, as a mark on a line and in words, and why where the learning rate is to blame."""

    DIVERGED = ("diverged", "The loss is no longer finite", "the steps are too large")
    ABOVE_START = ("above its start", "The loss stays above its start", "the steps are too large")
    JUMPS = ("jumps", "The loss jumps up and down", "the steps are too large")
    SLOW = ("slow", "The loss falls slowly", "the steps are too small")
    FLAT = ("", "The loss has stopped falling", "")
    FALLING = ("", "The loss was still falling at the end", "")

    def __init__(self, mark: str, seen: str, cause: str) -> None:
        self.mark, self.seen, self.cause = mark, seen, cause

    @property
    def words(self) -> str:
        """Return it as a sentence, with its cause."""
        return f"{self.seen}: {self.cause}." if self.cause else f"{self.seen}."


LOST = (Symptom.DIVERGED, Symptom.ABOVE_START)
"""Nothing is to be hoped for any more."""
TOO_LARGE = (*LOST, Symptom.JUMPS)


def symptom_of(settings: Settings, learning_rate: float, state: str, losses: Float32s) -> Symptom | None:
    """Return the most pressing symptom of one run, None where it does well.

    losses [n] are those of its minibatches, `learning_rate` is that of the moment, `state` as on the run's board.
    """
    if settings.optimiser == "adam":
        return None
    if state == "diverged" or not np.isfinite(losses).all():
        return Symptom.DIVERGED
    if exploded(losses):
        return Symptom.ABOVE_START
    if jumps(settings, learning_rate, losses):
        return Symptom.JUMPS
    if slow(settings, learning_rate, losses):
        return Symptom.SLOW
    return at_the_end(losses) if state == "finished" else None


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


def jumps(settings: Settings, learning_rate: float, losses: Float32s) -> bool:
    """Return whether steps that are large make the loss jump: with fewer images luck counts more."""
    if step(settings, learning_rate) <= 2 * largest_step(settings) or len(losses) < 2 * WINDOW:
        return False
    jump = float(np.abs(np.diff(losses[-WINDOW:].astype(np.float64))).mean())
    return jump * math.sqrt(settings.batch_size) > JUMP


def slow(settings: Settings, learning_rate: float, losses: Float32s) -> bool:
    """Return whether steps that are small leave half the loss at the start out of reach."""
    small = step(settings, learning_rate) < SMALL_SHARE * largest_step(settings)
    return small and len(losses) >= 2 * ENDS and iterations_to_half(losses) > settings.iterations


def iterations_to_half(losses: Float32s) -> float:
    """Return after how many iterations in all the losses [n] will have come to half their start, if they go on so.

    n where they have; infinite where they do not fall.
    """
    first, last = float(losses[:ENDS].mean()), float(losses[-ENDS:].mean())
    fall = (first - last) / (len(losses) - ENDS)
    return len(losses) + max(0.0, last - first / 2) / fall if fall > 0 else math.inf


def at_the_end(losses: Float32s) -> Symptom | None:
    """Return whether the loss of a run that has ended was still falling, None where that cannot be said."""
    third = len(losses) // 3
    if third < ENDS:
        return None
    before, last = float(losses[-2 * third : -third].mean()), float(losses[-third:].mean())
    if before - last >= FLAT_BELOW * before:
        return Symptom.FALLING
    return Symptom.FLAT if len(losses) >= FLAT_FROM else None


def step(settings: Settings, learning_rate: float) -> float:
    """Return the effective step, which momentum makes larger."""
    return learning_rate / (1 - settings.momentum)


def largest_step(settings: Settings) -> float:
    """Return the largest effective step that works."""
    return LARGEST_STEP * min(1.0, math.sqrt(settings.batch_size / 100))
