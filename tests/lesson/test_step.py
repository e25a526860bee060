from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lrdemo.data import Digits
from lrdemo.lesson.step import NotSoftmaxRegression, first_step, look, look_back
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


@pytest.fixture
def trainer(digits: Digits) -> Trainer:
    return Trainer(Settings(iterations=20), digits)


def test_the_equations_agree_with_pytorch(trainer: Trainer) -> None:
    trainer.advance(7)
    seen = look(trainer)
    logits = torch.from_numpy(seen["logits"])
    assert torch.allclose(torch.from_numpy(seen["probabilities"]), F.softmax(logits, dim=1), atol=1e-6)
    assert seen["loss"] == pytest.approx(float(F.cross_entropy(logits, torch.from_numpy(seen["labels"]))), rel=1e-5)
    assert seen["loss"] == pytest.approx(seen["loss_torch"], rel=1e-5)
    apart = np.abs(seen["probabilities"] - seen["probabilities_torch"]).max()
    assert seen["softmax_difference"] == pytest.approx(apart) and 0 < apart < 1e-6
    assert 0 < seen["gradient_difference"] < 1e-6


@pytest.mark.parametrize(
    ("values", "plain"),
    [
        ({}, True), ({"gradient": "autograd"}, True), ({"momentum": 0.5}, False), ({"weight_decay": 0.01}, False),
        ({"gradient": "autograd", "optimiser": "adam"}, False),
    ],
)  # fmt: skip
def test_only_a_step_of_plain_gradient_descent_is_the_one_that_is_shown(
    digits: Digits, values: dict[str, Any], plain: bool
) -> None:
    assert look(Trainer(Settings(**values), digits, tests=False))["plain"] is plain


def test_at_the_start_the_loss_is_near_ln_10(trainer: Trainer) -> None:
    assert look(trainer)["loss"] == pytest.approx(np.log(10), abs=0.25)


def test_looking_does_not_change_the_run(digits: Digits, trainer: Trainer) -> None:
    other = Trainer(Settings(iterations=20), digits)
    for _ in range(3):
        look(trainer)
        look_back(trainer, [0, 1])
        trainer.advance(1)
    other.advance(3)
    assert torch.equal(trainer.model.weight, other.model.weight)


@pytest.mark.parametrize("gradient", ["by-hand", "autograd"])
def test_the_step_that_is_shown_is_the_step_that_the_run_takes(digits: Digits, gradient: str) -> None:
    trainer = Trainer(Settings(iterations=20, gradient=gradient), digits)
    trainer.advance(3)
    seen = look(trainer)
    trainer.advance(1)
    assert trainer.history.loss[-1] == pytest.approx(seen["loss"], rel=1e-5)
    after = look_back(trainer, seen["indices"].tolist())
    assert after["iteration"] == seen["iteration"] + 1 == 4
    assert after["loss"] == pytest.approx(seen["loss_after"], rel=1e-5)
    assert after["loss"] < seen["loss"]
    assert np.allclose(after["bias"], seen["new_bias"], atol=1e-7)


def test_from_zero_bias_at_rate_a_tenth_the_bias_becomes_minus_a_tenth_of_its_gradient(trainer: Trainer) -> None:
    seen = look(trainer)
    assert not seen["bias"].any()
    assert np.array_equal(seen["new_bias"], np.float32(-0.1) * seen["bias_gradient"])


def test_backward_twice_doubles_the_gradient_and_zeroing_clears_it(trainer: Trainer) -> None:
    seen = look(trainer)
    none, once, twice, thrice = seen["accumulated_bias_gradients"]
    assert not none.any()
    assert np.allclose(once, seen["bias_gradient_autograd"])
    assert np.allclose(twice, 2 * once) and np.allclose(thrice, 3 * once)


@pytest.mark.parametrize("values", [{}, {"init": "zeros"}, {"learning_rate": 0.5, "batch_size": 1_000}])
def test_the_first_step_from_zero_is_the_formula_of_class_averages(digits: Digits, values: dict[str, Any]) -> None:
    trainer = Trainer(Settings(**values), digits)
    indices = trainer.peek().numpy()
    images, labels = digits.train_images[indices].reshape(-1, 784) / 255, digits.train_labels[indices]
    shares = [(labels == digit).mean() for digit in range(10)]
    averages = [images[labels == digit].mean(axis=0) for digit in range(10)]
    expected = [share * average - images.mean(axis=0) / 10 for share, average in zip(shares, averages, strict=True)]

    seen = look(trainer)

    assert np.allclose(seen["first_step"], trainer.learning_rate * np.stack(expected), atol=1e-7)
    if "init" in values:
        assert seen["loss"] == pytest.approx(np.log(10))
        assert np.allclose(-0.1 * seen["weight_gradient"], seen["first_step"], atol=1e-7)


def test_a_class_without_images_is_pushed_away_from_the_overall_average() -> None:
    step = first_step(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 0]), 1.0)
    assert step[0].tolist() == pytest.approx([0.45, 0.45])
    assert step[9].tolist() == pytest.approx([-0.05, -0.05])


def test_a_large_minibatch_sends_only_its_first_hundred_images(digits: Digits) -> None:
    seen = look(Trainer(Settings(batch_size=1_000), digits))
    assert seen["size"] == len(seen["indices"]) == 1_000
    assert len(seen["images"]) == len(seen["logits"]) == 100


def test_another_model_is_refused(digits: Digits) -> None:
    with pytest.raises(NotSoftmaxRegression):
        look(Trainer(Settings(model="mlp", gradient="autograd"), digits))


def test_the_code_that_is_shown_is_the_code_that_ran(trainer: Trainer) -> None:
    assert look(trainer)["code"]["update"].startswith("def updated(")
