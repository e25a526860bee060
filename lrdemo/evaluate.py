"""Measure a model on images it has not been trained on: mean loss and accuracy."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@torch.no_grad()
def evaluate(model: nn.Module, images: Tensor, labels: Tensor) -> tuple[float, float]:
    """Return the mean cross-entropy and the accuracy (0 … 1) for images [N, 784] and labels [N]."""
    was_training = model.training
    model.eval()
    logits = model(images)
    loss = F.cross_entropy(logits, labels)
    accuracy = (logits.argmax(dim=1) == labels).float().mean()
    model.train(was_training)
    return float(loss), float(accuracy)
