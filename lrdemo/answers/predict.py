"""Logits from a run's parameter vector, in NumPy: what the web server needs without torch.

The parameters lie in the order of `model.parameters()`: weight [out, in], then bias [out], layer by layer.
"""

from __future__ import annotations

import numpy as np

from lrdemo.arrays import Float32s
from lrdemo.shapes import LAYERS, parameter_count

_SHAPES = {parameter_count(model): tuple(shapes.values()) for model, shapes in LAYERS.items()}


def layers(parameters: Float32s) -> list[tuple[Float32s, Float32s]]:
    """Split a parameter vector into (weight [out, in], bias [out]) per layer, as views."""
    found = []
    position = 0
    for fan_out, fan_in in _SHAPES[len(parameters)]:
        weight = parameters[position : position + fan_in * fan_out].reshape(fan_out, fan_in)
        position += fan_in * fan_out
        found.append((weight, parameters[position : position + fan_out]))
        position += fan_out
    return found


def logits(parameters: Float32s, images: Float32s) -> Float32s:
    """Return logits [N, 10] for images [N, 784] in [0, 1]; hidden layers use ReLU, and no dropout.

    Parameters that have exploded give infinities or nan, not warnings.
    """
    *hidden, (weight, bias) = layers(parameters)
    values = images
    with np.errstate(over="ignore", invalid="ignore"):
        for hidden_weight, hidden_bias in hidden:
            values = np.maximum(values @ hidden_weight.T + hidden_bias, 0)
        return np.asarray(values @ weight.T + bias, dtype=np.float32)
