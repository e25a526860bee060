"""Logits from a run's parameter vector, in NumPy: what the web server needs without torch."""

from __future__ import annotations

import numpy as np

from lrdemo.arrays import Float32s
from lrdemo.shapes import layers


def logits(parameters: Float32s, images: Float32s) -> Float32s:
    """Return logits [N, 10] for inputs [N, D]; hidden layers use ReLU, and no dropout.

    Parameters that have exploded give infinities or nan, not warnings.
    """
    *hidden, (weight, bias) = layers(parameters)
    values = images
    with np.errstate(over="ignore", invalid="ignore"):
        for hidden_weight, hidden_bias in hidden:
            values = np.maximum(values @ hidden_weight.T + hidden_bias, 0)
        return np.asarray(values @ weight.T + bias, dtype=np.float32)
