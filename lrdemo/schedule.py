"""The iterations after which a run is tested on the test images, the same in every run of the same settings.

Often at the start, where much changes, then at a spacing that grows with the run. Needs no PyTorch.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from lrdemo.settings import Settings

EARLY = (0, 10, 20, 30, 40)
SPACING = {"softmax": 50, "mlp": 250}
"""Iterations from test to test at first; a test of the multilayer perceptron costs as much as thirty steps."""
WIDE_FROM, WIDE_SPACING = 1_000, 500
MOST_TEACHINGS = 400
"""Tests that teaching and undoing may add to a run."""


@lru_cache(maxsize=64)
def tests_at(settings: Settings) -> tuple[int, ...]:
    """Return the tested iterations in order: early, every 50 (250) up to 1,000, every 500 from there, and the last."""
    last = settings.iterations
    near = range(0, min(last, WIDE_FROM) + 1, SPACING[settings.model])
    wide = range(WIDE_FROM, last + 1, WIDE_SPACING)
    return tuple(sorted({*(at for at in EARLY if at <= last), *near, *wide, last}))


def last_test_at(settings: Settings, iteration: int) -> int:
    """Return the last tested iteration up to this one."""
    schedule = tests_at(settings)
    return schedule[bisect_right(schedule, iteration) - 1]


def most_tests(settings: Settings) -> int:
    """Return how many tests a run of these settings can have, those after teachings included."""
    return len(tests_at(settings)) + MOST_TEACHINGS
