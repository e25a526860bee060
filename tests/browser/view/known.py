"""Snapshots of runs that never ran: every number in them is chosen, so that a test knows what must be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.serving.board import Lane, Snapshot
from lrdemo.serving.frames import Shown

Floats = npt.NDArray[np.float32]
NO_TESTS = np.zeros((0, 3), np.float32)


def parameters(weight: Floats | None = None, bias: Sequence[float] | None = None) -> Floats:
    """Return a linear model's numbers: weight [10, 28, 28] and ten biases, zero unless given."""
    weight = np.zeros((10, 28, 28), np.float32) if weight is None else weight
    return np.concatenate([weight.reshape(-1), np.asarray(bias or [0.0] * 10)]).astype(np.float32)


def lane(
    loss: Sequence[float] = (),
    accuracy: Sequence[float] | None = None,
    tests: Sequence[tuple[float, float, float]] = ((0, 2.303, 0.1),),
    rate: float = 0.1,
    numbers: Floats | None = None,
) -> Lane:
    """Return one model with its curves; a test is (iteration, loss, accuracy)."""
    return Lane(
        learning_rate=rate,
        parameters=parameters() if numbers is None else numbers,
        loss=np.asarray(loss, np.float32),
        accuracy=np.asarray(loss if accuracy is None else accuracy, np.float32),
        test_table=np.asarray(tests, np.float32).reshape(-1, 3),
    )


def run(*lanes: Lane, **changed: Any) -> Snapshot:
    """Return a run as it is while it trains; its iteration is the length of the curves unless given."""
    lanes = lanes or (lane(),)
    values: dict[str, Any] = {
        "revision": 1, "state": "running", "iteration": len(lanes[0].loss), "iterations": 600,
        "iterations_per_epoch": 600, "pace": 0, "speed": 0.0, "gradient_difference": float("nan"), "lanes": lanes,
    }  # fmt: skip
    return Snapshot(**(values | changed))


def asked(image: Floats | None = None, title: str = "Test image 3", **details: Any) -> Shown:
    """Return a picture in question, [28, 28] in 0 … 1, white unless given."""
    image = np.zeros((28, 28), np.float32) if image is None else image
    return Shown(image, image.reshape(-1), title, **details)


def edge_parameters(weight: Floats, bias: Sequence[float] | None = None) -> Floats:
    """Return the numbers of a linear model of edges: weight [10, 8, 10, 10] and ten biases, zero unless given."""
    return np.concatenate([weight.reshape(-1), np.asarray(bias or [0.0] * 10)]).astype(np.float32)


def asked_for_edges(edges: Floats, image: Floats | None = None, title: str = "Test image 3", **details: Any) -> Shown:
    """Return a picture in question, [28, 28], white unless given, of which the model gets edges [8, 10, 10]."""
    return Shown(np.zeros((28, 28), np.float32) if image is None else image, edges.reshape(-1), title, **details)


def answering(*shares: float) -> Snapshot:
    """Return a run after 10 iterations whose model gives these ten probabilities for every picture."""
    bias = np.log(np.maximum(np.asarray(shares, np.float64), 1e-30))
    return run(lane(numbers=parameters(bias=list(bias))), iteration=10)


def hidden_parameters(weight: Floats, inputs: int = 784) -> Floats:
    """Return a multilayer perceptron's numbers: the first units' weights [units, inputs], all others zero."""
    numbers = np.zeros(inputs * 256 + 256 + 256 * 100 + 100 + 100 * 10 + 10, np.float32)
    numbers[: weight.size] = weight.reshape(-1)
    return numbers
