import pytest

from lrdemo import schedule
from lrdemo.settings import Settings


def test_tests_come_early_then_every_50_and_wider_after_1000():
    assert schedule.tests_at(Settings(iterations=120)) == (0, 10, 20, 30, 40, 50, 100, 120)
    long = schedule.tests_at(Settings(iterations=2_700))
    assert long[4:8] == (40, 50, 100, 150)
    assert long[-7:] == (900, 950, 1_000, 1_500, 2_000, 2_500, 2_700)


def test_the_perceptron_is_tested_less_often_at_first():
    settings = Settings(model="mlp", gradient="autograd", iterations=9_370)
    assert schedule.tests_at(settings)[:9] == (0, 10, 20, 30, 40, 250, 500, 750, 1_000)
    assert schedule.tests_at(settings)[9:11] == (1_500, 2_000)


@pytest.mark.parametrize("iterations", [1, 10, 39, 500, 1_000, 1_001, 9_370, 30_000])
@pytest.mark.parametrize("model", ["softmax", "mlp"])
def test_every_schedule_has_the_start_the_end_and_each_multiple_of_500(iterations, model):
    settings = Settings(model=model, gradient="autograd", iterations=iterations)
    points = schedule.tests_at(settings)
    assert points[0] == 0 and points[-1] == iterations
    assert list(points) == sorted(set(points))
    assert set(range(0, iterations + 1, 500)) <= set(points)
    assert schedule.most_tests(settings) == len(points) + schedule.MOST_TEACHINGS


def test_the_longest_run_has_fewer_than_100_tests():
    assert len(schedule.tests_at(Settings(iterations=30_000))) == 83
