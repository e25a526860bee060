"""Advice on records of real runs, each rule alone, and that good runs are left in peace."""

from __future__ import annotations

import numpy as np
import pytest

from lrdemo.advice import Advice, advise
from lrdemo.arrays import Float32s
from lrdemo.data import Digits
from lrdemo.formats import percent
from lrdemo.settings import Settings, changed
from lrdemo.symptoms import exploded
from lrdemo.trainer import Trainer


def trained(digits: Digits, iterations: int = 300, **values: object) -> tuple[Settings, str, Float32s]:
    settings = changed(Settings(iterations=iterations, init="linear"), **values)
    run = Trainer(settings, digits, tests=False)
    run.advance(iterations)
    return settings, "diverged" if run.diverged else "paused", run.history.loss


def advice(digits: Digits, **values: object) -> Advice | None:
    settings, state, losses = trained(digits, **values)
    return advise(settings, settings.learning_rate, state, losses)


def test_an_untrained_run_is_to_be_started() -> None:
    found = advise(Settings(), 0.1, "ready", np.zeros(0, np.float32))

    assert found is not None and (found.label, found.change, found.restarts) == ("Start", {}, True)
    assert advise(Settings(), 0.1, "running", np.zeros(0, np.float32)) is None


GOOD = (
    {"learning_rate": 0.01}, {"learning_rate": 0.03}, {}, {"learning_rate": 0.3}, {"learning_rate": 1.0},
    {"learning_rate": 0.01, "momentum": 0.9}, {"learning_rate": 0.1, "momentum": 0.9},
    {"learning_rate": 0.01, "momentum": 0.99}, {"batch_size": 10}, {"batch_size": 10, "learning_rate": 0.03},
    {"batch_size": 1_000}, {"batch_size": 1_000, "learning_rate": 1.0}, {"model": "mlp"},
    {"model": "mlp", "learning_rate": 1.0}, {"model": "mlp", "learning_rate": 0.03},
)  # fmt: skip


@pytest.mark.parametrize("values", GOOD, ids=str)
def test_a_run_that_does_well_is_left_in_peace(digits: Digits, values: dict[str, object]) -> None:
    settings, state, losses = trained(digits, **values)

    for done in range(20, 301, 20):
        assert advise(settings, settings.learning_rate, state, losses[:done]) is None, done


@pytest.mark.parametrize(
    "values",
    [{"learning_rate": 10.0}, {"learning_rate": 3.0}, {"learning_rate": 1.0, "batch_size": 10},
     {"learning_rate": 10.0, "momentum": 0.9}, {"learning_rate": 3.0, "batch_size": 1_000},
     {"learning_rate": 10.0, "model": "mlp"}],
    ids=str,
)  # fmt: skip
def test_a_rate_that_is_too_high_is_replaced_by_one_that_works(digits: Digits, values: dict[str, object]) -> None:
    settings, state, losses = trained(digits, **values)

    found = advise(settings, settings.learning_rate, state, losses)

    assert found is not None and "the steps are too large. Try a learning rate of" in found.text
    (rate,) = found.change.values()
    assert rate < settings.learning_rate and f"{rate:g}"[-1] in "125" and found.label.endswith(f" {rate:g}")
    assert found.restarts is exploded(losses)
    better = trained(digits, **{**values, **found.change})
    assert better[2][-100:].mean() < losses[-100:].mean()
    assert advise(better[0], rate, better[1], better[2]) is None


@pytest.mark.parametrize(("rate", "momentum", "less"), [(0.1, 0.99, 0.5), (0.3, 0.99, 0.0)])
def test_a_momentum_that_is_too_high_is_lowered(digits: Digits, rate: float, momentum: float, less: float) -> None:
    values = {"learning_rate": rate, "momentum": momentum}
    found = advice(digits, **values)

    assert found is not None and f"momentum {momentum:g} makes every step up to 100 times as large" in found.text
    assert (found.change, found.restarts) == ({"momentum": less}, True)
    assert advice(digits, **{**values, **found.change}) is None


@pytest.mark.parametrize("values", [{"learning_rate": 1e-4}, {"learning_rate": 1e-3}, {"learning_rate": 1e-3,
                                    "model": "mlp"}, {"learning_rate": 1e-4, "batch_size": 10}], ids=str)  # fmt: skip
def test_a_rate_that_is_too_low_is_raised(digits: Digits, values: dict[str, object]) -> None:
    found = advice(digits, **values)

    assert found is not None and "the steps are too small" in found.text
    assert (found.change, found.label, found.restarts) == ({"learning_rate": 0.1}, "Use 0.1", False)


def test_a_diverged_run_and_one_thrown_out_of_range_begin_again(digits: Digits) -> None:
    settings, state, losses = trained(digits, model="mlp", learning_rate=10.0)
    thrown = advise(settings, 0.1, state, losses)
    diverged = advise(settings, 10.0, "diverged", losses[:3])

    assert thrown is not None and (thrown.label, thrown.change, thrown.restarts) == ("Begin again", {}, True)
    assert diverged is not None and diverged.restarts and "no longer finite" in diverged.text


def test_a_finished_run_is_told_whether_more_iterations_would_help(digits: Digits) -> None:
    settings, _, losses = trained(digits, iterations=600)
    falling = advise(settings, 0.1, "finished", losses)
    flat = np.full(1_200, 0.3, np.float32)

    assert falling is not None and falling.change == {"iterations": 2_000} and falling.restarts
    ended = advise(Settings(iterations=1_200), 0.1, "finished", flat)
    assert ended is not None and percent(0.925) in ended.text and ended.change == {"model": "mlp"} and ended.restarts
    for other in ({"model": "mlp"}, {"features": "normalised"}):
        found = advise(changed(Settings(iterations=1_200), **other), 0.1, "finished", flat)
        assert found is not None and "stopped falling" in found.text and "92.5" not in found.text and not found.label
    assert advise(Settings(), 0.1, "finished", flat[:600]) is None


def test_the_longest_run_is_told_to_have_been_falling_and_no_more() -> None:
    falling = np.linspace(2.0, 0.5, 30_000).astype(np.float32)

    assert advise(Settings(iterations=30_000), 0.1, "finished", falling) == Advice(
        "The loss was still falling at the end."
    )
