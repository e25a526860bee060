import numpy as np
import pytest
import torch

from lrdemo.errors import SettingsError
from lrdemo.race import Race
from lrdemo.run import images_at_once
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


@pytest.mark.parametrize(
    "changes", [{}, {"momentum": 0.9, "weight_decay": 0.01}, {"batch_size": 9_000}, {"held_out": 5_000}]
)
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


def test_a_lane_that_diverges_does_not_stop_the_others(digits):
    """At momentum 0.99 the second lane's weights overflow; the first is still the single run of its rate."""
    settings = Settings(iterations=60, momentum=0.99, weight_decay=0.1, learning_rate=0.01)
    race, single = Race(settings, (0.01, 10.0), digits), Trainer(settings, digits)
    with torch.no_grad():
        race.weight(1).fill_(float("inf"))
    race.advance(60)
    single.advance(60)

    assert race.iteration == 60 and not race.diverged
    torch.testing.assert_close(race.weight(0), single.model.weight.detach(), atol=1e-5, rtol=1e-4)
    assert [np.isfinite(history.loss).all() for history in race.histories] == [True, False]


def test_a_race_ends_where_every_lane_has_diverged(digits):
    race = Race(Settings(iterations=60), (0.01, 10.0), digits)
    with torch.no_grad():
        race._weight.fill_(float("nan"))
    race.advance(60)

    assert race.diverged and race.iteration == 0


def test_a_race_has_up_to_eight_lanes_and_smaller_parts_the_more_it_has(digits):
    many = Race(Settings(), (0.1,) * 8, digits, tests=False)

    assert len(many.histories) == 8 and many.part == images_at_once(Settings(), 8)
    assert not many.busy and Race(Settings(), (0.1, 0.2), digits).busy


@pytest.mark.parametrize("rates", [(0.1,), (0.1,) * 9, (0.1, 0.0), (0.1, float("nan"))])
def test_rates_that_make_no_race_are_refused(digits, rates):
    with pytest.raises(SettingsError):
        Race(Settings(), rates, digits)


def test_the_perceptron_does_not_race(digits):
    with pytest.raises(SettingsError, match="by hand"):
        Race(Settings(model="mlp", gradient="autograd"), (0.1, 1.0), digits)


def test_a_race_plans_no_changes(digits):
    with pytest.raises(SettingsError, match="keeps its learning rates"):
        Race(Settings(changes="5:0.5"), (0.1, 0.2), digits)
