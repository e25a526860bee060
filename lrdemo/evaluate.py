"""Measure models on images they have not been trained on: mean loss and accuracy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lrdemo.minibatches import WHITE
from lrdemo.model import CLASSES

BLOCK = 1_000
"""Images turned into floats at a time: 3 MB, which stays in the cache."""

Numbers = npt.NDArray[np.float64]


@torch.no_grad()
def evaluate(model: nn.Module, images: Tensor, labels: Tensor) -> tuple[float, float]:
    """Return the mean cross-entropy and the accuracy (0 … 1) for images [N, 784] and labels [N]."""
    was_training = model.training
    model.eval()
    logits = model(images)
    loss = F.cross_entropy(logits, labels)
    hits = (logits.argmax(dim=1) == labels).sum()
    model.train(was_training)
    return float(loss), int(hits) / len(labels)


@torch.no_grad()
def evaluate_lanes(weight: Tensor, bias: Tensor, packed: Tensor, labels: Tensor) -> tuple[Numbers, Numbers]:
    """Return the mean cross-entropy [K] and the accuracy [K] of K softmax regressions.

    weight [10 K, 784], bias [10 K], packed uint8 [N, 784], labels [N]; one product for all K.
    """
    sums = []
    for part, part_labels in zip(torch.split(packed, BLOCK), torch.split(labels, BLOCK), strict=True):
        logits = torch.addmm(bias[:, None], weight, part.to(weight.dtype).T, alpha=1 / WHITE)
        log_p = torch.log_softmax(logits.view(1, -1, CLASSES, len(part)), dim=2)
        sums.append(summed(log_p, part_labels[None]))
    loss, hits = torch.cat(sums, dim=2).cpu().numpy().astype(np.float64).sum(axis=2) / len(labels)
    return loss, hits


def summed(log_p: Tensor, labels: Tensor) -> Tensor:
    """Return the summed cross-entropy (first) and the number of hits (second) of K models on k minibatches, [2, K, k].

    log_p [k, K, 10, m] and labels [k, m]. Sums, because those of hits are exact.
    """
    count, lanes, _, size = log_p.shape
    right = log_p.gather(2, labels[:, None, None].expand(count, lanes, 1, size))
    # max costs a tenth of argmax here and finds the same place.
    hits = log_p.max(dim=2).indices == labels[:, None]
    return torch.stack((-right.sum(dim=(2, 3)).T, hits.sum(dim=2).to(log_p.dtype).T))
