"""One iteration of a real run taken apart: logits, softmax, cross-entropy, gradient, update.

Everything is computed twice, by the equation and by PyTorch. Nothing here changes the run that is looked at.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lrdemo.errors import LrdemoError
from lrdemo.gradient import cross_entropy, gradient_by_autograd, gradient_by_hand, logits, softmax, updated
from lrdemo.lesson.source import source
from lrdemo.model import SoftmaxRegression
from lrdemo.shapes import CLASSES
from lrdemo.trainer import Trainer

SHOWN = 100
BACKWARD_CALLS = 3


class NotSoftmaxRegression(LrdemoError):
    """The run trains another model than softmax regression."""


def backward_again(model: nn.Module, images: Tensor, labels: Tensor, times: int) -> None:
    """Clear the gradients, then call `backward()` so many times: each call adds to what is there."""
    model.zero_grad(set_to_none=False)
    for _ in range(times):
        F.cross_entropy(model(images), labels).backward()  # type: ignore[no-untyped-call]


def accumulated_bias_gradients(images: Tensor, labels: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return `bias.grad` after 0, 1, 2 and 3 calls of `backward()` without zeroing, [4, 10]."""
    model = _copy(weight, bias)
    model.bias.grad = torch.zeros_like(bias)
    rows = []
    for times in range(BACKWARD_CALLS + 1):
        backward_again(model, images, labels, times)
        rows.append(model.bias.grad.clone())
    return torch.stack(rows)


def first_step(images: Tensor, labels: Tensor, learning_rate: float) -> Tensor:
    """Return the weights [10, 784] after one step from zero weights and biases on images [m, 784].

    Every class then gets probability 1/10, so for class k this is
    η · (share of class k · average image of class k − 1/10 · average of all images).
    """
    weight, bias = images.new_zeros(CLASSES, images.shape[1]), images.new_zeros(CLASSES)
    weight_gradient, _ = gradient_by_hand(images, softmax(logits(images, weight, bias)), labels)
    return updated(weight, weight_gradient, learning_rate)


@torch.no_grad()
def look(trainer: Trainer) -> dict[str, Any]:
    """Return all numbers of the run's next iteration as numpy arrays and plain values; the run stays as it is.

    Raises NotSoftmaxRegression for another model.
    """
    weight, bias = _parameters(trainer)
    indices = trainer.peek()
    images, labels = trainer.tensors.train_images[indices], trainer.tensors.train_labels[indices]
    rate = trainer.learning_rate
    scores = logits(images, weight, bias)
    probabilities = softmax(scores)
    by_torch = F.softmax(F.linear(images, weight, bias), dim=1)
    loss = cross_entropy(probabilities, labels)
    weight_gradient, bias_gradient = gradient_by_hand(images, probabilities, labels)
    with torch.enable_grad():
        weight_autograd, bias_autograd = gradient_by_autograd(images, labels, weight, bias)
        accumulated = accumulated_bias_gradients(images, labels, weight, bias)
    new_weight, new_bias = updated(weight, weight_gradient, rate), updated(bias, bias_gradient, rate)
    return {
        "iteration": trainer.iteration,
        "finished": trainer.finished,
        "learning_rate": rate,
        "plain": trainer.settings.optimiser == "sgd"
        and trainer.settings.momentum == 0
        and trainer.settings.weight_decay == 0,
        "size": len(indices),
        "indices": indices.cpu().numpy(),
        "images": _array(images[:SHOWN]),
        "labels": labels[:SHOWN].cpu().numpy(),
        "weight": _array(weight),
        "bias": _array(bias),
        "logits": _array(scores[:SHOWN]),
        "probabilities": _array(probabilities[:SHOWN]),
        "probabilities_torch": _array(by_torch[:SHOWN]),
        "softmax_difference": _largest(probabilities - by_torch),
        "loss": float(loss),
        "loss_torch": float(F.cross_entropy(scores, labels)),
        "weight_gradient": _array(weight_gradient),
        "bias_gradient": _array(bias_gradient),
        "weight_gradient_autograd": _array(weight_autograd),
        "bias_gradient_autograd": _array(bias_autograd),
        "gradient_difference": max(
            _largest(weight_gradient - weight_autograd), _largest(bias_gradient - bias_autograd)
        ),
        "accumulated_bias_gradients": _array(accumulated),
        "new_bias": _array(new_bias),
        "first_step": _array(first_step(images, labels, rate)),
        "loss_after": float(F.cross_entropy(logits(images, new_weight, new_bias), labels)),
        "code": {
            "logits": source(logits),
            "softmax": source(softmax),
            "cross_entropy": source(cross_entropy),
            "by_hand": source(gradient_by_hand),
            "autograd": source(gradient_by_autograd),
            "update": source(updated),
            "backward_again": source(backward_again),
        },
    }


@torch.no_grad()
def look_back(trainer: Trainer, indices: Any) -> dict[str, Any]:
    """Return the run's present iteration and bias, and its loss on the training images with these indices."""
    weight, bias = _parameters(trainer)
    batch = torch.as_tensor(indices, dtype=torch.int64, device=weight.device)
    scores = logits(trainer.tensors.train_images[batch], weight, bias)
    loss = F.cross_entropy(scores, trainer.tensors.train_labels[batch])
    return {"iteration": trainer.iteration, "bias": _array(bias), "loss": float(loss)}


def _parameters(trainer: Trainer) -> tuple[Tensor, Tensor]:
    model = trainer.model
    if not isinstance(model, SoftmaxRegression):
        raise NotSoftmaxRegression("This page takes softmax regression apart, and this run trains another model.")
    return model.weight.detach().clone(), model.bias.detach().clone()


def _copy(weight: Tensor, bias: Tensor) -> SoftmaxRegression:
    with torch.random.fork_rng(devices=[]):
        model = SoftmaxRegression().to(weight.device)
    with torch.no_grad():
        model.weight.copy_(weight)
        model.bias.copy_(bias)
    return model


def _array(values: Tensor) -> Any:
    return values.detach().cpu().numpy().copy()


def _largest(values: Tensor) -> float:
    return float(values.abs().max())
