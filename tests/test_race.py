import numpy as np
import pytest
import torch

from lrdemo.errors import SettingsError
from lrdemo.history import History
from lrdemo.history import TestPoint as Point
from lrdemo.race import Race
from lrdemo.run import images_at_once
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer
from lrdemo.verdict import DEFAULT_RATES, LEAST, MOST, ahead, exploded, judge


@pytest.mark.parametrize("changes", [{}, {"momentum": 0.9, "weight_decay": 0.01}, {"batch_size": 9_000}])
def test_each_lane_is_the_single_run_of_its_rate(digits, changes):
    rates = (0.01, 0.1, 1.0)
    settings = Settings(iterations=40, init="linear", **changes)
    race = Race(settings, rates, digits)
    race.advance(40)

    for lane, rate in enumerate(rates):
        single = Trainer(Settings(iterations=40, init="linear", learning_rate=rate, **changes), digits)
        single.advance(40)
        torch.testing.assert_close(race.weight(lane), single.model.weight.detach(), atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(race.bias(lane), single.model.bias.detach(), atol=1e-5, rtol=1e-4)
        history = race.histories[lane]
        assert history.loss == pytest.approx(single.history.loss, abs=1e-4)
        assert [point.iteration for point in history.tests] == [point.iteration for point in single.history.tests]
        assert history.learning_rates == [(0, rate)]


def test_the_default_race_names_its_winner_and_the_rates_that_are_too_high(digits):
    race = Race(Settings(iterations=300), DEFAULT_RATES, digits)
    race.advance(300)

    verdicts = race.verdicts()

    assert race.finished
    assert [verdict.winner for verdict in verdicts].index(True) == race.winner()
    assert DEFAULT_RATES[race.winner()] in (0.115, 0.51)
    assert [verdict.learning_rate for verdict in verdicts if verdict.zigzag] == [2.3, 10.0]
    assert "zig-zags" in verdicts[-1].words and "ahead" in verdicts[race.winner()].words


def test_a_race_has_up_to_sixteen_lanes_and_smaller_parts_the_more_it_has(digits):
    many = Race(Settings(), (0.1,) * 16, digits, tests=False)

    assert len(many.histories) == 16 and many.part == images_at_once(Settings(), 16)
    assert not many.busy and Race(Settings(), (0.1, 0.2), digits).busy


def test_the_winner_is_read_off_the_latest_tests(digits):
    race = Race(Settings(iterations=20), (0.1, 0.2, 0.3), digits, tests=False)
    for lane, accuracies in enumerate(((0.9, 0.5, 0.7), (0.1, 0.8, 0.6), (0.2, 0.1, 0.8))):
        for iteration, accuracy in enumerate(accuracies):
            race.histories[lane].add_test(Point(iteration, 1.0, accuracy))

    assert race.winner() == 2


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
    """The start is 2.5; the last 100 iterations count, each quarter of them a tenth above, and nothing below ln 10."""
    assert exploded(np.array([2.5] + [2.8] * 100))
    assert not exploded(np.array([2.5] + [2.8] * 99))
    assert not exploded(np.array([2.5] + [2.7] * 100))
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
    assert not exploded(np.array([2.5, 24.0] + [2.4] * 100))
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
        assert [verdict.zigzag for verdict in judge((0.5, 0.1), (calm, other))] == [False, False]
    assert judge((0.1, 0.5), (calm, other))[0].jump == pytest.approx(0.1, abs=1e-6)


def test_a_lane_rises_when_its_test_loss_is_a_quarter_above_its_lowest():
    for end, rising in ((0.49, False), (0.51, True)):
        tests = ((0, 2.3, 0.1), (50, 0.4, 0.9), (100, end, 0.9))
        verdict = judge((0.1, 0.2), (lane([1.0] * 150, tests), lane([1.0] * 150)))[0]
        assert verdict.rising is rising
        assert (verdict.test_loss, verdict.test_accuracy, verdict.learning_rate) == (end, 0.9, 0.1)


def test_an_exploded_lane_does_not_win_and_is_told_to_go_lower():
    first, second = judge((0.1, 9.0), (lane([2.4] * 150, ((0, 2.4, 0.8),)), lane([2.4] + [30.0] * 150)))

    assert (first.winner, first.exploded) == (False, False)
    assert (second.winner, second.exploded) == (False, True)
    assert "exploded" in second.words and "lower" in second.words


@pytest.mark.parametrize(("iterations", "early"), [(19, True), (20, False)])
def test_twenty_iterations_and_a_test_are_needed(iterations, early):
    lanes = [lane([1.0] * iterations), lane([1.0] * iterations)]
    assert [("too early" in verdict.words) for verdict in judge((0.1, 0.2), lanes)] == [early, early]
    untested = [lanes[0], lane([1.0] * iterations, ())]
    verdicts = judge((0.1, 0.2), untested)
    assert all("too early" in verdict.words and not verdict.winner for verdict in verdicts)
    assert verdicts[0].test_accuracy == 0.9 and np.isnan(verdicts[1].test_accuracy)


def test_who_is_behind_hears_by_how_much_and_whether_the_steps_are_small():
    tests = ((0, 2.3, 0.1), (150, 0.6, 0.8875))
    slow, best, quick = judge((0.01, 0.1, 0.2), (lane([0.9] * 150, tests), lane([0.5] * 150), lane([0.6] * 150, tests)))

    assert "1.25 points behind" in slow.words and "small" in slow.words
    assert "1.25 points behind" in quick.words and "small" not in quick.words
    assert best.winner and "ahead" in best.words and "90" in best.words


def test_the_default_rates_are_even_on_a_log_scale_from_0_0003_to_10():
    expected = np.geomspace(0.0003, 10, 8)

    assert DEFAULT_RATES[0] == 0.0003 and DEFAULT_RATES[-1] == 10
    assert DEFAULT_RATES == pytest.approx(expected, rel=0.05)
    assert (LEAST, MOST) == (2, 16)


def test_a_curve_that_jumps_and_rises_is_told_from_a_calm_one():
    """Losses that alternate between 1 and 3 jump by 2; those between 0.9 and 1.1 by 0.2, ten times less."""
    histories = []
    for swing, ends in ((0.1, (1.0, 0.8)), (1.0, (1.0, 2.0))):
        history = History()
        losses = np.tile([1 + swing - 0.1, 1 + 2 * swing - 0.1], 20).astype(np.float32)
        history.extend(losses, np.full(40, 0.5, dtype=np.float32))
        for iteration, loss in zip((0, 40), ends, strict=True):
            history.add_test(Point(iteration, loss, 1 / (1 + loss)))
        histories.append(history)

    calm, wild = judge((0.1, 5.0), histories)

    assert (calm.winner, calm.zigzag, calm.rising) == (True, False, False)
    assert (wild.winner, wild.zigzag, wild.rising) == (False, True, True)
    assert wild.jump == pytest.approx(1.0)


def test_it_is_too_early_to_say_at_the_start(digits):
    assert all("too early" in verdict.words for verdict in Race(Settings(), (0.1, 1), digits).verdicts())


@pytest.mark.parametrize("rates", [(0.1,), (0.1,) * 17, (0.1, 0.0), (0.1, float("nan"))])
def test_rates_that_make_no_race_are_refused(digits, rates):
    with pytest.raises(SettingsError):
        Race(Settings(), rates, digits)


def test_the_perceptron_does_not_race(digits):
    with pytest.raises(SettingsError, match="by hand"):
        Race(Settings(model="mlp", gradient="autograd"), (0.1, 1.0), digits)


def test_a_race_plans_no_changes(digits):
    with pytest.raises(SettingsError, match="keeps its learning rates"):
        Race(Settings(changes="5:0.5"), (0.1, 0.2), digits)
