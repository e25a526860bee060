"""Evidence against PyTorch's logits, and the smallest flip against hand-worked and numerical optima."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from lrdemo.answers.explain import TINY, duel, evidence, smallest_flip
from lrdemo.data import Digits
from lrdemo.model import SoftmaxRegression
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


@pytest.fixture(scope="module")
def model(digits: Digits) -> SoftmaxRegression:
    trainer = Trainer(Settings(iterations=600, pace=0), digits, tests=False)
    trainer.advance(600)
    assert isinstance(trainer.model, SoftmaxRegression)
    return trainer.model


@pytest.fixture(scope="module")
def weight(model: SoftmaxRegression) -> np.ndarray:
    return model.weight.detach().numpy()


@pytest.fixture(scope="module")
def bias(model: SoftmaxRegression) -> np.ndarray:
    return model.bias.detach().numpy()


def image_of(digits: Digits, index: int) -> np.ndarray:
    return digits.test_images[index].astype(np.float32) / 255


def two_pixels(weights: list[list[float]], biases: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Ten classes of which only the first two look at the first two pixels; the others are far behind."""
    weight, bias = np.zeros((10, 784), np.float32), np.full(10, -100, np.float32)
    weight[:2, :2], bias[:2] = weights, biases
    return weight, bias


def test_evidence_adds_up_to_pytorchs_logit(
    digits: Digits, model: SoftmaxRegression, weight: np.ndarray, bias: np.ndarray
) -> None:
    for index in range(20):
        image = image_of(digits, index)
        logits = model(torch.from_numpy(image.reshape(1, -1)))[0].tolist()
        for digit in range(10):
            found = evidence(image, weight, bias, digit)
            assert found.total + found.bias == found.logit
            assert found.total == float(sum(map(Fraction, found.parts.flat)))  # exact, and rounded once
            assert found.logit == pytest.approx(logits[digit], abs=2e-5)
            assert found.error < 2e-5


def test_evidence_is_the_gradient_times_the_input(
    digits: Digits, model: SoftmaxRegression, weight: np.ndarray, bias: np.ndarray
) -> None:
    image = torch.from_numpy(image_of(digits, 3).reshape(1, -1)).requires_grad_()
    model(image)[0, 0].backward()
    assert image.grad is not None
    expected = (image * image.grad).detach().numpy().reshape(28, 28)
    np.testing.assert_allclose(evidence(image_of(digits, 3), weight, bias, 0).parts, expected, atol=1e-7)


def test_evidence_by_hand() -> None:
    weight, bias = two_pixels([[2, -1], [0, 1]], [0.5, 0])
    image = np.zeros((28, 28), np.float32)
    image[0, :2] = 0.5, 1
    found = evidence(image, weight, bias, 0)
    assert (found.parts[0, 0], found.parts[0, 1]) == (1, -1)
    assert (found.total, found.bias, found.logit, found.error) == (0, 0.5, 0.5, 0)


def test_a_duel_is_the_difference_of_two_evidences(digits: Digits, weight: np.ndarray, bias: np.ndarray) -> None:
    image = image_of(digits, 8)
    first, second = evidence(image, weight, bias, 4), evidence(image, weight, bias, 9)
    found = duel(image, weight, bias, 4, 9)
    np.testing.assert_allclose(found.parts, first.parts - second.parts, atol=1e-12)
    assert found.logit == pytest.approx(first.logit - second.logit, abs=1e-12)
    assert found.bias == pytest.approx(first.bias - second.bias, abs=1e-12)
    assert duel(image, weight, bias, 9, 4).logit == pytest.approx(-found.logit, abs=1e-12)
    assert found.error < 2e-5


def test_the_flip_by_hand() -> None:
    # Margin 3·0.5 + 4·0.5 + 1.5 = 5 and ‖d‖ = 5, so the boundary is one unit away along −(3, 4)/5.
    weight, bias = two_pixels([[3, 4], [0, 0]], [1.5, 0])
    image = np.zeros((28, 28), np.float32)
    image[0, :2] = 0.5, 0.5
    flip = smallest_flip(image, weight, bias)
    assert (flip.answer, flip.target) == (0, 1)
    np.testing.assert_allclose(flip.change[0, :2], [-0.6, -0.8], atol=TINY)
    assert flip.size == pytest.approx(1, abs=TINY)
    # Clipped, nothing is left of either pixel, and the bias alone still says 0.
    assert not flip.clipped.any() and not flip.clipped_flips
    assert flip.real is None and flip.real_size is None


def test_the_flip_within_pixels_by_hand() -> None:
    # The first pixel can only go from 0.2 to 0; the second has to do the rest: 4·0.9 = 3.6 → 4·x = 0.5.
    weight, bias = two_pixels([[3, 4], [0, 0]], [-0.5, 0])
    image = np.zeros((28, 28), np.float32)
    image[0, :2] = 0.2, 0.9
    flip = smallest_flip(image, weight, bias)
    assert not flip.clipped_flips
    assert flip.real is not None
    np.testing.assert_allclose(flip.real[0, :2], [0, 0.125], atol=TINY)
    assert flip.real_size == pytest.approx(np.hypot(0.2, 0.775), abs=TINY)


@pytest.mark.parametrize(("sign", "held", "moved"), [(1, 0, 1), (-1, 1, 0)])
def test_pixels_that_cannot_move_do_not_slow_the_others_down(sign: int, held: int, moved: int) -> None:
    """The first pixel weighs a hundred times as much, and is at its bound; the second has to go the 0.6 alone."""
    weight, bias = two_pixels([[100 * sign, sign], [0, 0]], [100.6 if sign < 0 else -0.4, 0])
    image = np.zeros((28, 28), np.float32)
    image[0, :2] = held, moved
    flip = smallest_flip(image, weight, bias)
    assert flip.answer == 0 and flip.real is not None
    np.testing.assert_allclose(flip.real[0, :2], [held, 1 - 0.6 if moved else 0.6], atol=2 * TINY)


def test_clipping_cuts_at_white_too_and_may_still_flip() -> None:
    # Margin −3·0.9 + 4·0.5 + 1.7 = 1: the boundary is 0.2 away along (3, −4)/5, at (1.02, 0.34).
    weight, bias = two_pixels([[-3, 4], [0, 0]], [1.7, 0])
    image = np.zeros((28, 28), np.float32)
    image[0, :2] = 0.9, 0.5
    flip = smallest_flip(image, weight, bias)
    assert flip.size == pytest.approx(0.2, abs=TINY)
    np.testing.assert_allclose(flip.clipped[0, :2], [1, 0.34], atol=TINY)
    assert not flip.clipped_flips
    # With the first pixel held at white, the second has to go to (3 − 1.7)/4 = 0.325.
    assert flip.real is not None
    np.testing.assert_allclose(flip.real[0, :2], [1, 0.325], atol=TINY)
    # Nothing to cut off: the picture in range is the flip itself.
    image[0, :2] = 0.5, 0.5
    inside = smallest_flip(image, *two_pixels([[-3, 4], [0, 0]], [0.5, 0]))
    np.testing.assert_allclose(inside.clipped[0, :2], [0.62, 0.34], atol=TINY)
    assert inside.clipped_flips
    assert inside.real is not None and inside.real_size is not None
    np.testing.assert_allclose(inside.real, inside.clipped, atol=1e-9)
    assert inside.real_size == pytest.approx(inside.size, abs=1e-9)


@pytest.mark.parametrize("scale", [0.01, 1, 100])
def test_the_scale_of_the_weights_does_not_move_the_boundary(scale: float) -> None:
    weight, bias = two_pixels([[3, 4], [0, 0]], [-0.5, 0])
    image = np.zeros((28, 28), np.float32)
    image[0, :2] = 0.2, 0.9
    flip = smallest_flip(image, weight * np.float32(scale), bias * np.float32(scale))
    # Margin 3·0.2 + 4·0.9 − 0.5 = 3.7, and ‖d‖ = 5.
    assert flip.size == pytest.approx(3.7 / 5, abs=3 * TINY / min(scale, 1))
    assert flip.real is not None
    np.testing.assert_allclose(flip.real[0, :2], [0, 0.125], atol=TINY / min(scale, 1))


def test_a_target_of_the_visitors_choice_is_the_one_that_wins_the_duel(
    digits: Digits, weight: np.ndarray, bias: np.ndarray
) -> None:
    image = image_of(digits, 1)
    for target in (0, 7):
        flip = smallest_flip(image, weight, bias, target)
        assert flip.target == target
        changed = (image + flip.change).astype(np.float32)
        assert duel(changed, weight, bias, flip.answer, target).logit == pytest.approx(-TINY, abs=2e-5)


def test_flips_flip_and_nothing_smaller_does(
    digits: Digits, model: SoftmaxRegression, weight: np.ndarray, bias: np.ndarray
) -> None:
    def answer(picture: np.ndarray) -> int:
        return int(model(torch.from_numpy(picture.astype(np.float32).reshape(1, -1))).argmax())

    for index in range(30):
        image = image_of(digits, index)
        flip = smallest_flip(image, weight, bias)
        assert answer(image) == flip.answer
        assert answer(image + flip.change) == flip.target
        assert answer(image + 0.99 * flip.change) == flip.answer
        assert flip.real is not None and flip.real_size is not None
        assert flip.real.min() >= 0 and flip.real.max() <= 1
        margin = (weight[flip.answer] - weight[flip.target]) @ flip.real.reshape(-1)
        assert margin + bias[flip.answer] - bias[flip.target] < 0
        assert flip.real_size >= flip.size - 1e-9
        sizes = [smallest_flip(image, weight, bias, other).size for other in range(10) if other != flip.answer]
        assert flip.size == pytest.approx(min(sizes))


def test_the_real_flip_is_what_a_numerical_search_finds(
    digits: Digits, weight: np.ndarray, bias: np.ndarray
) -> None:
    image = image_of(digits, 0)
    flip = smallest_flip(image, weight, bias)
    assert flip.real_size is not None
    start = torch.from_numpy(image.reshape(-1)).double()
    row = torch.from_numpy(weight[flip.answer] - weight[flip.target]).double()
    offset = float(bias[flip.answer] - bias[flip.target])
    picture = start.clone().requires_grad_()
    price = 0.0
    # Augmented Lagrangian with projected gradient steps: autograd knows nothing of the closed form.
    for _ in range(60):
        for _ in range(60):
            overshoot = torch.relu(row @ picture + offset + TINY + price / 10)
            loss = 0.5 * ((picture - start) ** 2).sum() + 5 * overshoot**2
            (slope,) = torch.autograd.grad(loss, picture)
            with torch.no_grad():
                picture -= slope / (1 + 10 * float(row @ row))
                picture.clamp_(0, 1)
        price = max(0.0, price + 10 * float(row @ picture.detach() + offset + TINY))
    assert float((picture.detach() - start).norm()) == pytest.approx(flip.real_size, rel=0.01)


def test_the_answer_cannot_flip_to_itself(digits: Digits, weight: np.ndarray, bias: np.ndarray) -> None:
    image = image_of(digits, 0)
    with pytest.raises(ValueError, match="already"):
        smallest_flip(image, weight, bias, smallest_flip(image, weight, bias).answer)


@pytest.mark.parametrize("value", [3e38, np.inf, np.nan])
def test_a_model_that_has_exploded_gives_no_number_and_no_warning(digits: Digits, value: float) -> None:
    weight, bias = np.full((10, 784), value, np.float32), np.full(10, -value, np.float32)
    weight[::2, ::3] *= -1
    image = image_of(digits, 0)
    for found in (*(evidence(image, weight, bias, digit) for digit in (3, 4)), duel(image, weight, bias, 3, 4)):
        assert found.parts.shape == (28, 28)
        assert np.isfinite(found.logit) == (value == 3e38)
    flip = smallest_flip(image, weight, bias)
    assert flip.answer != flip.target
    if value != 3e38:
        assert np.isnan(flip.size) and flip.real is None and not flip.clipped_flips
