"""What can be asked of a run about its loss: how sharply it is curved at the start and now, and how it runs between."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from lrdemo import landscape
from lrdemo.arrays import Float32s
from lrdemo.curvature import largest_eigenvalue
from lrdemo.edge import edge, has_edge
from lrdemo.minibatches import Tensors
from lrdemo.model import Layers, Parts, build_model
from lrdemo.run import Run
from lrdemo.shapes import layers
from lrdemo.trainer import Trainer

MOST_IMAGES = {"softmax": 1_000, "mlp": 100}
"""Of a minibatch whose curvature is measured: its first ones."""
PART = {"softmax": 500, "mlp": 50}
"""Images of one piece of work: 4 ms on one core."""
LINE_IMAGES = {"softmax": 2_000, "mlp": 500}
"""The line is measured on the first training images that the run may use."""
LINE_PART = {"softmax": 250, "mlp": 100}


def edge_at_start(run: Run) -> Generator[None, None, dict[str, Any]]:
    """Return the edge of the untrained model of the run's settings, on the run's first minibatch; see `edge_now`."""
    return (yield from _edge(run, _on_device(start_of(run), run), run.first_minibatch()))


def edge_now(trainer: Trainer) -> Generator[None, None, dict[str, Any]]:
    """Return the edge of stability where the run stands, on its next minibatch, and the iteration.

    `edge` is None where the optimiser has none, not finite where nothing is curved upwards. `eigenvalue` is the largest
    of the Hessian, found after so many `products`, on the first `images` of the minibatch.
    """
    iteration = trainer.iteration
    found = yield from _edge(trainer, _on_device(parameters_of(trainer), trainer), trainer.peek())
    return {"iteration": iteration} | found


def line(trainer: Trainer) -> Generator[None, None, dict[str, Any]]:
    """Return the loss along the straight line from the run's start (0) to where it stands (1), and the iteration.

    `places` and `losses` [k]; `convex` tells whether it bends upwards at all of them; `images` on which it is measured.
    """
    iteration, model = trainer.iteration, trainer.settings.model
    start, end = start_of(trainer), parameters_of(trainer)
    index = trainer.trained_on[: LINE_IMAGES[model]]
    found = yield from landscape.losses(
        _on_device(start, trainer), _on_device(end, trainer), _parts(trainer, index, LINE_PART[model])
    )
    return {
        "iteration": iteration, "places": landscape.PLACES, "losses": found, "images": len(index),
        "convex": landscape.is_convex(found),
    }  # fmt: skip


def start_of(run: Run) -> Float32s:
    """Return the parameters of the untrained model of a run's settings, as one vector."""
    settings = run.settings
    return _vector(build_model(settings.model, settings.init, settings.seed, "cpu", run.tensors.form.size))


def parameters_of(trainer: Trainer) -> Float32s:
    """Return a copy of a run's parameters as they are, as one vector."""
    return _vector(trainer.model)


def _vector(model: torch.nn.Module) -> Float32s:
    found: Float32s = torch.nn.utils.parameters_to_vector(model.parameters()).detach().cpu().numpy()
    return found


def _edge(run: Run, at: Layers, index: Tensor) -> Generator[None, None, dict[str, Any]]:
    settings = run.settings
    index = index[: MOST_IMAGES[settings.model]]
    found = yield from largest_eigenvalue(at, _parts(run, index, PART[settings.model]), settings.weight_decay)
    return {
        "edge": edge(found.eigenvalue, settings) if has_edge(settings) else None,
        "eigenvalue": found.eigenvalue, "products": found.products, "images": len(index),
    }  # fmt: skip


def _on_device(vector: Float32s, run: Run) -> Layers:
    device = run.settings.device
    return [(torch.from_numpy(weight).to(device), torch.from_numpy(bias).to(device)) for weight, bias in layers(vector)]


def _parts(run: Run, index: Tensor, size: int) -> Parts:
    return [partial(_part, run.tensors, part) for part in torch.split(index, size)]


def _part(tensors: Tensors, index: Tensor) -> tuple[Tensor, Tensor]:
    images = tensors.train_bytes.index_select(0, index).float().mul_(1 / tensors.form.white)
    return images, tensors.train_labels.index_select(0, index)
