"""Teach a trained model a visitor's own drawings: extra steps on minibatches of MNIST with drawings mixed in.

The run's own order of minibatches, momentum and iteration count are left alone, so that a taught run can go on, and
one whose parameters are put back goes on as if it had never been taught.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from lrdemo.arrays import Bytes
from lrdemo.evaluate import dropout_off
from lrdemo.shapes import CLASSES

if TYPE_CHECKING:
    from lrdemo.trainer import Trainer

MOST_STEPS = 500
MOST_COPIES = 100
_SEED = 1_000_003


def teach(trainer: Trainer, images: Bytes, labels: npt.NDArray[Any], steps: int, copies: int) -> None:
    """Take `steps` extra steps at once; see `teaching`."""
    for _ in teaching(trainer, images, labels, steps, copies):
        pass


def teaching(
    trainer: Trainer, images: Bytes, labels: npt.NDArray[Any], steps: int, copies: int
) -> Iterator[None]:
    """Take `steps` extra steps θ ← θ − η (∂L/∂θ + λ θ), L over a minibatch of MNIST and `copies` of own drawings.

    images [n, D] prepared as the run prepares its own, labels [n]. η and λ are the run's learning rate and weight
    decay. Which images are used depends on the run's seed and iteration only; dropout is off. Each `next` is one
    bounded piece of work; the run must not train in between. Raises ValueError at once for invalid drawings or numbers.
    """
    _check(images, trainer.tensors.form.size, labels, steps, copies)
    return _pieces(trainer, images, labels, steps, copies)


def _pieces(
    trainer: Trainer, images: Bytes, labels: npt.NDArray[Any], steps: int, copies: int
) -> Iterator[None]:
    # A half-done step began with parameters that are about to change, a test that is due is one of those before.
    trainer.abandon_step()
    while trainer.busy:
        trainer.work(0)
        yield
    tensors = trainer.tensors
    device = tensors.train_labels.device
    own_images = torch.from_numpy(np.array(images)).to(device)
    own_labels = torch.from_numpy(np.array(labels, np.int64)).to(device)
    generator = torch.Generator().manual_seed(_SEED + 31 * trainer.settings.seed + trainer.iteration)
    parameters = list(trainer.model.parameters())
    for _ in range(steps):
        chosen = torch.randint(len(trainer.trained_on), (trainer.settings.batch_size,), generator=generator)
        own = torch.randint(len(own_labels), (copies,), generator=generator)
        chosen, own = trainer.trained_on[chosen.to(device)], own.to(device)
        gradients = [torch.zeros_like(parameter) for parameter in parameters]
        size = len(chosen) + len(own)
        for start in range(0, size, trainer.part):
            # The own drawings follow the images of MNIST: a part may hold both.
            of_mnist = chosen[start : start + trainer.part]
            of_own = own[max(0, start - len(chosen)) : max(0, start + trainer.part - len(chosen))]
            packed = torch.cat([tensors.train_bytes.index_select(0, of_mnist), own_images.index_select(0, of_own)])
            right = torch.cat([tensors.train_labels.index_select(0, of_mnist), own_labels.index_select(0, of_own)])
            with torch.enable_grad(), dropout_off(trainer.model):
                loss = F.cross_entropy(trainer.model(packed.float().div_(tensors.form.white)), right)
            share = len(packed) / size
            for total, gradient in zip(gradients, torch.autograd.grad(loss, parameters), strict=True):
                total.add_(gradient, alpha=share)
            yield
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                step = gradient.add(parameter, alpha=trainer.settings.weight_decay)
                parameter.sub_(step, alpha=trainer.learning_rate)


def parameters_of(trainer: Trainer) -> list[Tensor]:
    """Return a copy of all parameters, to put back later."""
    return [parameter.detach().clone() for parameter in trainer.model.parameters()]


@torch.no_grad()
def put_back(trainer: Trainer, parameters: list[Tensor]) -> None:
    """Give the model the parameters that `parameters_of` returned, bit for bit."""
    trainer.abandon_step()
    for parameter, kept in zip(trainer.model.parameters(), parameters, strict=True):
        parameter.copy_(kept)


def _check(images: Bytes, size: int, labels: npt.NDArray[Any], steps: int, copies: int) -> None:
    if images.dtype != np.uint8 or images.ndim != 2 or images.shape[1] != size or not len(images):
        raise ValueError(f"Drawings must be uint8 [n, {size}], not {images.dtype} {list(images.shape)}.")
    if labels.shape != (len(images),) or labels.min() < 0 or labels.max() >= CLASSES:
        raise ValueError("Each drawing needs one label from 0 to 9.")
    if not (1 <= steps <= MOST_STEPS and 1 <= copies <= MOST_COPIES):
        raise ValueError(f"Steps go from 1 to {MOST_STEPS}, copies from 1 to {MOST_COPIES}.")
