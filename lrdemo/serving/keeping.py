"""Give a live run away as a whole, and take one up again: both in the training process, exact to the last bit."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from lrdemo.trainer import Trainer


def whole(trainer: Trainer) -> dict[str, Any]:
    """Return what `lrdemo.serving.kept.Kept` holds of a run besides its settings and events."""
    tests = trainer.tests[0]
    points = [(point.iteration, point.loss, point.accuracy) for point in tests]
    return {
        "iteration": trainer.iteration,
        "diverged": trainer.diverged,
        "parameters": torch.nn.utils.parameters_to_vector(trainer.model.parameters()).detach().cpu().numpy(),
        "loss": trainer.history.loss,
        "accuracy": trainer.history.accuracy,
        "test_table": np.array(points, np.float32).reshape(-1, 3),
        "temperature": tests[-1].temperature if tests else 1.0,
        "whole": pickle.dumps((trainer.waypoint(), trainer.history, trainer.diverged)),
    }


def take_up(trainer: Trainer, found: bytes) -> None:
    """Make a new trainer of the same settings what another one was. Only what `whole` has returned is ever read."""
    waypoint, record, diverged = pickle.loads(found)
    trainer.go_to(waypoint, record)
    trainer.diverged = diverged
