"""Teach a trained model a visitor's own drawings: extra steps on minibatches of MNIST with drawings mixed in.

The run's own order of minibatches, momentum and iteration count are left alone, so that a taught run can go on, and
one whose parameters are put back goes on as if it had never been taught.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from lrdemo.evaluate import evaluate
from lrdemo.history import TestPoint
from lrdemo.minibatches import WHITE

if TYPE_CHECKING:
    from lrdemo.trainer import Trainer

MOST_STEPS = 500
MOST_COPIES = 100
_SEED = 1_000_003


def teach(
    trainer: Trainer, images: npt.NDArray[np.uint8], labels: npt.NDArray[Any], steps: int, copies: int
) -> None:
    """Take `steps` extra steps θ ← θ − α (∂L/∂θ + λ θ), L over a minibatch of MNIST and `copies` of own drawings.

    images [n, 784] prepared as the run prepares its own, labels [n]. α and λ are the run's learning rate and weight
    decay. Which images are used depends on the run's seed and iteration only; dropout is off. Raises ValueError when
    the drawings or the numbers cannot be.
    """
    _check(images, labels, steps, copies)
    tensors, model = trainer.tensors, trainer.model
    device = tensors.train_labels.device
    own_images = torch.from_numpy(np.array(images)).to(device)
    own_labels = torch.from_numpy(np.array(labels, np.int64)).to(device)
    generator = torch.Generator().manual_seed(_SEED + 31 * trainer.settings.seed + trainer.iteration)
    parameters = list(model.parameters())
    was_training = model.training
    model.eval()
    for _ in range(steps):
        chosen = torch.randint(len(tensors.train_labels), (trainer.settings.batch_size,), generator=generator)
        own = torch.randint(len(own_labels), (copies,), generator=generator)
        chosen, own = chosen.to(device), own.to(device)
        packed = torch.cat([tensors.train_bytes.index_select(0, chosen), own_images.index_select(0, own)])
        right = torch.cat([tensors.train_labels.index_select(0, chosen), own_labels.index_select(0, own)])
        with torch.enable_grad():
            loss = F.cross_entropy(model(packed.float().div_(WHITE)), right)
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                step = gradient.add(parameter, alpha=trainer.settings.weight_decay)
                parameter.sub_(step, alpha=trainer.learning_rate)
    model.train(was_training)


def parameters_of(trainer: Trainer) -> list[Tensor]:
    """Return a copy of all parameters, to put back later."""
    return [parameter.detach().clone() for parameter in trainer.model.parameters()]


@torch.no_grad()
def put_back(trainer: Trainer, parameters: list[Tensor]) -> None:
    """Give the model the parameters that `parameters_of` returned, bit for bit."""
    for parameter, kept in zip(trainer.model.parameters(), parameters, strict=True):
        parameter.copy_(kept)


def test_again(trainer: Trainer) -> None:
    """Add an evaluation on the test images at the present iteration: its parameters are others than they were."""
    loss, accuracy = evaluate(trainer.model, trainer.tensors.test_images, trainer.tensors.test_labels)
    trainer.history.add_test(TestPoint(trainer.iteration, loss, accuracy))


def _check(images: npt.NDArray[np.uint8], labels: npt.NDArray[Any], steps: int, copies: int) -> None:
    if images.dtype != np.uint8 or images.ndim != 2 or images.shape[1] != 784 or not len(images):
        raise ValueError(f"Drawings must be uint8 [n, 784], not {images.dtype} {list(images.shape)}.")
    if labels.shape != (len(images),) or labels.min() < 0 or labels.max() > 9:
        raise ValueError("Each drawing needs one label from 0 to 9.")
    if not (1 <= steps <= MOST_STEPS and 1 <= copies <= MOST_COPIES):
        raise ValueError(f"Steps go from 1 to {MOST_STEPS}, copies from 1 to {MOST_COPIES}.")
