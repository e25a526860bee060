"""What a trained model puts out for test images: ten scores each, the largest one is the answer."""

from __future__ import annotations

from typing import Any

import torch

from lrdemo.evaluate import dropout_off
from lrdemo.trainer import Trainer

BATCH = 100


@torch.no_grad()
def read_output(trainer: Trainer, batch: int = 0) -> dict[str, Any]:
    """Return the scores [100, 10], answers and labels [100] of one batch of 100 test images, and all matches.

    `matches` [100] counts the right answers in each of the 100 batches; they add up to the test accuracy.
    """
    model, tensors = trainer.model, trainer.tensors
    with dropout_off(model):
        scores = model(tensors.test_images)
    answers = scores.argmax(dim=1)
    right = (answers == tensors.test_labels).reshape(-1, BATCH)
    chosen = slice(batch * BATCH, (batch + 1) * BATCH)
    return {
        "iteration": trainer.iteration,
        "scores": scores[chosen].cpu().numpy(),
        "answers": answers[chosen].cpu().numpy(),
        "labels": tensors.test_labels[chosen].cpu().numpy(),
        "matches": right.sum(dim=1).cpu().numpy(),
        "accuracy": float(right.float().mean()),
    }
