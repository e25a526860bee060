"""Models on images prepared in different ways, trained in lockstep: each is the single run of its settings."""

import numpy as np
import pytest
import torch

from lrdemo.candidates import DEEP, LINEAR, Candidate
from lrdemo.comparison import Comparison
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

PLAIN = [candidate for candidate in LINEAR if not candidate.styles]


@pytest.fixture
def compared(digits):
    def made(*candidates, **values):
        return Comparison(Settings(**values), candidates, lambda settings: digits)

    return made


def finish(comparison, piece=20):
    """Train to the end in pieces; return the iterations after each."""
    seen = []
    while not comparison.finished:
        comparison.work(piece)
        seen.append([lane.iteration for lane in comparison.lanes])
    return seen


def test_each_lane_is_bit_for_bit_the_single_run_of_its_settings(compared, digits):
    candidates = [LINEAR[0], LINEAR[3], LINEAR[5], DEEP[0]]
    comparison = compared(*candidates, iterations=61, seed=3)
    finish(comparison, 7)

    for candidate, lane in zip(candidates, comparison.lanes, strict=True):
        gradient = "autograd" if candidate.model == "mlp" else "by-hand"
        settings = Settings(
            iterations=61, seed=3, model=candidate.model, features=candidate.features, styles=candidate.styles,
            gradient=gradient,
        )  # fmt: skip
        single = Trainer(settings, digits)
        single.advance(61)
        assert lane.settings == settings
        for ours, theirs in zip(lane.model.parameters(), single.model.parameters(), strict=True):
            assert torch.equal(ours, theirs)
        np.testing.assert_array_equal(lane.history.loss, single.history.loss)
        assert lane.history.tests == single.history.tests


def test_the_lane_furthest_behind_works_next_in_pieces_as_long_as_it_bears(compared):
    comparison = compared(LINEAR[0], DEEP[0], LINEAR[4], iterations=40)
    steps = [np.diff(one) for one in zip(*finish(comparison), strict=True)]

    # A step of the perceptron takes as long as ten of the linear model.
    assert [max(one) for one in steps] == [10, 1, 10]
    for iterations in finish(compared(*LINEAR, iterations=40)):
        assert max(iterations) - min(iterations) <= 10


def test_it_has_come_as_far_as_its_slowest_lane_and_shows_no_more(compared):
    comparison = compared(LINEAR[0], LINEAR[4], iterations=40)
    while comparison.lanes[0].iteration < 30:
        comparison.work(10)

    assert (comparison.iteration, comparison.busy, comparison.tested) == (20, True, False)
    assert [[point.iteration for point in tests] for tests in comparison.tests] == [[0, 10, 20]] * 2
    # What is half done goes on although no further iteration is asked for.
    done = 0
    while comparison.busy:
        done += comparison.work(0)
    assert (done, comparison.iteration, comparison.tested) == (10, 30, True)


def test_where_it_stands_between_tests_it_can_be_looked_at_without_a_trace(compared):
    comparison = compared(LINEAR[0], LINEAR[2], iterations=40)
    while comparison.iteration < 33 or comparison.busy:
        comparison.work(33 - comparison.iteration)
    assert not comparison.tested
    while not comparison.tested:
        comparison.look()

    assert [tests[-1].iteration for tests in comparison.tests] == [33, 33]
    assert [history.tests[-1].iteration for history in comparison.histories] == [30, 30]


def test_a_lane_that_diverges_ends_it(compared):
    comparison = compared(LINEAR[0], LINEAR[2], iterations=40)
    with torch.no_grad():
        comparison.lanes[1].model.weight.fill_(float("nan"))
    finish(comparison)

    assert comparison.diverged and comparison.exploded and comparison.iteration == 0 and not comparison.busy


def test_better_prepared_images_are_read_better_by_the_same_model(compared):
    """The ladder after a third of an epoch; after 3,000 iterations it is 91.8, 95.3, 97.1, 99.2 %."""
    comparison = compared(*PLAIN, iterations=200)
    finish(comparison)
    accuracies = [tests[-1].accuracy for tests in comparison.tests]

    assert [candidate.features for candidate in PLAIN] == ["pixels", "deskewed", "normalised", "directions"]
    assert 0.84 < accuracies[0] and accuracies[3] > 0.97
    assert all(better > worse + 0.01 for worse, better in zip(accuracies, accuracies[1:], strict=False))


def test_a_candidate_is_named_and_counted():
    assert [candidate.label for candidate in (*LINEAR, *DEEP)] == [
        "pixels", "deskewed", "normalised", "normalised + other ways to write", "directions",
        "directions + other ways to write", "MLP on pixels", "MLP on directions + other ways to write",
    ]  # fmt: skip
    counts = {("softmax", "pixels"): 7_850, ("softmax", "directions"): 8_010, ("mlp", "pixels"): 227_670}
    assert {key: Candidate(*key).parameters for key in counts} == counts
