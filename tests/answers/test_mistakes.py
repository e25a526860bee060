"""Where a model errs, against PyTorch's own answers and scikit-learn's confusion matrix on the real test images."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix

from lrdemo.answers.mistakes import Answers, answers, lane_answers
from lrdemo.candidates import Candidate
from lrdemo.comparison import Comparison
from lrdemo.data import Digits
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

RUNS = {
    "softmax": Settings(iterations=300),
    "directions": Settings(iterations=100, features="directions"),
    "mlp": Settings(model="mlp", gradient="autograd", iterations=60),
    "held out": Settings(iterations=60, held_out=5_000),
}


@pytest.fixture(scope="module", params=RUNS)
def trainer(request: pytest.FixtureRequest, digits: Digits) -> Trainer:
    trainer = Trainer(RUNS[request.param], digits)
    trainer.advance(trainer.settings.iterations)
    return trainer


def asked(question: Generator[None, None, dict[str, Any]]) -> dict[str, Any]:
    """Return what a question gives in the end."""
    while True:
        try:
            next(question)
        except StopIteration as end:
            return dict(end.value)


def found(trainer: Trainer) -> Answers:
    now = asked(answers(trainer))
    return Answers(now["iteration"], trainer.tensors.test_labels.numpy(), now["log_probabilities"])


def torchs(trainer: Trainer) -> torch.Tensor:
    """Return the probabilities of all test images, in double precision."""
    trainer.model.eval()
    with torch.no_grad():
        return torch.softmax(trainer.model(trainer.tensors.test_images).double(), dim=1)


def test_the_matrix_is_scikit_learns(trainer: Trainer) -> None:
    here, labels = found(trainer), trainer.tensors.test_labels.numpy()

    np.testing.assert_array_equal(here.matrix, confusion_matrix(labels, torchs(trainer).argmax(dim=1)))
    assert here.iteration == trainer.settings.iterations and here.known
    if not trainer.settings.held_out:
        assert here.matrix.trace() == round(10_000 * trainer.history.tests[-1].accuracy)


def test_mistakes_come_in_the_order_of_pytorchs_confidence(trainer: Trainer) -> None:
    here, theirs = found(trainer), torchs(trainer)
    labels, (confidence, said) = trainer.tensors.test_labels, theirs.max(dim=1)

    mistakes = here.chosen(None)
    assert set(mistakes.tolist()) == set(torch.nonzero(said != labels)[:, 0].tolist())
    assert (confidence[mistakes].diff() <= 1e-6).all()
    cell = np.unravel_index((here.matrix - np.diag(here.matrix.diagonal())).argmax(), (10, 10))
    most_frequent = here.chosen((int(cell[0]), int(cell[1])))
    assert len(most_frequent) == here.matrix[cell]
    assert set(labels[most_frequent].tolist()) == {cell[0]} and set(said[most_frequent].tolist()) == {cell[1]}
    assert (confidence[most_frequent].diff() <= 1e-6).all()
    right = here.chosen((7, 7))
    assert set(right.tolist()) == set(torch.nonzero((said == 7) & (labels == 7))[:, 0].tolist())
    shown = mistakes[:12]
    np.testing.assert_allclose(here.probabilities(shown), theirs[shown], atol=1e-5)


def test_all_answers_are_of_the_iteration_at_which_they_were_asked_for(digits: Digits) -> None:
    trainer = Trainer(Settings(iterations=100), digits)
    trainer.advance(20)
    wanted = torchs(trainer).argmax(dim=1)
    question = answers(trainer)
    next(question)
    trainer.advance(50)
    now = asked(question)

    assert now["iteration"] == 20
    np.testing.assert_array_equal(now["log_probabilities"].argmax(axis=1), wanted)


def test_drawings_are_as_sure_as_the_temperature_of_the_last_test_lets_them_be(digits: Digits) -> None:
    trainer = Trainer(Settings(iterations=300), digits)
    trainer.advance(300)
    images, factors = trainer.tensors.test_images[:3], np.array([1, 2, 0.5], np.float32)

    now = asked(answers(trainer, images.numpy(), factors))

    with torch.no_grad():
        divisors = torch.from_numpy(factors)[:, None] * trainer.history.tests[-1].temperature
        wanted = torch.log_softmax(trainer.model(images) / divisors, dim=1)
    assert trainer.history.tests[-1].temperature != 1
    np.testing.assert_allclose(now["log_probabilities"], wanted, atol=1e-5)


def test_each_lane_of_a_comparison_answers_as_the_run_that_it_is(digits: Digits) -> None:
    candidates = (Candidate("softmax", "pixels"), Candidate("softmax", "directions"))
    comparison = Comparison(Settings(iterations=30), candidates, lambda _: digits)
    while not comparison.finished:
        comparison.work(30)
    alone = Trainer(candidates[1].settings(comparison.settings), digits)
    alone.advance(30)

    one, other = asked(lane_answers(comparison, 1)), asked(answers(alone))

    assert one["iteration"] == 30
    np.testing.assert_array_equal(one["log_probabilities"], other["log_probabilities"])


def test_a_model_that_has_diverged_has_no_answers(digits: Digits) -> None:
    trainer = Trainer(Settings(iterations=30), digits)
    with torch.no_grad():
        trainer.model.weight.fill_(torch.nan)

    assert not found(trainer).known


def of(labels: list[int], said: list[int], confidence: list[float]) -> Answers:
    """Return the answers that a model gives with these probabilities; what is left goes to all other digits."""
    shares = np.array([[(1 - p) / 9] * 10 for p in confidence])
    shares[np.arange(len(said)), said] = confidence
    return Answers(7, np.array(labels), np.log(shares).astype(np.float32))


def test_by_hand() -> None:
    one = of([4, 4, 9, 4, 1], [9, 4, 9, 9, 7], [0.6, 0.7, 0.5, 0.8, 0.7])
    other = of([4, 4, 9, 4, 1], [4, 9, 9, 9, 1], [0.6, 0.7, 0.5, 0.8, 0.7])

    assert one.matrix[4].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0, 2] and one.matrix.sum() == 5
    assert one.chosen(None).tolist() == [3, 4, 0]
    assert one.chosen((4, 9)).tolist() == [3, 0]
    assert one.chosen((0, 1)).tolist() == []
    assert one.right.tolist() == [False, True, True, False, False]
    # Both right: the 9. Only this one: the second. Only the other: the first and the last. Neither: the fourth.
    assert one.beside(other).tolist() == [[1, 1], [2, 1]]
    assert other.beside(one).tolist() == [[1, 2], [1, 1]]


def test_what_is_rounded_to_certain_is_still_in_order() -> None:
    log_p = np.full((3, 10), -40, np.float32)
    log_p[:, 3] = [-3e-12, -1e-12, -2e-12]
    sure = Answers(0, np.array([1, 1, 1]), log_p)

    assert np.exp(log_p[:, 3]).tolist() == [1, 1, 1]
    assert sure.chosen(None).tolist() == [1, 2, 0]
