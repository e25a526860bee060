"""Say what to try next with a run: what its record shows (see `symptoms`), why, and which settings would mend it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lrdemo.arrays import Float32s
from lrdemo.formats import count, percent, short
from lrdemo.settings import TABLE, Settings
from lrdemo.symptoms import LOST, TOO_LARGE, Symptom, iterations_to_half, largest_step, step, symptom_of

LINEAR_TOP = f"About {percent(0.925)} is what a linear model on pixels can reach."
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
    symptom = symptom_of(settings, learning_rate, state, losses)
    if symptom is None:
        return None
    if symptom in TOO_LARGE:
        return smaller_steps(symptom, settings, learning_rate, state)
    if symptom is Symptom.SLOW:
        return larger_steps(symptom, settings, learning_rate, state, losses)
    return another_model(symptom, settings) if symptom is Symptom.FLAT else more_iterations(symptom, settings)


def smaller_steps(symptom: Symptom, settings: Settings, learning_rate: float, state: str) -> Advice:
    """Advise a lower learning rate, or less momentum where that is what makes the steps too large."""
    largest = largest_step(settings)
    if step(settings, learning_rate) <= largest:
        return Advice(f"{symptom.seen}: earlier steps threw the model out of range.", "Begin again", {}, True)
    if learning_rate <= largest:
        less = (one for one in (0.9, 0.5, 0.0) if one < settings.momentum)
        momentum = next(one for one in less if learning_rate / (1 - one) <= largest)
        times = round(1 / (1 - settings.momentum))
        return Advice(
            f"{symptom.seen}: momentum {short(settings.momentum)} makes every step up to {times} times as large. "
            f"Try {short(momentum)}.",
            f"Begin again with momentum {short(momentum)}", {"momentum": momentum}, True,
        )  # fmt: skip
    rate = learning_rate
    while step(settings, rate) > largest and rate > _lowest():
        rate = max(_lowest(), _mark(rate / 3))
    again = symptom in LOST or state == "finished"
    return Advice(
        f"{symptom.seen}: {symptom.cause}. Try a learning rate of {short(rate)}.",
        _label(rate, again), {"learning_rate": rate}, again,
    )  # fmt: skip


def larger_steps(symptom: Symptom, settings: Settings, learning_rate: float, state: str, losses: Float32s) -> Advice:
    """Advise a higher learning rate, ten times as high or more."""
    largest = largest_step(settings)
    rate = learning_rate
    while step(settings, 10 * rate) <= largest:
        rate *= 10
    rate = _mark(rate if rate > learning_rate else largest * (1 - settings.momentum))
    times = iterations_to_half(losses) / settings.iterations
    slow = ""
    if 2 <= times < 1_000:
        slow = f" To halve it would take about {count(round(times))} times as many iterations as planned."
    return Advice(
        f"{symptom.seen}: {symptom.cause}.{slow} Try a learning rate of {short(rate)}.",
        _label(rate, state == "finished"), {"learning_rate": rate}, state == "finished",
    )  # fmt: skip


def another_model(symptom: Symptom, settings: Settings) -> Advice:
    """Advise a model that can do more, where this one is linear."""
    text = f"{symptom.seen}: more iterations bring little."
    if settings.model == "softmax" and settings.features == "pixels":
        return Advice(f"{text} {LINEAR_TOP}", "Try the multilayer perceptron", {"model": "mlp"}, True)
    return Advice(text)


def more_iterations(symptom: Symptom, settings: Settings) -> Advice:
    """Advise a longer run, as far as there is one."""
    most = TABLE["iterations"].high
    assert most is not None
    more = min(int(most), int(_mark(5 * settings.iterations)))
    if more <= settings.iterations:
        return Advice(f"{symptom.seen}.")
    return Advice(
        f"{symptom.seen}: more iterations would help.", f"Train {count(more)} iterations", {"iterations": more}, True
    )


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
