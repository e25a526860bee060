"""One iteration of minibatch gradient descent, twice: by hand from the closed form, and by autograd.

With p = softmax(x Wᵀ + b) and m images, ∂L/∂W = (p − onehot)ᵀ x / m and ∂L/∂b its column sums. Both ways update as
`torch.optim.SGD` does: v ← μ v + ∂L/∂θ + λ θ, then θ ← θ − α v.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from lrdemo.minibatches import WHITE
from lrdemo.model import CLASSES, PIXELS, Model, SoftmaxRegression


class Step(Protocol):
    """Do one iteration on one minibatch; may be called again and again with buffers of the caller."""

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next iteration on."""
        ...

    def __call__(self, index: Tensor, labels: Tensor, log_p: Tensor) -> None:
        """Update from the training images at `index` [m] with `labels` [m].

        Writes the log-probabilities before the update into `log_p` [K, 10, m] for K models.
        """
        ...


@dataclass(frozen=True, eq=False)
class _Buffers:
    """Hold what one step writes: a minibatch as bytes and as floats [m, 784], logits and p − onehot [10 K, m],
    and the labels as onehot [10, m]."""

    packed: Tensor
    images: Tensor
    logits: Tensor
    difference: Tensor
    onehot: Tensor
    ones: Tensor


MOST_SCRATCH = 8
"""Sizes of minibatch kept at once."""


class _Scratch(threading.local):
    """Keep what steps on the CPU write, once a thread: runs that take turns need it one after the other."""

    def __init__(self) -> None:
        self.buffers: dict[tuple[int, int, torch.dtype], _Buffers] = {}


_scratch = _Scratch()


class ByHand:
    """Apply the closed form to K softmax regressions at once, on the same minibatches.

    `weight` [10 K, 784] and `bias` [10 K] are updated in place; each model has its own learning rate. The classes are
    rows (logits = W xᵀ), which costs half of what x Wᵀ costs at this size.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor,
        train_bytes: Tensor,
        learning_rates: Sequence[float],
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        self._weight, self._bias, self._bytes = weight, bias, train_bytes
        self._momentum, self._decay = momentum, weight_decay
        self._plain = momentum == 0 and weight_decay == 0
        self._weight_step, self._bias_step = torch.zeros_like(weight), torch.zeros_like(bias)
        # A tensor on the device, so that a captured CUDA graph reads the rate of the moment.
        rates = torch.tensor(learning_rates, dtype=weight.dtype)
        self._rates = rates.repeat_interleave(CLASSES)[:, None].to(weight.device)
        self._lanes = len(learning_rates)
        self._classes = torch.arange(CLASSES, device=weight.device)[:, None]
        self._buffers: dict[int, _Buffers] = {}

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate, for all models, from the next iteration on."""
        self._rates.fill_(value)

    def __call__(self, index: Tensor, labels: Tensor, log_p: Tensor) -> None:
        """Do one iteration; see `Step`."""
        size = len(index)
        # The usual size and that of a short last minibatch stay allocated: a CUDA graph keeps their addresses.
        buffers = self._buffers.get(size) or self._take(size)
        images, difference = buffers.images, buffers.difference
        torch.index_select(self._bytes, 0, index, out=buffers.packed)
        images.copy_(buffers.packed)
        torch.addmm(self._bias[:, None], self._weight, images.T, alpha=1 / WHITE, out=buffers.logits)
        torch.log_softmax(buffers.logits.view(log_p.shape), dim=1, out=log_p)
        torch.eq(self._classes, labels, out=buffers.onehot)
        torch.exp(log_p, out=difference.view(log_p.shape)).sub_(buffers.onehot)
        if self._plain:
            # α(p − onehot) first, and the product goes straight into the weight.
            difference.mul_(self._rates)
            self._weight.addmm_(difference, images, alpha=-1 / WHITE / size)
            self._bias.addmv_(difference, buffers.ones, alpha=-1 / size)
            return
        self._weight_step.addmm_(difference, images, beta=self._momentum, alpha=1 / WHITE / size)
        self._bias_step.addmv_(difference, buffers.ones, beta=self._momentum, alpha=1 / size)
        if self._decay:
            self._weight_step.add_(self._weight, alpha=self._decay)
            self._bias_step.add_(self._bias, alpha=self._decay)
        self._weight.addcmul_(self._weight_step, self._rates, value=-1)
        self._bias.addcmul_(self._bias_step, self._rates[:, 0], value=-1)

    def _take(self, size: int) -> _Buffers:
        if self._weight.is_cuda:
            # A captured graph keeps the addresses, so they are this run's own.
            return self._buffers.setdefault(size, self._allocate(size))
        key = (size, self._lanes, self._weight.dtype)
        if len(_scratch.buffers) >= MOST_SCRATCH and key not in _scratch.buffers:
            _scratch.buffers.clear()
        return _scratch.buffers.get(key) or _scratch.buffers.setdefault(key, self._allocate(size))

    def _allocate(self, size: int) -> _Buffers:
        like = self._weight
        return _Buffers(
            packed=like.new_empty(size, PIXELS, dtype=torch.uint8),
            images=like.new_empty(size, PIXELS),
            logits=like.new_empty(CLASSES * self._lanes, size),
            difference=like.new_empty(CLASSES * self._lanes, size),
            onehot=like.new_empty(CLASSES, size),
            ones=like.new_ones(size),
        )


class Autograd:
    """Let PyTorch find the gradient and `torch.optim.SGD` apply it; works for any model."""

    def __init__(
        self, model: Model, train_bytes: Tensor, learning_rate: float, momentum: float = 0.0, weight_decay: float = 0.0
    ) -> None:
        self._model, self._bytes = model, train_bytes
        on_cuda = train_bytes.is_cuda
        # Its type decides that of the quotient: bytes become floats and are scaled in one pass.
        self._white = torch.tensor(WHITE, dtype=next(model.parameters()).dtype, device=train_bytes.device)
        self._rate = torch.tensor(learning_rate, device=train_bytes.device)
        self._optimiser = torch.optim.SGD(
            model.parameters(),
            # On CUDA the rate is a tensor there, so that a captured graph reads the rate of the moment.
            lr=self._rate if on_cuda else learning_rate,
            momentum=momentum,
            weight_decay=weight_decay,
            fused=on_cuda,
        )

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next iteration on."""
        if self._bytes.is_cuda:
            self._rate.fill_(value)
        else:
            self._optimiser.param_groups[0]["lr"] = value

    def __call__(self, index: Tensor, labels: Tensor, log_p: Tensor) -> None:
        """Do one iteration; see `Step`."""
        images = torch.div(self._bytes.index_select(0, index), self._white)
        # log_softmax and nll_loss are what F.cross_entropy is made of; the first is recorded as well.
        log_probabilities = F.log_softmax(self._model(images), dim=1)
        self._optimiser.zero_grad()
        F.nll_loss(log_probabilities, labels).backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        log_p[0].copy_(log_probabilities.detach().T)


@torch.no_grad()
def gradients_by_hand(model: SoftmaxRegression, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return ∂L/∂W [10, 784] and ∂L/∂b [10] of the mean cross-entropy from (p − onehot)/m.

    images [m, 784] in [0, 1], labels [m].
    """
    difference = torch.softmax(model(images), dim=1)
    difference[torch.arange(len(labels), device=labels.device), labels] -= 1
    difference /= len(labels)
    return difference.T @ images, difference.sum(dim=0)


def gradients_by_autograd(model: SoftmaxRegression, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return ∂L/∂W [10, 784] and ∂L/∂b [10] as PyTorch finds them; the model's own `.grad` is left alone."""
    with torch.enable_grad():
        loss = F.cross_entropy(model(images), labels)
        weight, bias = torch.autograd.grad(loss, (model.weight, model.bias))
    return weight, bias


def gradient_difference(model: SoftmaxRegression, images: Tensor, labels: Tensor) -> float:
    """Return the largest absolute difference between the two gradients on one minibatch."""
    pairs = zip(
        gradients_by_hand(model, images, labels), gradients_by_autograd(model, images, labels), strict=True
    )
    return max(float((by_hand - by_autograd).abs().max()) for by_hand, by_autograd in pairs)
