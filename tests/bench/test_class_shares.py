"""The least share of the training time, held to figures worked out by hand."""

import pytest

from lrdemo.bench.shares import Alone, least_share

# 100 iterations in the first second, since a young run is tested often, and 400 in the next two.
ALONE = Alone([0, 100, 500], [0.0, 1.0, 3.0])


@pytest.mark.parametrize(
    ("stretches", "seconds"),
    [
        ([], 0.0),
        ([(0, 100)], 1.0),
        ([(0, 50), (50, 100)], 1.0),
        ([(100, 300)], 1.0),
        ([(0, 100), (0, 100)], 2.0),
        ([(50, 300)], 1.5),
        # Past the last one measured: 250 iterations at its mean speed, 500 in 3 seconds.
        ([(500, 750)], 1.5),
    ],
)
def test_what_was_trained_is_worth_the_seconds_that_it_took_alone(stretches, seconds):
    assert ALONE.seconds_for(stretches) == pytest.approx(seconds)
    assert ALONE.iterations_per_second == pytest.approx(500 / 3)


def test_the_slowest_student_is_held_against_an_equal_share():
    # 12 seconds, of which the one process could use 9. Two students train for 12 and 6 seconds, and a hog for 12: each
    # second of training has a right to 9 / 30 s. The first may have 3.6 s and trains what takes 3 s alone, the second
    # may have 1.8 s and trains what takes 1 s.
    students = [([(0, 500)], 12.0), ([(0, 100)], 6.0)]

    assert least_share(ALONE, students, others=1, elapsed=12, waited=[3.0]) == pytest.approx(1 / 1.8)


def test_a_student_on_an_idle_machine_cannot_use_two_processes():
    # Two processes could use 3 and 1 of 4 seconds, 2 each on average; the student had 2 s of work done in 4.
    students = [([(0, 300)], 4.0)]

    assert least_share(ALONE, students, others=0, elapsed=4, waited=[1.0, 3.0]) == pytest.approx(1.0)


def test_without_training_or_without_the_system_telling_there_is_no_share():
    assert least_share(ALONE, [([], 0.0)], others=0, elapsed=4, waited=[0.0]) is None
    assert least_share(ALONE, [([(0, 100)], 4.0)], others=0, elapsed=4, waited=[]) is None
