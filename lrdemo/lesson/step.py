"""One step of training taken apart, on a copy of a run: scores, probabilities, loss, gradient, update.

Everything is computed twice, by the equation and by PyTorch. Nothing here changes the run that is asked.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lrdemo.errors import LrdemoError
from lrdemo.gradient import (
    Autograd,
    ByHand,
    Step,
    cross_entropy,
    gradient_by_autograd,
    gradient_by_hand,
    logits,
    softmax,
    updated,
)
from lrdemo.lesson.run_copy import RunCopy
from lrdemo.lesson.source import source
from lrdemo.minibatches import Minibatches, Tensors, resident
from lrdemo.model import SoftmaxRegression
from lrdemo.run import images_at_once
from lrdemo.shapes import CLASSES, IMAGE
from lrdemo.trainer import Trainer

SHOWN = 100
BACKWARD_CALLS = 3
TOPS = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
"""Where the curve of the learning rates may end; 10 is the largest that a run may have."""
CLEARLY_ABOVE = 1.25
RATE_GAP = 0.05


class NotSoftmaxRegression(LrdemoError):
    """The run trains another model than softmax regression."""


def backward_again(model: nn.Module, images: Tensor, labels: Tensor, times: int) -> None:
    """Clear the gradients, then call `backward()` so many times: each call adds to what is there."""
    model.zero_grad(set_to_none=False)
    for _ in range(times):
        F.cross_entropy(model(images), labels).backward()  # type: ignore[no-untyped-call]


def accumulated_bias_gradients(images: Tensor, labels: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return `bias.grad` after 0, 1, 2 and 3 calls of `backward()` without zeroing, [4, 10]."""
    model = _model(weight, bias)
    model.bias.grad = torch.zeros_like(bias)
    rows = []
    for times in range(BACKWARD_CALLS + 1):
        backward_again(model, images, labels, times)
        rows.append(model.bias.grad.clone())
    return torch.stack(rows)


def first_step(images: Tensor, labels: Tensor, learning_rate: float) -> Tensor:
    """Return the weights [10, D] after one step from zero weights and biases on images [m, D].

    Every class then gets probability 1/10, so for class k this is
    η · (share of class k · average image of class k − 1/10 · average of all images).
    """
    weight, bias = images.new_zeros(CLASSES, images.shape[1]), images.new_zeros(CLASSES)
    weight_gradient, _ = gradient_by_hand(images, softmax(logits(images, weight, bias)), labels)
    return updated(weight, weight_gradient, learning_rate)


def copied(trainer: Trainer) -> RunCopy:
    """Return a copy of the run as it is; that of a finished run has the minibatch that would have come next.

    Raises NotSoftmaxRegression for another model.
    """
    model = trainer.model
    if not isinstance(model, SoftmaxRegression):
        raise NotSoftmaxRegression(
            "This page takes softmax regression apart, and your run trains another model. On Train, choose the model "
            "“softmax regression” and start the run again; then come back."
        )
    indices = trainer.peek().long().cpu().numpy()
    weight, bias = _array(model.weight), _array(model.bias)
    return RunCopy(trainer.settings, trainer.iteration, trainer.learning_rate, weight, bias, indices)


@torch.no_grad()
def look(trainer: Trainer, copy: RunCopy | None = None) -> dict[str, Any]:
    """Return all numbers of the next step of a copy, by default of one that is made of the run now.

    They are numpy arrays and plain values, of the first 100 images where there is one for each; `copy` is among them.
    """
    copy = copy or copied(trainer)
    images, labels, weight, bias = _parts(trainer, copy)
    scores = logits(images, weight, bias)
    probabilities = softmax(scores)
    by_torch = F.softmax(F.linear(images, weight, bias), dim=1)
    weight_gradient, bias_gradient = gradient_by_hand(images, probabilities, labels)
    with torch.enable_grad():
        weight_autograd, bias_autograd = gradient_by_autograd(images, labels, weight, bias)
        accumulated = accumulated_bias_gradients(images, labels, weight, bias)
    return {
        "copy": copy,
        "size": len(copy.indices),
        "images": _array(images[:SHOWN]),
        "pictures": IMAGE.unpacked(_tensors(trainer, copy).train_pictures(copy.indices[:SHOWN])),
        "labels": _array(labels[:SHOWN]),
        "scores": _array(scores[:SHOWN]),
        "probabilities": _array(probabilities[:SHOWN]),
        "probabilities_torch": _array(by_torch[:SHOWN]),
        "softmax_difference": _largest(probabilities - by_torch),
        "loss": float(cross_entropy(probabilities, labels)),
        "loss_torch": float(F.cross_entropy(scores, labels)),
        "weight_gradient": _array(weight_gradient),
        "bias_gradient": _array(bias_gradient),
        "bias_gradient_autograd": _array(bias_autograd),
        "gradient_difference": max(
            _largest(weight_gradient - weight_autograd), _largest(bias_gradient - bias_autograd)
        ),
        "accumulated_bias_gradients": _array(accumulated),
        "first_step": _array(first_step(images, labels, copy.learning_rate)),
        "code": {
            "forward": source(logits, softmax, cross_entropy),
            "by_hand": source(gradient_by_hand),
            "autograd": source(gradient_by_autograd),
            "update": source(updated),
            "backward_again": source(backward_again),
        },
    }


@torch.no_grad()
def try_rate(trainer: Trainer, copy: RunCopy, rate: float) -> dict[str, Any]:
    """Return the copy's bias and its loss on the minibatch after a step at this learning rate, by the equation."""
    images, labels, weight, bias = _parts(trainer, copy)
    weight_gradient, bias_gradient = gradient_by_hand(images, softmax(logits(images, weight, bias)), labels)
    weight, bias = updated(weight, weight_gradient, rate), updated(bias, bias_gradient, rate)
    return {"bias": _array(bias), "loss": float(F.cross_entropy(logits(images, weight, bias), labels))}


@torch.no_grad()
def rate_curve(trainer: Trainer, copy: RunCopy) -> Generator[None, None, dict[str, Any]]:
    """Return learning rates from 0 to where the loss is clearly above its start, and the losses after such steps.

    The copy's own rate is among them. Computed in short pieces, one between two yields.
    """
    images, labels, weight, bias = _parts(trainer, copy)
    weight_gradient, bias_gradient = gradient_by_hand(images, softmax(logits(images, weight, bias)), labels)

    def loss(rate: float) -> float:
        scores = logits(images, updated(weight, weight_gradient, rate), updated(bias, bias_gradient, rate))
        return float(F.cross_entropy(scores, labels))

    start, top = loss(0.0), TOPS[-1]
    for tried in TOPS:
        yield
        if loss(tried) > CLEARLY_ABOVE * start:
            top = tried
            break
    top = max(top, copy.learning_rate)
    rates = sorted({*(round(RATE_GAP * place, 2) for place in range(round(top / RATE_GAP) + 1)), copy.learning_rate})
    losses = []
    for rate in rates:
        yield
        losses.append(loss(rate))
    return {"rates": rates, "losses": losses}


@torch.no_grad()
def take(trainer: Trainer, copy: RunCopy, rate: float) -> Generator[None, None, dict[str, Any]]:
    """Return the copy after one step of plain gradient descent, and its loss on the minibatch that it was taken on.

    It is computed as a run does it, and comes to the same, bit for bit. The new copy has the minibatch that follows
    in the run's order; found in short pieces, one between two yields.
    """
    tensors = _tensors(trainer, copy)
    images, labels, weight, bias = _parts(trainer, copy)
    with torch.enable_grad():
        _do_step(tensors, copy, rate, model := _model(weight, bias))
    loss = float(F.cross_entropy(logits(images, model.weight, model.bias), labels))
    used = copy.settings
    minibatches = Minibatches(tensors.trained_on(used.held_out), used.batch_size, used.drop_last, used.seed + 1)
    left = copy.iteration + 1
    while left:
        left -= len(minibatches.take(left))
        yield
    indices = minibatches.peek().long().cpu().numpy()
    after = RunCopy(used, copy.iteration + 1, copy.learning_rate, _array(model.weight), _array(model.bias), indices)
    return {"copy": after, "loss": loss}


def compare(trainer: Trainer, copy: RunCopy) -> dict[str, Any]:
    """Return the largest difference between the run's parameters and the copy's."""
    now = copied(trainer)
    apart = (abs(one - other).max() for one, other in ((now.weight, copy.weight), (now.bias, copy.bias)))
    return {"difference": float(max(apart))}


def _do_step(tensors: Tensors, copy: RunCopy, rate: float, model: SoftmaxRegression) -> None:
    """Take one step as a run with the copy's settings does it, but without momentum and weight decay."""
    index = torch.as_tensor(copy.indices, dtype=torch.int32, device=model.weight.device)
    labels = tensors.train_labels.index_select(0, index)
    step: Step
    if copy.settings.gradient == "by-hand":
        step = ByHand(model.weight.detach(), model.bias.detach(), tensors.train_bytes, [rate], white=tensors.form.white)
    else:
        step = Autograd(model, tensors.train_bytes, rate, white=tensors.form.white)
    most = images_at_once(copy.settings)
    if len(index) <= most:
        step(index, labels, labels.new_empty(1, CLASSES, len(index), dtype=torch.float32))
        return
    step.begin()
    for part, part_labels in zip(torch.split(index, most), torch.split(labels, most), strict=True):
        log_p = labels.new_empty(1, CLASSES, len(part), dtype=torch.float32)
        step.add(part, part_labels, log_p, len(index))
    step.update()


def _parts(trainer: Trainer, copy: RunCopy) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the images and labels of the copy's minibatch, and its weight and bias, on the device of the run."""
    tensors = _tensors(trainer, copy)
    device = tensors.train_labels.device
    indices = torch.as_tensor(copy.indices, device=device)
    weight, bias = (torch.tensor(part, device=device) for part in (copy.weight, copy.bias))
    return tensors.train_images[indices], tensors.train_labels[indices], weight, bias


def _tensors(trainer: Trainer, copy: RunCopy) -> Tensors:
    """Return the images as the copied run prepared them; the run of the moment may prepare them otherwise."""
    used, present = copy.settings, trainer.settings
    if (used.features, used.styles) == (present.features, present.styles):
        return trainer.tensors
    return resident(trainer.tensors.unprepared, present.device, used.features, used.styles)


def _model(weight: Tensor, bias: Tensor) -> SoftmaxRegression:
    with torch.random.fork_rng(devices=[]):
        model = SoftmaxRegression(weight.shape[1]).to(weight.device)
    with torch.no_grad():
        model.weight.copy_(weight)
        model.bias.copy_(bias)
    return model


def _array(values: Tensor) -> Any:
    return values.detach().cpu().numpy().copy()


def _largest(values: Tensor) -> float:
    return float(values.abs().max())
