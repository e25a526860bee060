"""Symptoms in constructed losses, each rule at its limits, and in the records of real runs."""

from __future__ import annotations

import numpy as np
import pytest

from lrdemo.data import Digits
from lrdemo.settings import Settings, changed
from lrdemo.symptoms import Symptom, at_the_end, exploded, iterations_to_half, jumps, slow, symptom_of
from lrdemo.trainer import Trainer


def losses(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def falling(start: float, per_iteration: float, number: int) -> np.ndarray:
    return (start - per_iteration * np.arange(number)).astype(np.float32)


def test_a_run_has_exploded_when_its_loss_stays_above_its_start() -> None:
    """The start is 2.5; each quarter of the last 100 iterations must be more than a tenth above, and above ln 10."""
    assert exploded(np.array([2.5] + [2.8] * 100))
    assert not exploded(np.array([2.5] + [2.8] * 99))
    assert not exploded(np.array([2.5] + [2.75] * 100))
    assert not exploded(np.array([2.5] + [2.5] * 100))
    assert exploded(np.array([2.5] + [0.1] * 500 + [2.8] * 100))
    assert not exploded(np.array([2.5] + [9.0] * 500 + [2.4] * 100))
    for quarter in range(4):
        mostly = np.full(101, 9.0)
        mostly[0] = 2.5
        mostly[1 + 25 * quarter : 26 + 25 * quarter] = 2.4
        assert not exploded(mostly)
    mixed = np.array([2.5] + [9.0, 0.0] * 50)  # 4.5 on average, though every other minibatch is right
    assert exploded(mixed)
    assert not exploded(np.array([0.5] + [2.2] * 100)) and exploded(np.array([0.5] + [2.6] * 100))
    assert exploded(np.array([2.5, np.nan])) and exploded(np.array([2.5, np.inf]))
    assert not exploded(np.zeros(0))


def test_after_a_burst_a_run_that_only_guesses_has_exploded() -> None:
    """From a start of 2.5: above 25 is a burst, and 2.375 is what must be reached again."""
    assert exploded(np.array([2.5, 26.0] + [2.4] * 100))
    assert not exploded(np.array([2.5, 25.0] + [2.4] * 100))
    assert not exploded(np.array([2.5, 26.0] + [2.35] * 100))


def test_learning_slowly_is_not_exploding(digits: Digits) -> None:
    for seed in range(3):
        run = Trainer(Settings(learning_rate=1e-4, iterations=150, batch_size=10, seed=seed), digits, tests=False)
        for _ in range(15):
            run.advance(10)
            assert not run.exploded


@pytest.mark.parametrize("batch", [25, 100, 400])
def test_large_steps_jump_when_the_loss_changes_by_more_than_two_over_the_root_of_the_batch(batch: int) -> None:
    """Over the last 100 of at least 200 iterations: those before them may have been wild."""
    settings, limit = Settings(batch_size=batch), 2 / batch**0.5
    for swing, found in ((0.98 * limit, False), (1.02 * limit, True)):
        assert jumps(settings, 10.0, losses(*[1.0, 1.0 + swing] * 100)) is found
        assert jumps(settings, 10.0, losses(*[1.0, 9.0] * 50, *[1.0, 1.0 + swing] * 50)) is found
    wild = losses(*[1.0, 9.0] * 100)
    assert not jumps(settings, 10.0, wild[:199])


@pytest.mark.parametrize(
    ("rate", "values", "large"),
    [(1.0, {}, False), (1.01, {}, True), (0.09, {"momentum": 0.9}, False), (0.11, {"momentum": 0.9}, True),
     (0.5, {"batch_size": 25}, False), (0.51, {"batch_size": 25}, True), (1.0, {"batch_size": 1_000}, False)],
)  # fmt: skip
def test_only_an_effective_step_of_twice_the_largest_that_works_makes_jumps_a_fault(
    rate: float, values: dict[str, object], large: bool
) -> None:
    assert jumps(changed(Settings(), **values), rate, losses(*[1.0, 9.0] * 100)) is large


def test_small_steps_are_slow_when_half_the_start_is_not_reached_as_planned() -> None:
    """From 2.0 it falls by 0.001 an iteration: on average over the first 50 it is 1.9755, and half that after 988."""
    record = falling(2.0, 0.001, 200)

    assert iterations_to_half(record) == pytest.approx(200 + (1.8255 - 1.9755 / 2) / 0.001, rel=1e-3)
    assert slow(Settings(iterations=1_030), 0.01, record)
    assert not slow(Settings(iterations=1_045), 0.01, record)
    assert not slow(Settings(iterations=150), 0.025, record)
    assert slow(Settings(iterations=150, momentum=0.5), 0.012, record)
    assert not slow(Settings(iterations=150, momentum=0.5), 0.013, record)
    assert not slow(Settings(iterations=150), 0.01, record[:99]) and slow(Settings(iterations=150), 0.01, record[:100])


def test_a_loss_that_has_come_to_half_its_start_is_not_slow_and_one_that_does_not_fall_never_will() -> None:
    assert iterations_to_half(losses(*[2.0] * 100, *[0.9] * 100)) == 200
    assert iterations_to_half(losses(*[2.0] * 200)) == np.inf
    assert slow(Settings(iterations=30_000), 0.001, losses(*[2.0] * 200))


def test_at_the_end_the_last_two_thirds_are_compared() -> None:
    for last, found in ((0.969, Symptom.FALLING), (0.971, Symptom.FLAT), (1.2, Symptom.FLAT)):
        record = losses(*[5.0] * 400, *[1.0] * 400, *[last] * 400)
        assert at_the_end(record) is found
    assert at_the_end(losses(*[1.0] * 999)) is None and at_the_end(losses(*[1.0] * 1_000)) is Symptom.FLAT
    assert at_the_end(falling(2.0, 0.01, 149)) is None and at_the_end(falling(2.0, 0.01, 150)) is Symptom.FALLING


def test_the_most_pressing_symptom_is_told() -> None:
    """With a rate of 10 and records that show several at once."""
    wild, plan = losses(*[2.0, 9.0] * 300), Settings(iterations=600)

    assert symptom_of(plan, 10.0, "diverged", wild) is Symptom.DIVERGED
    assert symptom_of(plan, 10.0, "running", losses(*wild, np.nan)) is Symptom.DIVERGED
    assert symptom_of(plan, 10.0, "running", wild) is Symptom.ABOVE_START
    assert symptom_of(plan, 10.0, "finished", losses(*[0.2, 0.8] * 300)) is Symptom.JUMPS
    assert symptom_of(plan, 0.001, "finished", falling(2.0, 0.001, 600)) is Symptom.SLOW
    assert symptom_of(plan, 0.1, "finished", falling(2.0, 0.003, 600)) is Symptom.FALLING
    for state in ("running", "paused", "ready"):
        assert symptom_of(plan, 0.1, state, falling(2.0, 0.003, 600)) is None
    assert symptom_of(Settings(optimiser="adam", gradient="autograd"), 10.0, "running", wild) is None


def test_each_symptom_is_a_sentence() -> None:
    assert [one.words for one in Symptom] == [
        "The loss is no longer finite: the steps are too large.",
        "The loss stays above its start: the steps are too large.",
        "The loss jumps up and down: the steps are too large.",
        "The loss falls slowly: the steps are too small.",
        "The loss has stopped falling.",
        "The loss was still falling at the end.",
    ]
