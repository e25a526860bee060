"""The text of the functions that compute what the chapters tell of."""

from __future__ import annotations

from lrdemo import gradient
from lrdemo.lesson.source import source
from lrdemo.trainer import Trainer


def texts(trainer: Trainer) -> dict[str, str]:
    """Return the source text of each function by its name, whatever the run."""
    return {"logits": source(gradient.logits)}
