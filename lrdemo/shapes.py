"""The shapes of the images and of both models; everything that needs one derives it from here.

Without PyTorch, so that the web server can use them.
"""

from __future__ import annotations

import math

from lrdemo.arrays import Float32s

SIDE = 28
PIXELS = SIDE * SIDE
DIRECTIONS, CELLS = 8, 10
CLASSES = 10
HIDDEN = (256, 100)

LAYERS: dict[str, dict[str, tuple[int, int]]] = {
    "softmax": {"linear": (CLASSES, PIXELS)},
    "mlp": {"layers.0": (HIDDEN[0], PIXELS), "layers.3": (HIDDEN[1], HIDDEN[0]), "layers.6": (CLASSES, HIDDEN[1])},
}
"""For each model its linear layers, in order: name in the model's `state_dict`, and shape of the weight [out, in]."""


def parameter_shapes(model: str) -> dict[str, tuple[int, ...]]:
    """Return the name and the shape of every parameter in the order of `model.parameters()`."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name, (fan_out, fan_in) in LAYERS[model].items():
        shapes[f"{name}.weight"] = (fan_out, fan_in)
        shapes[f"{name}.bias"] = (fan_out,)
    return shapes


def parameter_count(model: str) -> int:
    """Return how many numbers the model learns: 7,850 or 227,670."""
    return sum(math.prod(shape) for shape in parameter_shapes(model).values())


_BY_COUNT = {parameter_count(model): tuple(shapes.values()) for model, shapes in LAYERS.items()}


def layers(parameters: Float32s) -> list[tuple[Float32s, Float32s]]:
    """Split a parameter vector into (weight [out, in], bias [out]) per layer, as views.

    The parameters lie in the order of `model.parameters()`: weight, then bias, layer by layer.
    """
    found = []
    position = 0
    for fan_out, fan_in in _BY_COUNT[len(parameters)]:
        weight = parameters[position : position + fan_in * fan_out].reshape(fan_out, fan_in)
        position += fan_in * fan_out
        found.append((weight, parameters[position : position + fan_out]))
        position += fan_out
    return found
