"""A copy of a run at one moment, from which steps are taken without touching the run; it knows no PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

from lrdemo.arrays import Float32s, Ints
from lrdemo.settings import Settings


@dataclass(frozen=True, eq=False)
class RunCopy:
    """Hold what a step needs: weight [10, D], bias [10], the next minibatch's indices [m], the run's learning rate.

    `iteration` counts the steps that have led there; the settings say which minibatches follow.
    """

    settings: Settings
    iteration: int
    learning_rate: float
    weight: Float32s
    bias: Float32s
    indices: Ints

    @property
    def plain(self) -> bool:
        """Return whether the run's own steps are θ ← θ − η ∂L/∂θ and nothing else."""
        used = self.settings
        return used.optimiser == "sgd" and used.momentum == 0 and used.weight_decay == 0
