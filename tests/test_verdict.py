"""Verdicts on the lanes of a race: who is ahead and by how much, and the same symptoms as in a single run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from lrdemo.advice import advise
from lrdemo.arrays import Float32s
from lrdemo.data import Digits
from lrdemo.history import TestPoint as Point
from lrdemo.race import Race
from lrdemo.settings import Settings
from lrdemo.symptoms import Symptom
from lrdemo.trainer import Trainer
from lrdemo.verdict import DEFAULT_RATES, LEAST, MOST, Verdict, judge


@dataclass
class Lane:
    loss: Float32s
    tests: Sequence[Point]
    learning_rate: float = 0.1


def lane(losses: Sequence[float], accuracy: float = 0.9, test_loss: float = 0.5, rate: float = 0.1) -> Lane:
    tests = [Point(0, 2.3, 0.1), Point(len(losses), test_loss, accuracy)]
    return Lane(np.asarray(losses, np.float32), tests, rate)


def verdicts(*lanes: Lane, state: str = "running") -> tuple[Verdict, ...]:
    return judge(Settings(iterations=600), state, lanes)


def test_the_most_accurate_is_ahead_and_the_lower_loss_decides_among_equals() -> None:
    calm = [0.5] * 150
    lanes = [lane(calm, 0.80, 0.1), lane(calm, 0.90, 0.5), lane(calm, 0.90, 0.4), lane(calm, 0.89, 0.9)]

    assert [one.winner for one in verdicts(*lanes)] == [False, False, True, False]
    assert [one.winner for one in verdicts(*lanes[::-1])] == [False, True, False, False]
    assert [one.winner for one in verdicts(*lanes[:2])] == [False, True]
    assert [one.mark for one in verdicts(*lanes)] == ["", "", "ahead", ""]


def test_who_is_behind_hears_by_how_much_and_what_is_wrong() -> None:
    slow = lane([2.0] * 150, 0.3, rate=0.001)
    wild = lane([0.2, 0.8] * 100, 0.8875, rate=10.0)
    best = lane([0.5] * 200, 0.9)

    found = verdicts(slow, best, wild)

    assert [one.mark for one in found] == ["slow", "ahead", "jumps"]
    assert [one.words for one in found] == [
        "60.0 points behind. The loss falls slowly: the steps are too small.",
        "Ahead.",
        "1.3 points behind. The loss jumps up and down: the steps are too large.",
    ]
    assert [one.too_large for one in found] == [False, False, True]


def test_who_jumps_may_be_ahead_but_who_is_lost_may_not() -> None:
    wild, worse = lane([0.2, 0.8] * 100, 0.9, rate=10.0), lane([0.5] * 200, 0.8)
    above, lost = lane([2.4] + [30.0] * 199, 0.95, rate=10.0), lane([2.4] * 50 + [math.nan] * 150, 0.99, rate=10.0)

    first, second, third, fourth = verdicts(wild, worse, above, lost)

    assert (first.winner, first.mark) == (True, "ahead, jumps")
    assert first.words == "Ahead. The loss jumps up and down: the steps are too large."
    assert second.words == "10.0 points behind."
    assert (third.winner, third.mark) == (False, "above its start")
    assert third.words == "The loss stays above its start: the steps are too large."
    assert (fourth.winner, fourth.mark) == (False, "diverged")
    assert fourth.words == "The loss is no longer finite: the steps are too large."
    assert [one.winner for one in verdicts(above, lost)] == [False, False]


def test_before_twenty_iterations_and_a_test_it_is_too_early_to_say_who_is_ahead() -> None:
    for lanes in ([lane([1.0] * 19), lane([1.0] * 19)], [Lane(np.ones(20, np.float32), [])] * 2):
        assert verdicts(*lanes) == (Verdict(False, None, "Too early to say."),) * 2
    assert [one.words for one in verdicts(lane([1.0] * 20), lane([1.0] * 20))] == ["Ahead.", "0.0 points behind."]


def test_a_lane_that_has_diverged_is_called_so_at_once() -> None:
    early = lane([1.0, math.nan])
    assert [one.mark for one in verdicts(early, lane([1.0, 1.0]))] == ["diverged", ""]
    assert [one.mark for one in verdicts(lane([1.0]), lane([1.0]), state="diverged")] == ["diverged"] * 2


WITH_MOMENTUM = {None, Symptom.ABOVE_START, Symptom.JUMPS, Symptom.FALLING}


@pytest.mark.parametrize(
    ("values", "expected"),
    [({}, WITH_MOMENTUM | {Symptom.SLOW}), ({"batch_size": 10}, WITH_MOMENTUM | {Symptom.SLOW}),
     ({"momentum": 0.9}, WITH_MOMENTUM)],
    ids=["plain", "small minibatches", "momentum"],
)  # fmt: skip
def test_a_lane_is_said_to_be_what_the_train_page_says_of_the_same_run(
    digits: Digits, values: dict[str, object], expected: set[Symptom | None]
) -> None:
    """Real runs, each rate raced and alone, all along the way: the same symptom, in the same words."""
    settings = Settings(iterations=400, held_out=5_000, **values)
    race = Race(settings, DEFAULT_RATES, digits)
    alone = [Trainer(Settings(**vars(settings) | {"learning_rate": rate}), digits) for rate in DEFAULT_RATES]
    seen = set()
    while not race.finished:
        race.advance(50)
        lanes = [
            Lane(history.loss, history.tests, rate)
            for history, rate in zip(race.histories, race.learning_rates, strict=True)
        ]
        state = "finished" if race.finished else "running"
        for run, verdict, rate in zip(alone, judge(settings, state, lanes), DEFAULT_RATES, strict=True):
            run.advance(50)
            advice = advise(run.settings, rate, state, run.history.loss)
            symptom = verdict.symptom
            seen.add(symptom)
            assert (advice is None) == (symptom is None), (rate, run.iteration)
            if advice is not None and symptom is not None:
                assert advice.text.startswith(f"{symptom.seen}:") and symptom.words in verdict.words
                assert symptom.mark in verdict.mark
    assert seen == expected


def test_the_default_rates_are_the_powers_of_ten_from_a_thousandth() -> None:
    assert DEFAULT_RATES == (0.001, 0.01, 0.1, 1, 10)
    assert (LEAST, MOST) == (2, 8)


def test_the_default_race_names_its_winner_the_slow_rate_and_the_one_that_overshoots(digits: Digits) -> None:
    settings = Settings(iterations=600)
    race = Race(settings, DEFAULT_RATES, digits)
    race.advance(600)
    lanes = [Lane(one.loss, one.tests, rate) for one, rate in zip(race.histories, DEFAULT_RATES, strict=True)]

    assert [one.mark for one in judge(settings, "finished", lanes)] == ["slow", "", "", "ahead", "jumps"]
