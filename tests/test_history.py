import math

import numpy as np
import pytest

from lrdemo.history import Answers, History, smoothed, thinned
from lrdemo.history import TestPoint as Point
from lrdemo.probability import fit_temperature


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


def test_only_the_answers_at_the_latest_iteration_are_kept_for_a_temperature():
    """All of them: a teaching adds a test at the same iteration, and is undone by leaving it out again."""
    scores, labels = np.random.default_rng(0).normal(size=(2_000, 10)).astype(np.float32), np.arange(2_000) % 10
    fitted = fit_temperature(scores, labels)
    history = History()
    for iteration in (0, 10, 20, 20):
        history.add_test(Point(iteration, 0.4, 0.91, Answers(scores.T, labels)))
        assert history.tests[-1].temperature == fitted != 1

    assert [point.answers is not None for point in history.tests] == [False, False, True, True]
    assert [point.temperature for point in history.tests] == [1, 1, fitted, fitted]
    assert history.tests[:2] == [Point(0, 0.4, 0.91), Point(10, 0.4, 0.91)]


def test_an_empty_history_is_empty():
    for values in (History().loss, History().accuracy):
        assert values.tolist() == [] and values.dtype == np.float32
        assert smoothed(values).tolist() == [] and smoothed(values).dtype == np.float64


@pytest.mark.parametrize("number", [1, 4, 20, 83, 84, 500])
def test_smoothing_is_the_mean_of_what_came_last(number):
    values = np.random.default_rng(1).normal(size=number).astype(np.float32)
    expected = [np.mean(values[t - min(21, math.ceil(t / 4)) : t], dtype=np.float64) for t in range(1, number + 1)]

    assert smoothed(values) == pytest.approx(expected)


def test_smoothing_worked_out_by_hand():
    """Values 1 to 4 stand alone, 5 to 8 are means of two, the ninth of three."""
    assert smoothed(np.array([8.0, 6, 4, 2, 0, 2, 4, 6, 8])).tolist() == [8, 6, 4, 2, 1, 1, 3, 5, 6]


def test_a_smoothed_curve_never_changes_its_past():
    values = np.random.default_rng(1).normal(size=300)
    whole = smoothed(values)

    assert all(smoothed(values[:end]).tolist() == whole[:end].tolist() for end in range(1, 300))
    assert np.abs(whole[100:]).std() < 0.3 * values[100:].std()


def test_a_loss_that_is_no_number_spoils_only_the_window_after_it():
    values = np.ones(200)
    values[100] = np.nan

    assert np.flatnonzero(~np.isfinite(smoothed(values))).tolist() == list(range(100, 121))


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
