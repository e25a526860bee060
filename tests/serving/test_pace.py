import pytest

from lrdemo.serving.pace import Pace


def test_the_pace_says_how_many_iterations_are_due():
    pace = Pace(10)
    pace.begin(100.0, 7)

    assert [pace.due(100 + after, 7, 20) for after in (0, 0.09, 0.11, 0.55)] == [0, 0, 1, 5]
    assert pace.due(100.55, 12, 20) == 0
    assert pace.due(100.55, 7, 3) == 3
    assert pace.wait(100.04, 7) == pytest.approx(0.06)
    assert pace.wait(100.55, 12) == pytest.approx(0.05)


def test_full_speed_is_as_many_as_there_may_be_and_no_waiting():
    pace = Pace(0)

    assert pace.due(0.0, 0, 20) == 20
    assert pace.wait(0.0, 5) == 0


def test_what_was_missed_for_more_than_a_second_is_forgotten():
    pace = Pace(10)
    pace.begin(0.0, 0)

    assert pace.due(5.0, 0, 20) == 1
    assert pace.due(5.0, 1, 20) == 0
    assert pace.due(5.21, 1, 20) == 1


def test_a_whole_second_may_still_be_made_up_for():
    pace = Pace(10)
    pace.begin(0.0, 0)

    assert pace.due(1.0, 0, 20) == 10


def test_the_speed_is_what_was_done_per_second():
    pace = Pace(0)
    pace.begin(0.0, 100)

    assert pace.speed(0.4, 140, True) == 0
    assert pace.speed(0.5, 150, True) == 100
    assert pace.speed(0.7, 250, True) == 100
    assert pace.speed(1.0, 450, True) == 600
    assert pace.speed(9.0, 450, False) == 0


def test_the_speed_of_a_short_run_is_known_when_it_ends():
    pace = Pace(0)
    pace.begin(1.0, 0)

    assert pace.speed(1.25, 50, False) == 200
