"""The shapes of the images and of both models; everything that needs one derives it from here.

Without PyTorch, so that the web server can use them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Bytes, Float32s

SIDE = 28
PIXELS = SIDE * SIDE
DIRECTIONS, CELLS = 8, 10
CLASSES = 10
HIDDEN = (256, 100)


@dataclass(frozen=True)
class Form:
    """What a model gets of an image: an array of this shape, kept as bytes in which `white` stands for 1."""

    shape: tuple[int, ...]
    white: int

    @property
    def size(self) -> int:
        """Return how many numbers that are."""
        return math.prod(self.shape)

    @property
    def most(self) -> float:
        """Return the largest number that a byte can stand for; the smallest is 0."""
        return 255 / self.white

    def packed(self, inputs: Float32s) -> Bytes:
        """Return the numbers as bytes, in the same shape."""
        return np.asarray(np.rint(np.clip(inputs * np.float32(self.white), 0, 255)), np.uint8)

    def unpacked(self, packed: npt.NDArray[np.uint8]) -> Float32s:
        """Return the numbers that bytes stand for, in the same shape."""
        return np.asarray(packed / np.float32(self.white), np.float32)


IMAGE = Form((SIDE, SIDE), 255)
EDGES = Form((DIRECTIONS, CELLS, CELLS), 100)
FORMS = {form.size: form for form in (IMAGE, EDGES)}
MODELS = ("softmax", "mlp")


def form_of(features: str) -> Form:
    """Return the form of what a model gets of an image that is prepared as `features` says."""
    return EDGES if features == "directions" else IMAGE


def layer_shapes(model: str, inputs: int = PIXELS) -> dict[str, tuple[int, int]]:
    """Return the model's linear layers, in order: name in its `state_dict`, and shape of the weight [out, in]."""
    if model == "softmax":
        return {"linear": (CLASSES, inputs)}
    first, second = HIDDEN
    return {"layers.0": (first, inputs), "layers.3": (second, first), "layers.6": (CLASSES, second)}


def parameter_shapes(model: str, inputs: int = PIXELS) -> dict[str, tuple[int, ...]]:
    """Return the name and the shape of every parameter in the order of `model.parameters()`."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name, (fan_out, fan_in) in layer_shapes(model, inputs).items():
        shapes[f"{name}.weight"] = (fan_out, fan_in)
        shapes[f"{name}.bias"] = (fan_out,)
    return shapes


def parameter_count(model: str, inputs: int = PIXELS) -> int:
    """Return how many numbers the model learns: of 784 inputs 7,850 or 227,670."""
    return sum(math.prod(shape) for shape in parameter_shapes(model, inputs).values())


_BY_COUNT = {
    parameter_count(model, form.size): tuple(layer_shapes(model, form.size).values())
    for model in MODELS
    for form in FORMS.values()
}


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
