"""MNIST as tensors that stay on the device, and the order in which minibatches of them are dealt out.

They are kept as bytes: gathering a minibatch reads a quarter of the memory, and turning it into float32 costs
a tenth of what the smaller read saves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from lrdemo.arrays import Bytes
from lrdemo.data import Digits
from lrdemo.features import Features, inputs, pictures, prepared
from lrdemo.settings import MOST_HELD_OUT, STYLED_FEATURES
from lrdemo.shapes import IMAGE, SIDE, Form, form_of
from lrdemo.styles import COPIES, styled_digits


@dataclass(frozen=True, eq=False)
class Tensors:
    """What a model gets of the images as bytes, uint8 [N, D], and the labels, int64 [N], on one device.

    The training images are MNIST's, and after them those with other ways to write, if any.
    """

    form: Form
    train_bytes: Tensor
    train_labels: Tensor
    test_bytes: Tensor
    test_labels: Tensor
    unprepared: Digits
    """MNIST as it was before."""
    pictures: Digits
    """MNIST as prepared pixels [N, 28, 28]."""
    styled: Bytes
    """The images with other ways to write, the same."""

    @cached_property
    def train_images(self) -> Tensor:
        """Return the training images as the model gets them, float32 [N, D]; made when first asked for."""
        return self.train_bytes.float().div_(self.form.white)

    @cached_property
    def test_images(self) -> Tensor:
        """Return the test images as the model gets them, float32 [10000, D]; made when first asked for."""
        return self.test_bytes.float().div_(self.form.white)

    def train_pictures(self, indices: npt.NDArray[np.integer[Any]]) -> Bytes:
        """Return training images as prepared pixels [n, 28, 28]."""
        of_mnist = len(self.pictures.train_images)
        found: Bytes = self.pictures.train_images[np.minimum(indices, of_mnist - 1)]
        if len(self.styled):
            made_up = indices >= of_mnist
            found[made_up] = self.styled[indices[made_up] - of_mnist]
        return found

    def judged_on(self, held_out: int) -> tuple[Tensor, Tensor]:
        """Return images and labels to judge a run on: the last `held_out` of MNIST's training, or the test images."""
        if held_out:
            end = self._of_mnist
            return self._last_images[-held_out:], self.train_labels[end - held_out : end]
        return self.test_images, self.test_labels

    def trained_on(self, held_out: int) -> Tensor:
        """Return the indices, int32, of the images to train on: all but the last `held_out` of MNIST's."""
        indices = torch.arange(len(self.train_labels), dtype=torch.int32, device=self.train_labels.device)
        return torch.cat([indices[: self._of_mnist - held_out], indices[self._of_mnist :]])

    @cached_property
    def without_styles(self) -> Tensors:
        """The same without the images with other ways to write, in the same memory."""
        of_mnist = slice(self._of_mnist)
        train = self.train_bytes[of_mnist], self.train_labels[of_mnist]
        return replace(self, train_bytes=train[0], train_labels=train[1], styled=self.styled[:0])

    @property
    def _of_mnist(self) -> int:
        return len(self.train_labels) - len(self.styled)

    @cached_property
    def _last_images(self) -> Tensor:
        return self.train_bytes[max(0, self._of_mnist - MOST_HELD_OUT) : self._of_mnist].float().div_(self.form.white)


def resident(digits: Digits, device: str, features: str = "pixels", styles: bool = False) -> Tensors:
    """Return all images, prepared as `features` says, as tensors that stay on the device, shared by all runs.

    With `styles` those with other ways to write are among the training images.
    """
    found = _resident(digits, device, features)
    return found if styles or not len(found.styled) else found.without_styles


@lru_cache(maxsize=8)
def _resident(digits: Digits, device: str, features: str) -> Tensors:
    """Return the images with other ways to write among them wherever there are any for these features."""
    kind = cast(Features, features)
    found, form = prepared(digits, kind), form_of(features)
    nothing = np.empty((0, SIDE, SIDE), np.uint8), np.empty(0, np.uint8)
    styled, labels = styled_digits() if features in STYLED_FEATURES else nothing
    styled_inputs = form.packed(inputs(IMAGE.unpacked(styled), features))

    def moved(*arrays: npt.NDArray[Any]) -> Tensor:
        # Copied, because the files are mapped read-only.
        return torch.from_numpy(np.concatenate(arrays)).to(device)

    return Tensors(
        form,
        moved(found.train_images.reshape(-1, form.size), *[styled_inputs] * COPIES),
        moved(found.train_labels, *[labels] * COPIES).long(),
        moved(found.test_images.reshape(-1, form.size)),
        moved(found.test_labels).long(),
        digits,
        pictures(digits, kind),
        np.concatenate([styled] * COPIES),
    )


Place = tuple[Tensor, int | None]
"""The generator's state before it drew the present order of an epoch, and the position in it; None before the first."""


class Minibatches:
    """Deal out the indices of a training set, int32 [n], in a new random order each epoch."""

    def __init__(self, indices: Tensor, batch_size: int, drop_last: bool, seed: int) -> None:
        size = len(indices)
        self._indices = indices
        self._batch_size = batch_size
        self._end = size - size % batch_size if drop_last else size
        self._generator = torch.Generator().manual_seed(seed)
        # At the end, so that the first minibatch asked for begins an epoch.
        self._position = self._end
        self._order: Tensor | None = None
        self._before = self._generator.get_state()
        """The generator as it was before it drew the order."""

    def take(self, most: int) -> Tensor:
        """Return the indices of the next minibatches, [k, m] with k from 1 to `most`, all of one size m."""
        size = len(self.peek())
        assert self._order is not None
        count = min(most, (self._end - self._position) // size)
        taken = self._order[self._position : self._position + count * size]
        self._position += count * size
        return taken.view(count, size)

    def peek(self) -> Tensor:
        """Return the indices of the next minibatch, [m], without dealing it out."""
        if self._order is None or self._position >= self._end:
            self._order, self._position = self._drawn(), 0
        return self._order[self._position : min(self._position + self._batch_size, self._end)]

    @property
    def place(self) -> Place:
        """Return how far it has dealt, for `go_to`."""
        return self._before, None if self._order is None else self._position

    def go_to(self, place: Place) -> None:
        """Go on dealing from there."""
        before, position = place
        self._generator.set_state(before)
        self._before, self._order, self._position = before, None, self._end
        if position is not None:
            self._order, self._position = self._drawn(), position

    def _drawn(self) -> Tensor:
        self._before = self._generator.get_state()
        order = torch.randperm(len(self._indices), generator=self._generator)
        return self._indices[order.to(self._indices.device)]
