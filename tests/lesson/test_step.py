from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lrdemo.data import Digits
from lrdemo.lesson.step import NotSoftmaxRegression, compare, first_step, look, rate_curve, take, try_rate
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


def finished(pieces: Any) -> Any:
    """Return what a question asked in pieces comes to."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return end.value


@pytest.fixture
def trainer(digits: Digits) -> Trainer:
    return Trainer(Settings(iterations=20), digits)


def test_the_equations_agree_with_pytorch(trainer: Trainer) -> None:
    trainer.advance(7)
    seen = look(trainer)
    logits = torch.from_numpy(seen["scores"])
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
    assert look(Trainer(Settings(**values), digits, tests=False))["copy"].plain is plain


def test_at_the_start_the_loss_is_near_ln_10(trainer: Trainer) -> None:
    assert look(trainer)["loss"] == pytest.approx(np.log(10), abs=0.25)


def test_looking_and_stepping_on_the_copy_do_not_change_the_run(digits: Digits, trainer: Trainer) -> None:
    other = Trainer(Settings(iterations=20), digits)
    for _ in range(3):
        copy = look(trainer)["copy"]
        finished(rate_curve(trainer, copy))
        finished(take(trainer, copy, 0.3))
        try_rate(trainer, copy, 0.3)
        compare(trainer, copy)
        trainer.advance(1)
    other.advance(3)
    assert torch.equal(trainer.model.weight, other.model.weight)


def test_a_copy_does_not_follow_the_run(trainer: Trainer) -> None:
    before = look(trainer)
    trainer.advance(2)
    again = look(trainer, before["copy"])
    assert again["copy"].iteration == 0 and again["loss"] == before["loss"]
    assert np.array_equal(again["weight_gradient"], before["weight_gradient"])
    assert compare(trainer, before["copy"])["difference"] > 0


@pytest.mark.parametrize(
    "values",
    [
        {}, {"gradient": "autograd"}, {"batch_size": 5_000}, {"batch_size": 5_000, "gradient": "autograd"},
        {"held_out": 3_000, "drop_last": True, "batch_size": 9_000}, {"features": "normalised"},
    ],
)  # fmt: skip
def test_the_copys_step_is_the_runs_own_bit_for_bit(digits: Digits, values: dict[str, Any]) -> None:
    trainer = Trainer(Settings(iterations=20, **values), digits, tests=False)
    trainer.advance(2)
    seen = look(trainer)
    copy, loss = seen["copy"], seen["loss"]
    for _ in range(9):
        found = finished(take(trainer, copy, trainer.learning_rate))
        assert found["copy"].iteration == trainer.iteration + 1
        trainer.advance(1)
        assert trainer.history.loss[-1] == pytest.approx(loss, rel=1e-5)
        copy = found["copy"]
        assert np.array_equal(copy.weight, trainer.model.weight.detach()), "also the minibatch is the run's"
        assert np.array_equal(copy.bias, trainer.model.bias.detach())
        assert np.array_equal(copy.indices, trainer.peek())
        assert compare(trainer, copy)["difference"] == 0
        loss = look(trainer, copy)["loss"]


def test_the_step_at_a_chosen_rate_is_that_of_pytorchs_optimiser(trainer: Trainer) -> None:
    trainer.advance(3)
    copy = look(trainer)["copy"]
    images, labels = trainer.tensors.train_images[copy.indices], trainer.tensors.train_labels[copy.indices]
    model = torch.nn.Linear(784, 10)
    model.load_state_dict({"weight": torch.tensor(copy.weight), "bias": torch.tensor(copy.bias)})
    optimiser = torch.optim.SGD(model.parameters(), lr=0.7)
    F.cross_entropy(model(images), labels).backward()
    optimiser.step()
    loss = float(F.cross_entropy(model(images), labels).detach())

    tried, found = try_rate(trainer, copy, 0.7), finished(take(trainer, copy, 0.7))

    assert tried["loss"] == pytest.approx(loss, rel=1e-5) and found["loss"] == pytest.approx(loss, rel=1e-5)
    assert np.allclose(tried["bias"], model.bias.detach(), atol=1e-7)
    assert np.allclose(found["copy"].bias, model.bias.detach(), atol=1e-7)
    assert np.allclose(found["copy"].weight, model.weight.detach(), atol=1e-6)


@pytest.mark.parametrize("done", [0, 20])
def test_the_curve_goes_from_no_step_over_better_ones_to_clearly_worse_than_none(trainer: Trainer, done: int) -> None:
    trainer.advance(done)
    seen = look(trainer)
    found = finished(rate_curve(trainer, seen["copy"]))
    rates, losses = found["rates"], found["losses"]

    assert rates[0] == 0 and losses[0] == pytest.approx(seen["loss"], rel=1e-5)
    assert 40 < len(rates) == len(losses) < 202 and 0.1 in rates and rates == sorted(rates)
    assert 0 < losses.index(min(losses)) < len(losses) - 1
    assert min(losses) < 0.9 * losses[0] and losses[-1] > 1.25 * losses[0]
    for place in range(1, len(rates), 7):
        assert try_rate(trainer, seen["copy"], rates[place])["loss"] == losses[place]


def test_the_runs_own_rate_is_on_the_curve(digits: Digits) -> None:
    trainer = Trainer(Settings(learning_rate=0.0123), digits, tests=False)
    assert 0.0123 in finished(rate_curve(trainer, look(trainer)["copy"]))["rates"]


def test_a_finished_run_has_the_minibatch_that_would_have_come_next(digits: Digits) -> None:
    trainer = Trainer(Settings(iterations=600), digits, tests=False)
    longer = Trainer(Settings(iterations=601), digits, tests=False)
    trainer.advance(600)
    longer.advance(600)
    assert trainer.finished
    copy = look(trainer)["copy"]
    assert np.array_equal(copy.indices, longer.peek()) and np.array_equal(copy.indices, look(trainer)["copy"].indices)
    assert copy.iteration == 600


def test_an_exploded_run_can_be_looked_at_and_a_diverged_one_too(digits: Digits) -> None:
    trainer = Trainer(Settings(learning_rate=10.0, momentum=0.9), digits, tests=False)
    trainer.advance(50)
    seen = look(trainer)
    assert finished(rate_curve(trainer, seen["copy"]))["losses"][0] > 2.3
    with torch.no_grad():
        trainer.model.weight.fill_(float("nan"))
    seen = look(trainer)
    assert np.isnan(seen["loss_torch"])
    assert np.isnan(finished(rate_curve(trainer, seen["copy"]))["losses"]).all()


def test_a_copy_can_be_stepped_although_the_run_is_of_another_kind_by_now(digits: Digits, trainer: Trainer) -> None:
    trainer.advance(4)
    seen = look(trainer)
    other = Trainer(Settings(model="mlp", gradient="autograd", features="normalised"), digits, tests=False)
    again, found = look(other, seen["copy"]), finished(take(other, seen["copy"], 0.1))
    trainer.advance(1)
    assert np.array_equal(again["images"], seen["images"]) and again["loss"] == seen["loss"]
    assert np.array_equal(found["copy"].weight, trainer.model.weight.detach())


def test_from_zero_bias_at_rate_a_tenth_the_bias_becomes_minus_a_tenth_of_its_gradient(trainer: Trainer) -> None:
    seen = look(trainer)
    assert not seen["copy"].bias.any()
    after = try_rate(trainer, seen["copy"], 0.1)
    assert np.array_equal(after["bias"], np.float32(-0.1) * seen["bias_gradient"])


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
    assert seen["size"] == len(seen["copy"].indices) == 1_000
    assert len(seen["images"]) == len(seen["scores"]) == 100


def test_another_model_is_refused(digits: Digits) -> None:
    with pytest.raises(NotSoftmaxRegression, match="choose the model “softmax regression” and start"):
        look(Trainer(Settings(model="mlp", gradient="autograd"), digits))


def test_the_code_that_is_shown_is_the_code_that_ran(trainer: Trainer) -> None:
    assert look(trainer)["code"]["update"].startswith("def updated(")
