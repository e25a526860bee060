"""Judge the lanes of a race: who is ahead, how far behind the others are, and what is wrong with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lrdemo.arrays import Float32s
from lrdemo.formats import fixed
from lrdemo.history import TestPoint
from lrdemo.settings import Settings
from lrdemo.symptoms import LOST, TOO_LARGE, Symptom, symptom_of

LEAST, MOST = 2, 8
DEFAULT_RATES = (0.001, 0.01, 0.1, 1.0, 10.0)
"""Rates that can be said aloud, from one that hardly learns to one that overshoots."""
EARLY = 20
"""Iterations before which nothing is said."""


class Record(Protocol):
    """The part of a lane that a verdict needs: its rate, minibatch losses [iterations] and test points."""

    @property
    def learning_rate(self) -> float:
        """Return the learning rate."""
        ...

    @property
    def loss(self) -> Float32s:
        """Return the minibatch losses so far."""
        ...

    @property
    def tests(self) -> Sequence[TestPoint]:
        """Return the tests so far."""
        ...


@dataclass(frozen=True)
class Verdict:
    """How one lane does: whether it is ahead, its symptom, and both in words."""

    winner: bool
    symptom: Symptom | None
    words: str

    @property
    def mark(self) -> str:
        """Return the verdict in a word or two, empty where there is nothing to say."""
        marks = ("ahead" if self.winner else "", self.symptom.mark if self.symptom else "")
        return ", ".join(filter(None, marks))

    @property
    def too_large(self) -> bool:
        """Return whether the lane's steps are too large."""
        return self.symptom in TOO_LARGE


def judge(settings: Settings, state: str, lanes: Sequence[Record]) -> tuple[Verdict, ...]:
    """Judge the lanes of a race in this state: each alone, as a single run is, and those not lost by their last tests.

    The highest accuracy is ahead; among equals the lowest loss.
    """
    early = len(lanes[0].loss) < EARLY or not lanes[0].tests
    symptoms = [symptom_of(settings, lane.learning_rate, state, lane.loss) for lane in lanes]
    ends = [] if early else [lane.tests[-1] for lane in lanes]
    fit = [number for number in range(len(ends)) if symptoms[number] not in LOST]
    best = max(fit, key=lambda number: (ends[number].accuracy, -ends[number].loss), default=-1)
    verdicts = []
    for number, symptom in enumerate(symptoms):
        words = []
        if number == best:
            words.append("Ahead.")
        elif symptom not in LOST and best < 0:
            words.append("Too early to say.")
        elif symptom not in LOST:
            words.append(f"{fixed(100 * (ends[best].accuracy - ends[number].accuracy), 1)} points behind.")
        if symptom is not None:
            words.append(symptom.words)
        verdicts.append(Verdict(number == best, symptom, " ".join(words)))
    return tuple(verdicts)
