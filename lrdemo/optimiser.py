"""The optimisers that can go with autograd: a line in this table is a choice in the settings, the URL and the commands.

PyTorch is loaded only when one is made: the settings need the names alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

OPTIMISERS: dict[str, Callable[[float], tuple[str, dict[str, Any]]]] = {
    "sgd": lambda momentum: ("SGD", {"momentum": momentum}),
    "nesterov": lambda momentum: ("SGD", {"momentum": momentum, "nesterov": momentum > 0}),
    "adam": lambda momentum: ("Adam", {}),
}
"""For each name the class in torch.optim and its options, from the momentum of the settings."""


def make_optimiser(
    name: str, parameters: Iterable[Tensor], learning_rate: float | Tensor, momentum: float, weight_decay: float
) -> Optimizer:
    """Return a new optimiser; a learning rate that is a tensor can be changed inside a captured CUDA graph."""
    import torch

    kind, options = OPTIMISERS[name](momentum)
    if isinstance(learning_rate, torch.Tensor):
        options["fused"] = True
    made: Optimizer = getattr(torch.optim, kind)(parameters, lr=learning_rate, weight_decay=weight_decay, **options)
    return made


def can_be_captured(name: str) -> bool:
    """Return whether a CUDA graph can hold a step of the optimiser: the others count their steps outside of it."""
    return OPTIMISERS[name](0.0)[0] == "SGD"
