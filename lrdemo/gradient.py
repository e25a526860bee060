"""One iteration of minibatch gradient descent, twice: by hand from the closed form, and by autograd.

With p = softmax(x Wᵀ + b) and m images, ∂L/∂W = (p − onehot)ᵀ x / m and ∂L/∂b its column sums. First the equations as a
textbook writes them; then `ByHand`, which computes the same in place and in fewer passes, and is what trains.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from lrdemo.model import Model, SoftmaxRegression
from lrdemo.optimiser import can_be_captured, make_optimiser
from lrdemo.shapes import CLASSES, IMAGE


def logits(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return z = x Wᵀ + b, [m, 10], for images [m, D], weight [10, D] and bias [10]."""
    return images @ weight.T + bias


def softmax(logits: Tensor) -> Tensor:
    """Return p_k = e^(z_k) / Σ_j e^(z_j) for each row, [m, 10]."""
    # The largest logit is subtracted first: it cancels, and e^… cannot overflow.
    powers = torch.exp(logits - logits.amax(dim=1, keepdim=True))
    return powers / powers.sum(dim=1, keepdim=True)


def cross_entropy(probabilities: Tensor, labels: Tensor) -> Tensor:
    """Return the mean over the minibatch of −log(probability of the right class), one number."""
    return -torch.log(probabilities[torch.arange(len(labels)), labels]).mean()


def gradient_by_hand(images: Tensor, probabilities: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients of weight [10, D] and bias [10]: for d = (p − onehot)/m, dᵀx and the sum of d."""
    onehot = F.one_hot(labels, CLASSES)
    difference = (probabilities - onehot) / len(labels)
    return difference.T @ images, difference.sum(dim=0)


def updated(value: Tensor, gradient: Tensor, learning_rate: float) -> Tensor:
    """Return θ − η ∇L: a step against the gradient."""
    return value - learning_rate * gradient


def gradient_by_autograd(images: Tensor, labels: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients of weight and bias as PyTorch's `backward()` finds them."""
    weight, bias = weight.clone().requires_grad_(), bias.clone().requires_grad_()
    loss = F.cross_entropy(images @ weight.T + bias, labels)
    loss.backward()  # type: ignore[no-untyped-call]
    assert weight.grad is not None and bias.grad is not None
    return weight.grad, bias.grad


def gradient_difference(model: SoftmaxRegression, images: Tensor, labels: Tensor) -> float:
    """Return the largest absolute difference between the two gradients on one minibatch; the model stays as it is."""
    weight, bias = model.weight.detach(), model.bias.detach()
    by_hand = gradient_by_hand(images, softmax(logits(images, weight, bias)), labels)
    by_autograd = gradient_by_autograd(images, labels, weight, bias)
    return max(float((one - other).abs().max()) for one, other in zip(by_hand, by_autograd, strict=True))


class Step(Protocol):
    """Do one iteration on one minibatch, at once or part by part; the buffers are the caller's."""

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next update on."""
        ...

    def __call__(self, index: Tensor, labels: Tensor, log_p: Tensor) -> None:
        """Update from the training images at `index` [m] with `labels` [m].

        Writes the log-probabilities before the update into `log_p` [K, 10, m] for K models.
        """
        ...

    def begin(self) -> None:
        """Begin a sum of gradients; one that was not used for an update is forgotten."""
        ...

    def add(self, index: Tensor, labels: Tensor, log_p: Tensor, size: int) -> None:
        """Add the gradient of a part of a minibatch of `size` images; `log_p` [K, 10, n] as in a call."""
        ...

    def update(self) -> None:
        """Update with the sum of the gradients."""
        ...

    def memory(self) -> Any:
        """Return a copy of what it keeps from one iteration to the next besides the parameters, for `remember`."""
        ...

    def remember(self, memory: Any) -> None:
        """Go on from what `memory` has returned, which stays as it is."""
        ...


@dataclass(frozen=True, eq=False)
class _Buffers:
    """What one step writes: a minibatch as bytes and as floats [m, D], logits and p − onehot [10 K, m] (also seen
    as [K, 10, m]), and the labels as onehot [10, m]."""

    packed: Tensor
    images: Tensor
    images_t: Tensor
    logits: Tensor
    logits_of_each: Tensor
    difference: Tensor
    difference_of_each: Tensor
    onehot: Tensor
    ones: Tensor


TINY = 1e-30
"""Added to every probability: far below rounding, but processors are many times slower with numbers below 1e-38."""
MOST_SCRATCH = 8
"""Sizes of minibatch kept at once."""


class _Scratch(threading.local):
    """Scratch buffers shared by all runs of a thread and a device; safe because runs take turns."""

    def __init__(self) -> None:
        self.buffers: dict[tuple[int, int, int, torch.dtype, torch.device], _Buffers] = {}


_scratch = _Scratch()


class ByHand:
    """Apply the closed form to K softmax regressions at once, on the same minibatches.

    `weight` [10 K, D] and `bias` [10 K] are updated in place; each model has its own learning rate. The classes are
    rows (logits = W xᵀ), which costs half of what x Wᵀ costs at this size. Inputs stay bytes: the factor 1/`white` (for
    pixels 1/255) goes into the products.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor,
        train_bytes: Tensor,
        learning_rates: Sequence[float],
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        white: int = IMAGE.white,
    ) -> None:
        self._weight, self._bias, self._bytes, self._white = weight, bias, train_bytes, white
        self._bias_column = bias[:, None]
        self._momentum, self._decay = momentum, weight_decay
        self._plain = momentum == 0 and weight_decay == 0
        self._weight_step, self._bias_step = torch.zeros_like(weight), torch.zeros_like(bias)
        self._weight_sum, self._bias_sum = torch.zeros_like(weight), torch.zeros_like(bias)
        # A tensor on the device, so that a captured CUDA graph reads the rate of the moment.
        rates = torch.tensor(learning_rates, dtype=weight.dtype)
        self._rates = rates.repeat_interleave(CLASSES)[:, None].to(weight.device)
        self._lanes = len(learning_rates)
        self._classes = torch.arange(CLASSES, device=weight.device)[:, None]
        self._buffers: dict[int, _Buffers] = {}

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate, for all models, from the next update on."""
        self._rates.fill_(value)

    def __call__(self, index: Tensor, labels: Tensor, log_p: Tensor) -> None:
        """Do one iteration; see `Step`."""
        size = len(index)
        buffers = self._differences(index, labels, log_p)
        difference, images = buffers.difference, buffers.images
        if self._plain:
            # η(p − onehot) first, and the product goes straight into the weight.
            difference.mul_(self._rates)
            self._weight.addmm_(difference, images, alpha=-1 / self._white / size)
            self._bias.addmv_(difference, buffers.ones, alpha=-1 / size)
        else:
            self._weight_step.addmm_(difference, images, beta=self._momentum, alpha=1 / self._white / size)
            self._bias_step.addmv_(difference, buffers.ones, beta=self._momentum, alpha=1 / size)
            self._move()

    def begin(self) -> None:
        """Begin a sum of gradients; see `Step`."""
        self._weight_sum.zero_()
        self._bias_sum.zero_()

    def add(self, index: Tensor, labels: Tensor, log_p: Tensor, size: int) -> None:
        """Add the gradient of a part of a minibatch; see `Step`."""
        buffers = self._differences(index, labels, log_p)
        self._weight_sum.addmm_(buffers.difference, buffers.images, alpha=1 / self._white / size)
        self._bias_sum.addmv_(buffers.difference, buffers.ones, alpha=1 / size)

    def update(self) -> None:
        """Update with the sum of the gradients."""
        self._weight_step.mul_(self._momentum).add_(self._weight_sum)
        self._bias_step.mul_(self._momentum).add_(self._bias_sum)
        self._move()

    def memory(self) -> tuple[Tensor, ...]:
        """Return the last step, which only momentum makes use of; see `Step`."""
        return (self._weight_step.clone(), self._bias_step.clone()) if self._momentum else ()

    def remember(self, memory: tuple[Tensor, ...]) -> None:
        """Go on from a last step; see `Step`."""
        for step, kept in zip((self._weight_step, self._bias_step), memory, strict=False):
            step.copy_(kept)

    def _differences(self, index: Tensor, labels: Tensor, log_p: Tensor) -> _Buffers:
        """Return buffers that hold the images and p − onehot of one minibatch."""
        size = len(index)
        # The usual size and that of a short last minibatch stay allocated: a CUDA graph keeps their addresses.
        buffers = self._buffers.get(size) or self._take(size)
        torch.index_select(self._bytes, 0, index, out=buffers.packed)
        buffers.images.copy_(buffers.packed)
        torch.addmm(self._bias_column, self._weight, buffers.images_t, alpha=1 / self._white, out=buffers.logits)
        torch.log_softmax(buffers.logits_of_each, dim=1, out=log_p)
        torch.eq(self._classes, labels, out=buffers.onehot).sub_(TINY)
        torch.exp(log_p, out=buffers.difference_of_each).sub_(buffers.onehot)
        return buffers

    def _move(self) -> None:
        """Add the weight decay to the step, and go it against the gradient."""
        if self._decay:
            self._weight_step.add_(self._weight, alpha=self._decay)
            self._bias_step.add_(self._bias, alpha=self._decay)
        self._weight.addcmul_(self._weight_step, self._rates, value=-1)
        self._bias.addcmul_(self._bias_step, self._rates[:, 0], value=-1)

    def _take(self, size: int) -> _Buffers:
        if self._weight.is_cuda:
            # A captured graph keeps the addresses, so they are this run's own.
            return self._buffers.setdefault(size, self._allocate(size))
        key = (size, self._lanes, self._weight.shape[1], self._weight.dtype, self._weight.device)
        if len(_scratch.buffers) >= MOST_SCRATCH and key not in _scratch.buffers:
            _scratch.buffers.clear()
        return _scratch.buffers.get(key) or _scratch.buffers.setdefault(key, self._allocate(size))

    def _allocate(self, size: int) -> _Buffers:
        like = self._weight
        images = like.new_empty(size, like.shape[1])
        logits, difference = (like.new_empty(CLASSES * self._lanes, size) for _ in range(2))
        return _Buffers(
            packed=like.new_empty(size, like.shape[1], dtype=torch.uint8),
            images=images,
            images_t=images.T,
            logits=logits,
            logits_of_each=logits.view(self._lanes, CLASSES, size),
            difference=difference,
            difference_of_each=difference.view(self._lanes, CLASSES, size),
            onehot=like.new_empty(CLASSES, size),
            ones=like.new_ones(size),
        )


class Autograd:
    """Let PyTorch find the gradient and one of its optimisers apply it; works for any model."""

    def __init__(
        self,
        model: Model,
        train_bytes: Tensor,
        learning_rate: float,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        optimiser: str = "sgd",
        white: int = IMAGE.white,
    ) -> None:
        self._model, self._bytes, self._white = model, train_bytes, white
        self._dtype = next(model.parameters()).dtype
        self._rate: float | Tensor = learning_rate
        if train_bytes.is_cuda and can_be_captured(optimiser):
            # A tensor on the device, so that a captured CUDA graph reads the rate of the moment.
            self._rate = torch.tensor(learning_rate, device=train_bytes.device)
        self._optimiser = make_optimiser(optimiser, model.parameters(), self._rate, momentum, weight_decay)

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next update on."""
        if isinstance(self._rate, Tensor):
            self._rate.fill_(value)
        else:
            self._optimiser.param_groups[0]["lr"] = value

    def __call__(self, index: Tensor, labels: Tensor, log_p: Tensor) -> None:
        """Do one iteration; see `Step`."""
        self.begin()
        self.add(index, labels, log_p, len(index))
        self.update()

    def begin(self) -> None:
        """Begin a sum of gradients; see `Step`."""
        self._optimiser.zero_grad()

    def add(self, index: Tensor, labels: Tensor, log_p: Tensor, size: int) -> None:
        """Add the gradient of a part of a minibatch; see `Step`."""
        # A product, since a division takes three times as long.
        images = self._bytes.index_select(0, index).to(self._dtype).mul_(1 / self._white)
        # log_softmax and nll_loss are what F.cross_entropy is made of; the first is recorded as well.
        log_probabilities = F.log_softmax(self._model(images), dim=1)
        loss = F.nll_loss(log_probabilities, labels)
        if len(index) < size:
            loss = loss * (len(index) / size)
        loss.backward()  # type: ignore[no-untyped-call]
        log_p[0].copy_(log_probabilities.detach().T)

    def update(self) -> None:
        """Update with the sum of the gradients."""
        self._optimiser.step()

    def memory(self) -> dict[str, Any]:
        """Return the optimiser's state, such as Adam's means; see `Step`."""
        return deepcopy(self._optimiser.state_dict()["state"])

    def remember(self, memory: dict[str, Any]) -> None:
        """Go on from an optimiser's state; see `Step`."""
        # A copy, since the optimiser changes in place what it is given; its own group, since that has the rate.
        groups = self._optimiser.state_dict()["param_groups"]
        self._optimiser.load_state_dict({"state": deepcopy(memory), "param_groups": groups})
        self._optimiser.param_groups[0]["lr"] = groups[0]["lr"]
