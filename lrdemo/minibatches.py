"""MNIST as tensors that stay on the device, and the order in which minibatches of them are dealt out.

The pixels are kept as bytes: gathering a minibatch reads a quarter of the memory, and turning it into float32 costs
a tenth of what the smaller read saves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from lrdemo.data import Digits
from lrdemo.settings import MOST_HELD_OUT
from lrdemo.shapes import PIXELS

WHITE = 255


@dataclass(frozen=True, eq=False)
class Tensors:
    """The prepared images as bytes 0 … 255, uint8 [N, 784], and the labels, int64 [N], on one device."""

    train_bytes: Tensor
    train_labels: Tensor
    test_bytes: Tensor
    test_labels: Tensor
    unprepared: Digits
    """The images as they were before."""

    @cached_property
    def train_images(self) -> Tensor:
        """Return the training images in [0, 1], float32 [60000, 784]; made when first asked for."""
        return self.train_bytes.float().div_(WHITE)

    @cached_property
    def test_images(self) -> Tensor:
        """Return the test images in [0, 1], float32 [10000, 784]; made when first asked for."""
        return self.test_bytes.float().div_(WHITE)

    def judged_on(self, held_out: int) -> tuple[Tensor, Tensor]:
        """Return images in [0, 1] and labels to judge a run on: the last `held_out` of training, or the test images."""
        if held_out:
            return self._last_images[-held_out:], self.train_labels[-held_out:]
        return self.test_images, self.test_labels

    @cached_property
    def _last_images(self) -> Tensor:
        return self.train_bytes[-MOST_HELD_OUT:].float().div_(WHITE)


@lru_cache(maxsize=8)
def resident(digits: Digits, device: str, features: str = "pixels") -> Tensors:
    """Return all images, prepared as `features` says, as tensors that stay on the device, shared by all runs."""
    unprepared = digits
    if features != "pixels":
        from lrdemo.features import Features, prepared

        digits = prepared(digits, cast(Features, features))

    def moved(array: np.ndarray[Any, Any]) -> Tensor:
        # Copied, because the files are mapped read-only.
        return torch.from_numpy(np.array(array)).to(device)

    return Tensors(
        moved(digits.train_images).view(-1, PIXELS),
        moved(digits.train_labels).long(),
        moved(digits.test_images).view(-1, PIXELS),
        moved(digits.test_labels).long(),
        unprepared,
    )


class Minibatches:
    """Deal out the indices of a training set in a new random order each epoch."""

    def __init__(self, size: int, batch_size: int, drop_last: bool, seed: int, device: str) -> None:
        self._size = size
        self._batch_size = batch_size
        self._end = size - size % batch_size if drop_last else size
        self._generator = torch.Generator().manual_seed(seed)
        self._device = device
        # At the end, so that the first minibatch asked for begins an epoch.
        self._position = self._end
        self._order: Tensor

    def take(self, most: int) -> Tensor:
        """Return the indices of the next minibatches, [k, m] with k from 1 to `most`, all of one size m."""
        size = len(self.peek())
        count = min(most, (self._end - self._position) // size)
        taken = self._order[self._position : self._position + count * size]
        self._position += count * size
        return taken.view(count, size)

    def peek(self) -> Tensor:
        """Return the indices of the next minibatch, [m], without dealing it out."""
        if self._position >= self._end:
            self._order = torch.randperm(self._size, generator=self._generator).to(self._device, torch.int32)
            self._position = 0
        return self._order[self._position : min(self._position + self._batch_size, self._end)]
