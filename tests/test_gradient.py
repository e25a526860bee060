"""Both gradients against PyTorch, against each other, and against figures worked out by hand."""

import gc
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from lrdemo.data import Digits
from lrdemo.features import prepare_images
from lrdemo.gradient import (
    Autograd,
    ByHand,
    cross_entropy,
    gradient_by_autograd,
    gradient_by_hand,
    gradient_difference,
    logits,
    softmax,
    updated,
)
from lrdemo.minibatches import Minibatches, resident
from lrdemo.model import build_model

CASES = [(0.0, 0.0), (0.9, 0.0), (0.0, 0.01), (0.9, 0.01)]


def trained(digits, gradient, dtype, momentum, weight_decay, batch_size=700, steps=100):
    """Train on the real digits; batches of 700 leave a short one of 500 after 85 steps."""
    tensors = resident(digits, "cpu")
    model = build_model("softmax", "normal", 0).to(dtype)
    if gradient == "by-hand":
        step = ByHand(
            model.weight.detach(), model.bias.detach(), tensors.train_bytes, [0.1], momentum, weight_decay
        )
    else:
        step = Autograd(model, tensors.train_bytes, 0.1, momentum, weight_decay)
    minibatches = Minibatches(torch.arange(60_000, dtype=torch.int32), batch_size, False, 1)
    sizes = set()
    for _ in range(steps):
        index = minibatches.take(1)[0]
        sizes.add(len(index))
        step(index, tensors.train_labels[index], torch.empty(1, 10, len(index), dtype=dtype))
    assert sizes == {700, 500}
    return torch.cat([model.weight.detach().reshape(-1), model.bias.detach()])


@pytest.mark.parametrize(("momentum", "weight_decay"), CASES)
def test_by_hand_equals_sgd_by_autograd_in_float64(digits, momentum, weight_decay):
    both = [trained(digits, way, torch.float64, momentum, weight_decay) for way in ("by-hand", "autograd")]

    assert (both[0] - both[1]).abs().max() < 1e-12


@pytest.mark.parametrize(("momentum", "weight_decay"), CASES)
def test_by_hand_equals_sgd_by_autograd_in_float32(digits, momentum, weight_decay):
    both = [trained(digits, way, torch.float32, momentum, weight_decay) for way in ("by-hand", "autograd")]

    assert (both[0] - both[1]).abs().max() < 1e-5


def test_one_step_worked_out_by_hand():
    """Two images of two inked pixels, zero weights: p = 1/10 everywhere.

    Image 0 (class 0) has pixel 0 white, image 1 (class 1) pixel 1: ∂L/∂W[0, 0] = (0.1 − 1)·1/2 = −0.45,
    ∂L/∂W[1, 0] = 0.1·1/2 = 0.05, ∂L/∂b[0] = (−0.9 + 0.1)/2 = −0.4, ∂L/∂b[2] = (0.1 + 0.1)/2 = 0.1.
    """
    packed = torch.zeros(2, 784, dtype=torch.uint8)
    packed[0, 0] = packed[1, 1] = 255
    weight, bias = torch.zeros(10, 784), torch.zeros(10)
    log_p = torch.empty(1, 10, 2)

    ByHand(weight, bias, packed, [0.1])(torch.tensor([0, 1]), torch.tensor([0, 1]), log_p)

    assert log_p.flatten().tolist() == pytest.approx([-math.log(10)] * 20)
    assert weight[:3, :3].tolist() == [
        pytest.approx([0.045, -0.005, 0]), pytest.approx([-0.005, 0.045, 0]), pytest.approx([-0.005, -0.005, 0])
    ]  # fmt: skip
    assert bias[:3].tolist() == pytest.approx([0.04, 0.04, -0.01])


def test_hardly_possible_classes_leave_no_numbers_that_processors_are_slow_with():
    weight, bias = torch.zeros(10, 784), torch.tensor([0.0] + 9 * [-90.0])
    step = ByHand(weight, bias, torch.full((1, 784), 255, dtype=torch.uint8), [0.1])

    step(torch.tensor([0]), torch.tensor([0]), torch.empty(1, 10, 1))

    assert math.exp(-90) < torch.finfo(torch.float32).tiny
    assert weight[1:].abs().min() > torch.finfo(torch.float32).tiny
    assert weight.abs().max() < 1e-30


def test_softmax_survives_huge_scores_and_its_cross_entropy_is_that_of_pytorch():
    scores = torch.tensor([[1e4, 0.0, -1e4], [0.5, 0.2, 0.1]])

    assert softmax(scores)[0].tolist() == [1.0, 0.0, 0.0]
    torch.testing.assert_close(softmax(scores), F.softmax(scores, dim=1))
    right = torch.tensor([0, 2])
    assert float(cross_entropy(softmax(scores), right)) == pytest.approx(float(F.cross_entropy(scores, right)))


@pytest.mark.parametrize(("momentum", "weight_decay"), CASES)
def test_training_in_place_is_what_the_equations_say(digits, momentum, weight_decay):
    tensors = resident(digits, "cpu")
    model = build_model("softmax", "normal", 0).double()
    values = [parameter.detach().clone() for parameter in (model.weight, model.bias)]
    moved = [torch.zeros_like(value) for value in values]
    step = ByHand(model.weight.detach(), model.bias.detach(), tensors.train_bytes, [0.3], momentum, weight_decay)
    for start in (0, 50, 100):
        index = torch.arange(start, start + 50)
        images, labels = tensors.train_bytes[index].double() / 255, tensors.train_labels[index]
        gradients = gradient_by_hand(images, softmax(logits(images, *values)), labels)
        moved = [
            momentum * before + gradient + weight_decay * value
            for before, gradient, value in zip(moved, gradients, values, strict=True)
        ]
        values = [updated(value, v, 0.3) for value, v in zip(values, moved, strict=True)]
        step(index, labels, torch.empty(1, 10, 50, dtype=torch.double))

    torch.testing.assert_close(model.weight.detach(), values[0], atol=1e-13, rtol=0)
    torch.testing.assert_close(model.bias.detach(), values[1], atol=1e-13, rtol=0)


def test_the_two_gradients_agree_and_leave_the_model_alone(digits):
    tensors = resident(digits, "cpu")
    model = build_model("softmax", "normal", 0)
    images, labels = tensors.train_images[:100], tensors.train_labels[:100]

    F.cross_entropy(model(images), labels).backward()
    expected = model.weight.grad.clone(), model.bias.grad.clone()

    weight, bias = model.weight.detach(), model.bias.detach()
    by_hand = gradient_by_hand(images, softmax(logits(images, weight, bias)), labels)
    by_autograd = gradient_by_autograd(images, labels, weight, bias)
    for gradients in (by_hand, by_autograd):
        for ours, theirs in zip(gradients, expected, strict=True):
            torch.testing.assert_close(ours, theirs, atol=1e-7, rtol=1e-5)
    largest = max(float((one - other).abs().max()) for one, other in zip(by_hand, by_autograd, strict=True))
    assert 0 < gradient_difference(model, images, labels) == largest < 1e-6
    assert torch.equal(model.weight.grad, expected[0])


def test_the_equations_hold_for_a_minibatch_without_some_of_the_classes(digits):
    tensors = resident(digits, "cpu")
    index = torch.nonzero(tensors.train_labels < 3)[:20, 0]
    images, labels = tensors.train_images[index], tensors.train_labels[index]
    model = build_model("softmax", "normal", 0)

    assert gradient_difference(model, images, labels) < 1e-6


def test_autograd_takes_plain_steps_where_nothing_else_is_said(digits):
    tensors = resident(digits, "cpu")
    index = torch.arange(50)
    model = build_model("softmax", "normal", 0)
    weight, bias = model.weight.detach().clone(), model.bias.detach().clone()
    step = Autograd(model, tensors.train_bytes, 0.1)
    for _ in range(2):
        gradients = gradient_by_autograd(tensors.train_images[index], tensors.train_labels[index], weight, bias)
        weight, bias = updated(weight, gradients[0], 0.1), updated(bias, gradients[1], 0.1)
        step(index, tensors.train_labels[index], torch.empty(1, 10, 50))

    torch.testing.assert_close(model.weight.detach(), weight)
    torch.testing.assert_close(model.bias.detach(), bias)


def test_runs_in_several_threads_do_not_disturb_each_other(digits):
    def weights(seed):
        tensors = resident(digits, "cpu")
        weight, bias = torch.zeros(10, 784), torch.zeros(10)
        step = ByHand(weight, bias, tensors.train_bytes, [0.1])
        minibatches = Minibatches(torch.arange(60_000, dtype=torch.int32), 50, False, seed)
        for _ in range(300):
            index = minibatches.take(1)[0]
            step(index, tensors.train_labels[index], torch.empty(1, 10, 50))
        return weight

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(weights, range(4)))

    assert all(torch.equal(weights(seed), found) for seed, found in enumerate(together))


def test_the_buffers_of_a_few_sizes_are_kept():
    def kept(count):
        sizes = range(41, 41 + count)
        step = ByHand(torch.zeros(10, 784), torch.zeros(10), torch.zeros(1, 784, dtype=torch.uint8), [0.1])
        for size in sizes:
            labels = torch.zeros(size, dtype=torch.int64)
            step(labels, labels, torch.empty(1, 10, size))
        shapes = [(size, 784) for size in sizes]
        return sum(type(one) is torch.Tensor and one.dtype == torch.uint8 and one.shape in shapes
                   for one in gc.get_objects())

    for count, most in ((8, 8), (9, 1)):
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(kept, count).result() == most


def test_the_log_probabilities_recorded_are_those_of_pytorch(digits):
    tensors = resident(digits, "cpu")
    index = torch.arange(50)
    for way in ("by-hand", "autograd"):
        model = build_model("softmax", "normal", 0)
        expected = F.log_softmax(model(tensors.train_images[index]), dim=1).detach().T
        step = (
            ByHand(model.weight.detach(), model.bias.detach(), tensors.train_bytes, [0.1])
            if way == "by-hand"
            else Autograd(model, tensors.train_bytes, 0.1)
        )
        log_p = torch.empty(1, 10, 50)
        step(index, tensors.train_labels[index], log_p)
        torch.testing.assert_close(log_p[0], expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_a_step_stays_on_the_device_of_its_weights_also_after_one_on_another(momentum):
    """Device "meta" computes no numbers, but like any other it does not mix with the processor."""
    for device in ("meta", "cpu", "meta"):
        weight, bias = torch.zeros(10, 784, device=device), torch.zeros(10, device=device)
        packed, index = torch.ones(9, 784, dtype=torch.uint8, device=device), torch.arange(7, device=device)
        step = ByHand(weight, bias, packed, [0.1], momentum)
        log_p = torch.empty(1, 10, 7, device=device)
        step(index, index, log_p)
        step.begin()
        step.add(index, index, log_p, 7)
        step.update()


def test_minibatches_deal_out_every_image_once_per_epoch():
    minibatches = Minibatches(torch.arange(10, dtype=torch.int32), 4, False, 0)

    taken = [minibatches.take(5) for _ in range(2)]

    assert [tuple(block.shape) for block in taken] == [(2, 4), (1, 2)]
    assert sorted(torch.cat([block.reshape(-1) for block in taken]).tolist()) == list(range(10))
    assert torch.equal(minibatches.peek(), minibatches.take(1)[0])


def test_each_epoch_has_an_order_of_its_own_and_the_seed_decides_all_of_them():
    def epochs(seed):
        minibatches = Minibatches(torch.arange(1_000, dtype=torch.int32), 100, False, seed)
        return [torch.cat([minibatches.take(1)[0] for _ in range(10)]).tolist() for _ in range(3)]

    first, second, third = epochs(4)

    assert sorted(first) == sorted(second) == sorted(third) == list(range(1_000))
    assert first != second != third != first
    assert epochs(4) == [first, second, third] and epochs(5)[0] != first


def test_blocks_of_any_size_deal_out_the_same_order():
    one, many = (Minibatches(torch.arange(10, dtype=torch.int32), 4, False, 3) for _ in range(2))

    singles = [one.take(1) for _ in range(6)]
    blocks = [many.take(2), many.take(2), many.take(1), many.take(7), many.take(7)]

    assert [tuple(block.shape) for block in blocks] == [(2, 4), (1, 2), (1, 4), (1, 4), (1, 2)]
    assert torch.equal(torch.cat([block.reshape(-1) for block in singles]),
                       torch.cat([block.reshape(-1) for block in blocks]))


def test_looking_ahead_changes_nothing():
    looked, plain = (Minibatches(torch.arange(10, dtype=torch.int32), 4, False, 3) for _ in range(2))
    for _ in range(7):
        ahead = looked.peek().clone()
        assert torch.equal(looked.peek(), ahead)
        taken = looked.take(1)
        assert torch.equal(taken[0], ahead) and torch.equal(taken, plain.take(1))


def test_drop_last_leaves_the_short_one_out():
    minibatches = Minibatches(torch.arange(10, dtype=torch.int32), 4, True, 0)

    epochs = [minibatches.take(5) for _ in range(3)]

    assert [tuple(block.shape) for block in epochs] == [(2, 4)] * 3
    assert all(len(block.unique()) == 8 for block in epochs)
    whole = Minibatches(torch.arange(8, dtype=torch.int32), 4, True, 0)
    assert sorted(whole.take(5).reshape(-1).tolist()) == list(range(8))


def test_the_order_lies_on_the_device_in_four_bytes_an_index():
    order = Minibatches(torch.arange(10, dtype=torch.int32, device="meta"), 4, False, 0).peek()

    assert (order.device.type, order.itemsize) == ("meta", 4)


def test_floats_are_the_bytes_over_255(digits):
    tensors = resident(digits, "cpu")

    assert torch.equal(replace(tensors).test_images[0], torch.from_numpy(digits.test_images[0].copy()).view(-1) / 255)
    assert torch.equal(replace(tensors).train_images[9], torch.from_numpy(digits.train_images[9].copy()).view(-1) / 255)
    assert tensors.train_labels.tolist() == digits.train_labels.tolist()
    assert tensors.test_labels.tolist() == digits.test_labels.tolist()


def test_prepared_digits_are_trained_on_where_the_settings_say_so(digits):
    few = Digits(digits.train_images[:50], digits.train_labels[:50], digits.test_images[:20], digits.test_labels[:20])

    tensors = resident(few, "cpu", "normalised")

    assert tensors.train_bytes.view(-1, 28, 28).numpy() == pytest.approx(prepare_images(few.train_images, "normalised"))
    assert tensors.test_bytes.view(-1, 28, 28).numpy() == pytest.approx(prepare_images(few.test_images, "normalised"))
    assert tensors.test_labels.tolist() == few.test_labels.tolist()
    assert resident(few, "cpu", "normalised") is tensors
