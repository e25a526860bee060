"""Runs judged by their records: constructed curves, and the sentences that a visitor reads about them."""

import math

import numpy as np
import pytest

from lrdemo.history import History
from lrdemo.history import TestPoint as Point
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer
from lrdemo.verdict import DEFAULT_RATES, LEAST, MOST, Verdict, ahead, exploded, judge


def test_the_most_accurate_is_ahead_and_the_lower_loss_decides_among_equals():
    points = [Point(9, 0.1, 0.80), Point(9, 0.5, 0.90), Point(9, 0.4, 0.90), Point(9, 0.9, 0.89)]

    assert ahead(points) == 2 and ahead(points[:2]) == 1 and ahead(points[::-1]) == 1


def lane(losses, tests=((0, 2.3, 0.1), (150, 0.5, 0.9))):
    history = History()
    losses = np.asarray(losses, np.float32)
    history.extend(losses, np.zeros_like(losses))
    for point in tests:
        history.add_test(Point(*point))
    return history


def test_a_run_has_exploded_when_its_loss_stays_above_its_start():
    """The start is 2.5; each quarter of the last 100 iterations must be more than a tenth above, and above ln 10."""
    assert exploded(np.array([2.5] + [2.8] * 100))
    assert not exploded(np.array([2.5] + [2.8] * 99))
    assert not exploded(np.array([2.5] + [2.75] * 100))
    assert not exploded(np.array([2.5] + [2.5] * 100))
    assert exploded(np.array([2.5] + [0.1] * 500 + [2.8] * 100))
    assert not exploded(np.array([2.5] + [9.0] * 500 + [2.4] * 100))
    for quarter in range(4):
        losses = np.full(101, 9.0)
        losses[0] = 2.5
        losses[1 + 25 * quarter : 26 + 25 * quarter] = 2.4
        assert not exploded(losses)
    mixed = np.array([2.5] + [9.0, 0.0] * 50)  # 4.5 on average, though every other minibatch is right
    assert exploded(mixed)
    assert not exploded(np.array([0.5] + [2.2] * 100)) and exploded(np.array([0.5] + [2.6] * 100))
    assert exploded(np.array([2.5, np.nan])) and exploded(np.array([2.5, np.inf]))
    assert not exploded(np.zeros(0))


def test_after_a_burst_a_run_that_only_guesses_has_exploded():
    """From a start of 2.5: above 25 is a burst, and 2.375 is what must be reached again."""
    assert exploded(np.array([2.5, 26.0] + [2.4] * 100))
    assert not exploded(np.array([2.5, 25.0] + [2.4] * 100))
    assert not exploded(np.array([2.5, 26.0] + [2.35] * 100))


def test_learning_slowly_is_not_exploding(digits):
    for seed in range(3):
        run = Trainer(Settings(learning_rate=1e-4, iterations=150, batch_size=10, seed=seed), digits, tests=False)
        for _ in range(15):
            run.advance(10)
            assert not run.exploded


def test_jumps_are_compared_with_the_lowest_lane_over_the_last_hundred_iterations():
    """Steps of 0.1 are calm; of 0.16 they zig-zag, being more than 1.5 times as far, at a higher rate only."""
    wild_once = [5.0, 1.0] * 50
    calm = lane(wild_once + [0.5, 0.6] * 50)
    for swing, zigzag in ((0.14, False), (0.16, True)):
        other = lane([0.7, 0.7 + swing] * 100)
        assert [verdict.zigzag for verdict in judge((0.1, 0.5), (calm, other))] == [False, zigzag]
        for rates in ((0.5, 0.1), (0.1, 0.1)):
            assert [verdict.zigzag for verdict in judge(rates, (calm, other))] == [False, False]
    assert judge((0.1, 0.5), (calm, other))[0].jump == pytest.approx(0.1, abs=1e-6)


def test_a_lane_rises_when_its_last_hundred_losses_are_a_quarter_above_a_hundred_before_them():
    """Hundreds are counted from the end; of the 250 losses the first 50 belong to none."""
    for end, rising in ((0.49, False), (0.5, False), (0.51, True)):
        losses = [0.1] * 50 + [0.4] * 100 + [end] * 100
        tests = ((0, 2.3, 0.1), (250, 0.9, 0.8))
        verdict = judge((0.1, 0.2), (lane(losses, tests), lane([1.0] * 250)))[0]
        assert (verdict.rising, verdict.mark) == (rising, "rises" if rising else "")
        assert (verdict.test_loss, verdict.test_accuracy, verdict.learning_rate) == (0.9, 0.8, 0.1)
    assert verdict.words == "0.1 is too high. Its loss has risen to 0.51."
    fallen_since = lane([0.4] * 100 + [2.0] * 100 + [0.45] * 100)
    assert not judge((0.1, 0.2), (fallen_since, fallen_since))[0].rising
    assert not judge((0.1, 0.2), (lane([0.1] * 99 + [1.0] * 100), lane([0.1] * 199)))[0].rising


def test_an_exploded_lane_does_not_win_and_is_told_to_go_lower():
    first, second = judge((0.1, 9.0), (lane([2.4] * 150, ((0, 2.4, 0.8),)), lane([2.4] + [30.0] * 150)))

    assert (first.winner, first.exploded) == (False, False)
    assert (second.winner, second.exploded) == (False, True)
    assert (second.words, second.mark) == ("9 is too high: its loss stays above its start.", "above its start")


def test_a_lane_whose_loss_is_no_number_has_diverged_and_is_compared_with_nobody():
    lost = lane([2.4] * 50 + [math.nan] * 100, ((0, 2.4, 0.1), (150, math.nan, 0.0)))
    calm = lane([0.5, 0.6] * 75)
    for rates in ((0.1, 9.0), (9.0, 0.1)):
        first, second = judge(rates, (calm, lost))
        assert (first.mark, second.mark) == ("ahead", "diverged")
        assert second.words.endswith("diverged: its loss is no longer finite. Choose a lower rate.")
        assert first.jump == pytest.approx(0.1, abs=1e-6)


def test_before_twenty_iterations_and_a_test_it_is_too_early_to_say():
    short, enough = lane([1.0] * 19), lane([1.0] * 20)
    untested = lane([1.0] * 20, ())

    early = Verdict(0.1, 0.5, 0.9, 0.0, False, False, False, False, False, "0.1: too early to say.")
    assert judge((0.1, 0.1), (short, short)) == (early, early)
    assert "too early" not in judge((0.1, 0.1), (enough, enough))[0].words
    tested, other = judge((0.1, 0.2), (enough, untested))
    assert tested == early and other.words == "0.2: too early to say."
    assert math.isnan(other.test_loss) and math.isnan(other.test_accuracy)


def test_who_is_behind_hears_by_how_much_and_whether_the_steps_are_small():
    tests = ((0, 2.3, 0.1), (150, 0.6, 0.8875))
    slow, best, quick = judge((0.01, 0.1, 0.2), (lane([0.9] * 150, tests), lane([0.5] * 150), lane([0.6] * 150, tests)))

    assert slow.words == "0.01 is 1.3 points behind, and its steps are small."
    assert quick.words == "0.2 is 1.3 points behind."
    assert best.winner and best.words == "0.1 is ahead: 90.0\N{NO-BREAK SPACE}% classified correctly."
    lowest, _ = judge((0.1, 0.2), (lane([0.5] * 150, tests), lane([0.6] * 150)))
    assert lowest.words == "0.1 is 1.3 points behind."


def test_a_jump_is_compared_with_none_where_the_lowest_lane_stands_still():
    tests = ((0, 2.3, 0.1), (150, 0.6, 0.8875))
    _, wild = judge((0.1, 0.2), (lane([0.5] * 150), lane([0.75, 1.0] * 75, tests)))

    assert wild.words == "0.2 is too high. It zig-zags: its loss jumps by 0.25 per iteration."


def test_every_lane_needs_its_rate():
    with pytest.raises(ValueError):
        judge((0.1, 0.2, 0.3), (lane([0.5] * 150), lane([0.6] * 150)))


def test_the_default_rates_are_the_powers_of_ten_from_a_thousandth():
    assert DEFAULT_RATES == (0.001, 0.01, 0.1, 1, 10)
    assert (LEAST, MOST) == (2, 8)


def test_a_curve_that_jumps_and_rises_is_told_from_a_calm_one():
    """Losses that go up and down by 1.0 jump ten times as far as those that do by 0.1."""
    histories = []
    for swing, ends in ((0.1, (1.0, 0.8)), (1.0, (1.0, 2.0))):
        history = History()
        losses = np.tile([1 + swing - 0.1, 1 + 2 * swing - 0.1], 50).astype(np.float32)
        history.extend(np.full(100, 1.0, dtype=np.float32), np.full(100, 0.5, dtype=np.float32))
        history.extend(losses, np.full(100, 0.5, dtype=np.float32))
        for iteration, loss in zip((0, 200), ends, strict=True):
            history.add_test(Point(iteration, loss, 1 / (1 + loss)))
        histories.append(history)

    calm, wild = judge((0.1, 5.0), histories)

    assert (calm.winner, calm.zigzag, calm.rising) == (True, False, False)
    assert (wild.winner, wild.zigzag, wild.rising) == (False, True, True)
    assert wild.jump == pytest.approx(1.0)
    assert wild.words == (
        "5 is too high. It zig-zags: its loss jumps by 1.00 per iteration, 10.0 times as far as at 0.1. "
        "Its loss has risen to 2.40."
    )
