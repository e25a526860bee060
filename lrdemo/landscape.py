"""The loss along the straight line through two points of parameter space, such as a run's start and where it is now."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np
import torch
from torch import Tensor

from lrdemo.arrays import Float64s
from lrdemo.model import Layers, Parts

PLACES = tuple(step / 20 for step in range(-5, 26))
"""Places on the line, 31 in equal steps from −0.25 to 1.25: 0 is the one point, 1 the other."""
AT_ONCE = 8
"""Places between two yields."""
ROUNDING = 1e-5
"""A bend downwards that is smaller than this share of all that the loss changes, of 0.1 at least, is rounding."""


def losses(
    start: Layers, end: Layers, parts: Parts, at: Sequence[float] = PLACES
) -> Generator[None, None, Float64s]:
    """Return the mean cross-entropy at θ(s) = start + s (end − start) for each of the places s, [k].

    Yields between bounded pieces. The first layer's sums are linear in s: they are computed twice, not at every place.
    """
    sums = np.zeros(len(at))
    size = 0
    for part in parts:
        images, labels = part()
        ends = [images @ weight.T + bias for weight, bias in (start[0], end[0])]
        size += len(labels)
        yield
        for number, place in enumerate(at):
            sums[number] += _summed(_between(ends[0], ends[1], place), start[1:], end[1:], place, labels)
            if len(start) > 1 and number % AT_ONCE == 0:
                yield
    return sums / size


def is_convex(found: Float64s) -> bool:
    """Return whether losses [k] at places in equal steps lie on a line that bends upwards only, apart from rounding."""
    return bool((np.diff(found, 2) >= -ROUNDING * max(0.1, np.ptp(found))).all())


def _between(one: Tensor, other: Tensor, place: float) -> Tensor:
    return one + place * (other - one)


def _summed(values: Tensor, start: Layers, end: Layers, place: float, labels: Tensor) -> float:
    for (weight, bias), (weight_there, bias_there) in zip(start, end, strict=True):
        values = torch.relu(values) @ _between(weight, weight_there, place).T + _between(bias, bias_there, place)
    # In double precision, so that a bend is not hidden by rounding.
    log_p = torch.log_softmax(values.double(), dim=1)
    return -float(log_p.gather(1, labels[:, None]).sum())
