"""Say what a run's record shows to be wrong, or worth doing next, and which settings to try: pure rules, one by one.

The thresholds come from 126 runs of 600 iterations (softmax regression with minibatches of 10, 100 and 1,000 and
momentum 0, 0.5, 0.9 and 0.99; the perceptron with 100, momentum 0 and 0.9; nine rates from 0.0001 to 10 each). What
counts is the effective step, rate / (1 − momentum). Minibatches of 100 come to 90 … 92 % at an effective step of
0.1 … 1 and to 83 … 90 % from 10 on; those of 10 are best at 0.1. The loss's jumps, times the root of the batch size,
are at most 1.6 in every run that does well, and above 2 in those that an effective step of 3 or more has harmed; the
larger ones may still be calm with minibatches of 1,000, and are then left in peace. The rules are for SGD.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lrdemo.arrays import Float32s
from lrdemo.formats import count, short
from lrdemo.settings import TABLE, Settings
from lrdemo.verdict import WINDOW, exploded

JUMP = 2.0
"""Mean change of the loss from one iteration to the next, times the root of the batch size: more is too much."""
LARGEST_STEP = 0.5
"""Effective step that works with 100 images or more; with fewer it shrinks with the root of their number."""
SMALL_SHARE = 0.05
"""An effective step below this share of it may be called too small."""
ENDS = 50
FLAT, FLAT_FROM = 0.03, 1_000
"""A loss that fell by less than this share from one third of a run of so many iterations to the next is flat."""
LINEAR_TOP = "About 92.5 % is what a linear model on pixels can reach."
MARKS = (1, 2, 5)


@dataclass(frozen=True)
class Advice:
    """What is seen and why, and what a button by this label does: change settings, and begin again where it says so."""

    text: str
    label: str = ""
    change: Mapping[str, Any] = field(default_factory=dict)
    restarts: bool = False


def advise(settings: Settings, learning_rate: float, state: str, losses: Float32s) -> Advice | None:
    """Return the most pressing advice for one run, None where there is none.

    losses [n] are those of its minibatches, `learning_rate` is that of the moment, `state` as on the run's board.
    """
    if state == "ready" and not len(losses):
        return Advice("Nothing has been trained yet: every answer is a guess.", "Start", {}, True)
    if settings.optimiser == "adam":
        return None
    return (
        too_large(settings, learning_rate, state, losses)
        or too_small(settings, learning_rate, state, losses)
        or (at_the_end(settings, losses) if state == "finished" else None)
    )


def too_large(settings: Settings, learning_rate: float, state: str, losses: Float32s) -> Advice | None:
    """Tell whether the steps are too large, by the learning rate or by the momentum, and what works instead."""
    wrong = state == "diverged" or exploded(losses)
    step, largest = learning_rate / (1 - settings.momentum), _largest_step(settings)
    if not wrong and (step <= 2 * largest or len(losses) < 2 * WINDOW or _jump(settings, losses) <= JUMP):
        return None
    seen = "The loss jumps up and down"
    if wrong:
        seen = "The loss is no longer finite" if state == "diverged" else "The loss stays above its start"
    if step <= largest:
        return Advice(f"{seen}: earlier steps threw the model out of range.", "Begin again", {}, True)
    if learning_rate <= largest:
        less = (one for one in (0.9, 0.5, 0.0) if one < settings.momentum)
        momentum = next(one for one in less if learning_rate / (1 - one) <= largest)
        times = round(1 / (1 - settings.momentum))
        return Advice(
            f"{seen}: momentum {short(settings.momentum)} makes every step up to {times} times as large. "
            f"Try {short(momentum)}.",
            f"Begin again with momentum {short(momentum)}", {"momentum": momentum}, True,
        )  # fmt: skip
    rate = learning_rate
    while rate / (1 - settings.momentum) > largest and rate > _lowest():
        rate = max(_lowest(), _mark(rate / 3))
    again = wrong or state == "finished"
    return Advice(
        f"{seen}: the steps are too large. Try a learning rate of {short(rate)}.",
        _label(rate, again), {"learning_rate": rate}, again,
    )  # fmt: skip


def too_small(settings: Settings, learning_rate: float, state: str, losses: Float32s) -> Advice | None:
    """Tell whether the loss falls so slowly that half its start is out of reach, and a rate that gets there."""
    step, largest = learning_rate / (1 - settings.momentum), _largest_step(settings)
    if len(losses) < 2 * ENDS or step >= SMALL_SHARE * largest:
        return None
    first, last = float(losses[:ENDS].mean()), float(losses[-ENDS:].mean())
    fall = (first - last) / (len(losses) - ENDS)
    rest = last - first / 2
    if rest <= 0:
        return None
    needed = len(losses) + rest / fall if fall > 0 else math.inf
    times = needed / settings.iterations
    if times <= 1:
        return None
    rate = learning_rate
    while rate * 10 / (1 - settings.momentum) <= largest:
        rate *= 10
    rate = _mark(rate if rate > learning_rate else largest * (1 - settings.momentum))
    slow = ""
    if 2 <= times < 1_000:
        slow = f" To halve it would take about {count(round(times))} times as many iterations as planned."
    return Advice(
        f"The loss falls slowly: the steps are too small.{slow} Try a learning rate of {short(rate)}.",
        _label(rate, state == "finished"), {"learning_rate": rate}, state == "finished",
    )  # fmt: skip


def at_the_end(settings: Settings, losses: Float32s) -> Advice | None:
    """Tell what more iterations would bring to a run that has ended well."""
    third = len(losses) // 3
    if third < ENDS:
        return None
    before, last = float(losses[-2 * third : -third].mean()), float(losses[-third:].mean())
    flat = before - last < FLAT * before
    if flat and len(losses) < FLAT_FROM:
        return None
    if flat:
        linear = settings.model == "softmax" and settings.features == "pixels"
        text = "It has stopped improving; more iterations bring little."
        if linear:
            return Advice(f"{text} {LINEAR_TOP}", "Try the multilayer perceptron", {"model": "mlp"}, True)
        return Advice(text)
    most = TABLE["iterations"].high
    assert most is not None
    more = min(int(most), int(_mark(5 * settings.iterations)))
    if more <= settings.iterations:
        return None
    return Advice(
        "The loss was still falling at the end: more iterations would help.",
        f"Train {count(more)} iterations", {"iterations": more}, True,
    )  # fmt: skip


def _jump(settings: Settings, losses: Float32s) -> float:
    """Return how far the loss jumps of late, times the root of the batch size: with fewer images luck counts more."""
    return float(np.abs(np.diff(losses[-WINDOW:].astype(np.float64))).mean()) * math.sqrt(settings.batch_size)


def _largest_step(settings: Settings) -> float:
    return LARGEST_STEP * min(1.0, math.sqrt(settings.batch_size / 100))


def _label(rate: float, again: bool) -> str:
    return f"Begin again with {short(rate)}" if again else f"Use {short(rate)}"


def _mark(value: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20 … (and 0.5, 0.2, 0.1 …) that is not above the value."""
    power = math.floor(math.log10(value) + 1e-9)
    mantissa = max(mark for mark in MARKS if mark * 10.0**power <= value * (1 + 1e-9))
    return float(f"{mantissa}e{power}")


def _lowest() -> float:
    low = TABLE["learning_rate"].low
    assert low is not None
    return low
