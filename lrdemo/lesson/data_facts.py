"""What can be counted in MNIST before any training: how many of each digit, their averages, unused pixels.

Images come as uint8 [N, 28, 28], 0 paper … 255 ink; pixel values leave scaled to [0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Bytes, Float32s, Ints
from lrdemo.shapes import CLASSES


@dataclass(frozen=True, eq=False)
class Facts:
    """Hold counts [10], average image per digit [10, 28, 28], overall average [28, 28] and never-inked pixels."""

    counts: Ints
    averages: Float32s
    overall_average: Float32s
    never_inked: npt.NDArray[np.bool_]


def count_facts(images: Bytes, labels: Bytes) -> Facts:
    """Return the facts of images [N, 28, 28] with labels [N]."""
    counts = np.bincount(labels, minlength=CLASSES)
    sums = class_sums(images.reshape(len(images), -1), labels)
    averages = (sums / np.maximum(counts, 1)[:, None] / 255).astype(np.float32)
    overall = (sums.sum(axis=0) / len(images) / 255).astype(np.float32)
    return Facts(counts, averages.reshape(-1, 28, 28), overall.reshape(28, 28), never_inked(images))


def class_sums(images: Bytes, labels: Bytes) -> Ints:
    """Return the sum of all images of each class, [10, pixels], for images [N, pixels]."""
    return np.stack([images[labels == digit].sum(axis=0, dtype=np.int64) for digit in range(CLASSES)])


def never_inked(images: Bytes) -> npt.NDArray[np.bool_]:
    """Return which pixels are paper (0) in every image, [28, 28]."""
    return np.asarray(images.max(axis=0) == 0)


def random_indices(size: int, number: int, seed: int) -> Ints:
    """Draw `number` different indices below `size`, the same ones for the same seed."""
    return np.random.default_rng(seed).choice(size, number, replace=False)


def minibatch(images: Bytes, labels: Bytes, indices: Ints) -> tuple[Float32s, Ints]:
    """Return images [m, 1, 28, 28] with pixel values in [0, 1] and labels [m]; the 1 is the one grey channel."""
    return images[indices][:, None].astype(np.float32) / np.float32(255), labels[indices].astype(np.int64)


def flattened(images: Float32s) -> Float32s:
    """Return the images [m, 1, 28, 28] with their rows of pixels laid end to end, [m, 784]."""
    return images.reshape(len(images), -1)
