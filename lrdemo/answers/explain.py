"""Why softmax regression gives its answer: each input's evidence, two classes compared, the smallest change of mind.

A logit is Σ x·w + b, so what a pixel, or an edge, contributes is exactly x·w. That holds for softmax regression only.
NumPy only; nothing here predicts or draws. A model that has exploded gives infinities or nan, not warnings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrdemo.arrays import Float32s, Float64s

_exploding = np.errstate(over="ignore", invalid="ignore")

TINY = 1e-4
"""How far behind the old answer is after a flip, in logits: more than float32 rounds."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What each input adds, in the shape of the picture, their sum, the bias, and the logit that the two make.

    `error` is how far the model's own float32 logit is from that exact addition.
    """

    parts: Float64s
    total: float
    bias: float
    logit: float
    error: float


@dataclass(frozen=True, eq=False)
class Flip:
    """The smallest change of a picture that makes the answer `target` instead of `answer`; arrays in its shape.

    `change` may leave the range of the inputs; `clipped` is the picture with it cut off to 0 … `most`, and `real` the
    nearest picture within that range that does flip (None: there is none). Sizes are Euclidean lengths.
    """

    answer: int
    target: int
    change: Float64s
    size: float
    clipped: Float64s
    clipped_flips: bool
    real: Float64s | None
    real_size: float | None


@_exploding
def evidence(image: Float32s, weight: Float32s, bias: Float32s, digit: int) -> Evidence:
    """Return Σ x·w_c + b_c = logit_c input by input; image of D inputs, weight [10, D], bias [10]."""
    row, offset = weight[digit], bias[digit]
    return _added(image, row.astype(np.float64), float(offset), float(image.reshape(-1) @ row + offset))


@_exploding
def duel(image: Float32s, weight: Float32s, bias: Float32s, first: int, second: int) -> Evidence:
    """Return Σ x·(w_a − w_b) + (b_a − b_b) = logit_a − logit_b input by input; positive speaks for the first."""
    rows = weight.astype(np.float64)
    logits = image.reshape(1, -1) @ weight[[first, second]].T + bias[[first, second]]
    offset = float(bias[first]) - float(bias[second])
    return _added(image, rows[first] - rows[second], offset, float(logits[0, 0]) - float(logits[0, 1]))


@_exploding
def smallest_flip(
    image: Float32s, weight: Float32s, bias: Float32s, target: int | None = None, most: float = 1.0
) -> Flip:
    """Return the smallest change that lifts `target` (by default the nearest other class) above the answer.

    With d = w_a − w_b and m = logit_a − logit_b it is δ = −(m + tiny)·d/‖d‖²: the foot of the perpendicular
    onto the plane where both logits are equal, a hair beyond. Raises ValueError when `target` is the answer.
    """
    x = image.reshape(-1).astype(np.float64)
    rows, biases = weight.astype(np.float64), bias.astype(np.float64)
    logits = rows @ x + biases
    answer = int(logits.argmax())
    differences = rows[answer] - rows
    lengths = np.maximum(np.linalg.norm(differences, axis=1), 1e-12)
    if target is None:
        distances = (logits[answer] - logits) / lengths
        distances[answer] = np.inf
        target = int(distances.argmin())
    elif target == answer:
        raise ValueError(f"The answer is {answer} already.")
    difference, margin = differences[target], float(logits[answer] - logits[target])
    change = -(margin + TINY) * difference / lengths[target] ** 2
    clipped = np.clip(x + change, 0, most)
    real = _within_range(x, difference, float(biases[answer] - biases[target]), most)
    return Flip(
        answer,
        target,
        change.reshape(image.shape),
        float(np.linalg.norm(change)),
        clipped.reshape(image.shape),
        bool(rows[target] @ clipped + biases[target] > rows[answer] @ clipped + biases[answer]),
        None if real is None else real.reshape(image.shape),
        None if real is None else float(np.linalg.norm(real - x)),
    )


def _added(image: Float32s, row: Float64s, bias: float, measured: float) -> Evidence:
    # Products of two float32 are exact in float64, and fsum rounds their sum once. It refuses infinities.
    parts = image.reshape(-1).astype(np.float64) * row
    total = math.fsum(parts) if np.isfinite(parts).all() else float(parts.sum())
    return Evidence(parts.reshape(image.shape), total, bias, total + bias, abs(measured - (total + bias)))


def _within_range(x: Float64s, difference: Float64s, offset: float, most: float) -> Float64s | None:
    """Return the nearest picture in [0, most]^D whose margin difference·x + offset is −tiny, or None.

    It is clip(x − λ d) for one λ (the optimality conditions of a quadratic programme with bounds). The margin falls
    with λ, ever more slowly as inputs reach a bound, so repeating the closed form on the inputs that are still free
    never goes too far and ends after at most D rounds.
    """
    reach, moved = 0.0, x
    for _ in range(x.size):
        missing = float(difference @ moved) + offset + TINY
        if missing <= 1e-9:
            return moved
        free = np.where(difference > 0, moved > 0, moved < most)
        pull = float((difference[free] ** 2).sum())
        if not pull >= 1e-12:  # No input can still move; or nan.
            return None
        reach += missing / pull
        moved = np.clip(x - reach * difference, 0, most)
    return None
