import numpy as np
import pytest
from scipy import signal

from lrdemo.history import History, smoothed, thinned
from lrdemo.history import TestPoint as Point


def test_a_history_joins_what_it_is_given():
    history = History()
    history.add_learning_rate(0.1)
    history.extend(np.array([2.0, 1.0], dtype=np.float32), np.array([0.1, 0.2], dtype=np.float32))
    history.add_learning_rate(0.5)
    history.extend(np.array([0.5], dtype=np.float32), np.array([0.9], dtype=np.float32))
    history.add_test(Point(3, 0.4, 0.91))

    assert history.loss.tolist() == [2.0, 1.0, 0.5]
    assert history.accuracy.tolist() == pytest.approx([0.1, 0.2, 0.9])
    assert history.iterations == 3
    assert history.learning_rates == [(0, 0.1), (2, 0.5)]
    assert history.tests == [Point(3, 0.4, 0.91)]


def test_an_empty_history_is_empty():
    for values in (History().loss, History().accuracy):
        assert values.tolist() == [] and values.dtype == np.float32
        assert smoothed(values).tolist() == [] and smoothed(values).dtype == np.float64


def test_smoothing_leaves_a_cubic_as_it_is_and_calms_noise():
    x = np.linspace(-1, 1, 100)
    cubic = 2 * x**3 - x + 1
    noise = np.random.default_rng(0).normal(0, 0.1, 100)

    assert smoothed(cubic) == pytest.approx(cubic)
    assert np.abs(smoothed(cubic + noise) - cubic).mean() < np.abs(noise).mean() / 2


@pytest.mark.parametrize("number", [21, 22, 60])
def test_smoothing_is_what_scipy_computes(number):
    values = np.random.default_rng(1).normal(size=number)

    assert smoothed(values) == pytest.approx(signal.savgol_filter(values, 21, 3))


def test_fewer_values_than_a_window_are_left_as_they_are():
    values = np.random.default_rng(1).normal(size=20).astype(np.float32)

    assert smoothed(values).tolist() == values.tolist() and smoothed(values).dtype == np.float64
    assert smoothed(values, np.array([3, 19])).tolist() == [values[3], values[19]]


def test_smoothing_at_some_points_is_smoothing_at_all_and_picking():
    values, at = np.random.default_rng(2).normal(size=500), np.array([0, 3, 250, 499])

    assert smoothed(values, at) == pytest.approx(smoothed(values)[at])


@pytest.mark.parametrize("number", [0, 1, 299, 300, 301, 5_000, 30_000])
def test_thinning_keeps_the_ends_and_bounds_the_number(number):
    indices = thinned(number)

    assert len(indices) <= 301
    assert (indices.tolist() == []) if number == 0 else (indices[0], indices[-1]) == (0, number - 1)
    assert (np.diff(indices) > 0).all()


def test_thinning_worked_out_by_hand():
    """Up to 300 points all stay; then every second does, every fourth …, and the last one always."""
    assert thinned(300).tolist() == list(range(300))
    assert thinned(301).tolist() == list(range(0, 301, 2))
    assert thinned(600).tolist() == [*range(0, 600, 2), 599]
    assert thinned(601).tolist() == list(range(0, 601, 4))
    assert thinned(10, most=3).tolist() == [0, 4, 8, 9]
    assert thinned(0).dtype == thinned(5).dtype == np.int64


def test_a_growing_curve_keeps_its_points():
    before, after = thinned(1_000), thinned(1_100)

    assert set(before[:-1]) <= set(after)
