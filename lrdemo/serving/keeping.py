"""Give a live run away as a whole, and take one up again: both in the training process, exact to the last bit."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

from lrdemo.answers.robustness import parameters_vector
from lrdemo.serving.publishing import table

if TYPE_CHECKING:
    from lrdemo.trainer import Trainer


def whole(trainer: Trainer) -> dict[str, Any]:
    """Return what `lrdemo.serving.kept.Kept` holds of a run besides its settings and events."""
    tests = trainer.tests[0]
    return {
        "iteration": trainer.iteration,
        "diverged": trainer.diverged,
        "parameters": parameters_vector(trainer),
        "loss": trainer.history.loss,
        "accuracy": trainer.history.accuracy,
        "test_table": table(tests),
        "temperature": tests[-1].temperature if tests else 1.0,
        "whole": pickle.dumps((trainer.waypoint(), trainer.history, trainer.diverged)),
    }


def take_up(trainer: Trainer, found: bytes) -> None:
    """Make a new trainer of the same settings what another one was. Only what `whole` has returned is ever read."""
    waypoint, record, diverged = pickle.loads(found)
    trainer.go_to(waypoint, record)
    trainer.diverged = diverged
