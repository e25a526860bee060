"""A trained model on altered images: on one picture, and on all 10,000 test images.

Shifting, turning, scaling and blurring are linear in the pixels, x' = M x, and W x' = (W M) x: the first layer's
weights are altered instead of 10,000 images. Where the model gets the images' edges, they are altered one by one.
NumPy only; trains nothing.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lrdemo.answers.predict import logits
from lrdemo.answers.robustness import DEVIATION, MEAN, VARIANTS, parameters_vector, placed_test_images
from lrdemo.arrays import Bytes, Float32s
from lrdemo.features import inputs
from lrdemo.probability import cross_entropy, softmax
from lrdemo.shapes import EDGES, PIXELS, SIDE, layers

if TYPE_CHECKING:
    from lrdemo.minibatches import Tensors
    from lrdemo.trainer import Trainer

BLOCK = 1_000
"""Images that are answered in one piece of work, and patterns of noise that there are."""
LIMITS = {
    "right": (-8.0, 8.0), "down": (-8.0, 8.0), "turn": (-90.0, 90.0), "scale": (0.5, 1.5), "blur": (0.0, 4.0),
    "noise": (0.0, 1.0), "thickness": (-1.0, 2.0),
}  # fmt: skip
PRESETS = tuple(variant for variant in VARIANTS if not variant.name.startswith(("inverted", "shifted")))
"""Ways to prepare the images, which come before or after all other changes."""
NEGLIGIBLE = 1e-7
"""Shares of ink below that are left out: denormal numbers would make a product take ten times as long."""
_PLACED = {variant.name for variant in PRESETS if variant.placed}
_MIDDLE = (SIDE - 1) / 2


@dataclass(frozen=True)
class Change:
    """What is done to every image, in this order.

    It is `prepared` in another way where that places it; its strokes get `thickness` pixels thicker on each side; it
    is scaled, turned clockwise by degrees and shifted by pixels; blurred by a Gaussian of `blur` pixels; inverted;
    given `noise` of this standard deviation; and multiplied or standardised where `prepared` says so.
    """

    right: float = 0.0
    down: float = 0.0
    turn: float = 0.0
    scale: float = 1.0
    blur: float = 0.0
    noise: float = 0.0
    thickness: float = 0.0
    invert: bool = False
    prepared: str = "as trained"

    @property
    def factors(self) -> tuple[float, float]:
        """Return a and b of what comes last, a·x + b."""
        if self.prepared == "×255":
            return 255.0, 0.0
        return (1 / DEVIATION, -MEAN / DEVIATION) if self.prepared == "standardised" else (1.0, 0.0)


def change_of(values: Mapping[str, Any]) -> Change:
    """Return the change with these values; raises ValueError, TypeError or KeyError for what cannot be one."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in LIMITS:
            low, high = LIMITS[name]
            if not low <= float(value) <= high:
                raise ValueError(f"{name} is {value}.")
            found[name] = float(value)
        elif name == "invert":
            found[name] = bool(value)
        elif name == "prepared" and value in {preset.name for preset in PRESETS}:
            found[name] = str(value)
        else:
            raise KeyError(name)
    return Change(**found)


def broken(trainer: Trainer, image: Float32s, values: Mapping[str, Any]) -> Generator[None, None, dict[str, Any]]:
    """Return what the present model makes of one picture [28, 28] and of all test images under a change.

    `values` are those of `change_of`. The accuracy, the mean cross-entropy and the mean confidence are given with the
    change and without. Yields between blocks of 1,000 images.
    """
    change, iteration = change_of(values), trainer.iteration
    parameters, features = parameters_vector(trainer), trainer.settings.features
    labels = trainer.tensors.test_labels.cpu().numpy()
    unchanged = trainer.tensors.test_images.cpu().numpy()
    sets = _test_images(trainer.tensors, change)
    collected: dict[str, list[Float32s]] = {"changed": [], "plain": []}
    with np.errstate(over="ignore", invalid="ignore"):
        altered = (Altered if features != "directions" else AlteredImages)(parameters, change)
        for start in range(0, len(labels), BLOCK):
            block = slice(start, start + BLOCK)
            plain = logits(parameters, unchanged[block])
            parts = [(share, part[block]) for share, part in sets]
            collected["plain"].append(plain)
            collected["changed"].append(plain if change == Change() else altered.scores(parts))
            yield
        found = {name: _judged(np.concatenate(blocks), labels) for name, blocks in collected.items()}
    pixels, given = picture(image, change)
    numbers = inputs(given[None], features)[0]
    scores = logits(parameters, numbers[None])[0]
    return {
        "iteration": iteration,
        "of": len(labels),
        **found,
        "image": np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8),
        "edges": EDGES.packed(numbers) if features == "directions" else None,
        "lowest": float(given.min()),
        "highest": float(given.max()),
        "logits": scores,
        "probabilities": softmax(scores).astype(np.float32),
    }


def _judged(scores: Float32s, labels: npt.NDArray[np.int64]) -> dict[str, float]:
    return {
        "accuracy": float((scores.argmax(axis=1) == labels).mean()),
        "loss": cross_entropy(scores, labels),
        "confidence": float(softmax(scores).max(axis=1).mean()),
    }


class Altered:
    """A model whose first layer does the change: it takes images as bytes, as they were before."""

    def __init__(self, parameters: Float32s, change: Change) -> None:
        (weight, bias), *self._others = layers(parameters)
        factor, addend = change.factors
        sign, paper = (-1.0, 1.0) if change.invert else (1.0, 0.0)
        self._weight = (weight @ matrix(change)).T * np.float32(factor * sign / 255)
        self._bias = bias + weight.sum(axis=1) * np.float32(factor * paper + addend)
        self._noise: Float32s | None = None
        if change.noise:
            self._noise = noise() @ weight.T * np.float32(factor * change.noise)

    def scores(self, sets: list[tuple[float, Bytes]]) -> Float32s:
        """Return logits [n, 10] for images that are a blend of others, each a share and bytes [n, 784]; n ≤ 1,000."""
        values = self._bias + sum(share * (part.astype(np.float32) @ self._weight) for share, part in sets)
        if self._noise is not None:
            values = values + self._noise[: len(values)]
        for weight, bias in self._others:
            values = np.maximum(values, 0) @ weight.T + bias
        return np.asarray(values, np.float32)


class AlteredImages:
    """A model that gets the edges of the images, which are altered themselves; see `Altered`."""

    def __init__(self, parameters: Float32s, change: Change) -> None:
        self._parameters, self._change = parameters, change
        self._matrix = matrix(change)

    def scores(self, sets: list[tuple[float, Bytes]]) -> Float32s:
        """Return logits [n, 10] for images that are a blend of others, as `Altered` does."""
        blended = np.asarray(sum(share * (part / np.float32(255)) for share, part in sets))
        _, given = _altered(blended, self._matrix, self._change)
        return logits(self._parameters, inputs(given.reshape(-1, SIDE, SIDE), "directions"))


def picture(image: Float32s, change: Change) -> tuple[Float32s, Float32s]:
    """Return an image [28, 28] under a change, [28, 28]: as it is seen, and as the model gets it.

    It must have been placed already where the change asks for that.
    """
    low, high, share = _levels(change.thickness)
    pixels = (1 - share) * _thickened(image[None], low)[0] + share * _thickened(image[None], high)[0]
    seen, given = _altered(pixels.reshape(1, -1), matrix(change), change)
    return seen.reshape(SIDE, SIDE), given.reshape(SIDE, SIDE)


def _altered(images: Float32s, moved: Float32s, change: Change) -> tuple[Float32s, Float32s]:
    """Return images [n, 784] of the wanted thickness under a change whose matrix is given, n ≤ 1,000.

    First as they are seen, then as the model gets them.
    """
    seen = images @ moved.T
    if change.invert:
        seen = 1 - seen
    if change.noise:
        seen = seen + np.float32(change.noise) * noise()[: len(seen)]
    factor, addend = change.factors
    return np.asarray(seen, np.float32), np.asarray(factor * seen + addend, np.float32)


def matrix(change: Change) -> Float32s:
    """Return M, [784, 784], that scales, turns, shifts and blurs an image: pixels become M @ pixels.

    Between pixels it interpolates linearly both ways; beyond the image there is paper.
    """
    angle = math.radians(change.turn)
    y, x = np.divmod(np.arange(PIXELS), SIDE)
    down, right = y - _MIDDLE - change.down, x - _MIDDLE - change.right
    from_y = (math.cos(angle) * down - math.sin(angle) * right) / change.scale + _MIDDLE
    from_x = (math.cos(angle) * right + math.sin(angle) * down) / change.scale + _MIDDLE
    found = np.zeros((PIXELS, PIXELS), np.float32)
    for row in (np.floor(from_y), np.floor(from_y) + 1):
        for column in (np.floor(from_x), np.floor(from_x) + 1):
            inside = (row >= 0) & (row < SIDE) & (column >= 0) & (column < SIDE)
            weight = (1 - np.abs(from_y - row)) * (1 - np.abs(from_x - column))
            place = (SIDE * row + column).astype(np.intp)
            found[np.arange(PIXELS)[inside], place[inside]] += weight[inside]
    if not change.blur:
        return found
    distance = np.subtract.outer(np.arange(SIDE), np.arange(SIDE))
    kernel = np.exp(-0.5 * (np.arange(-2 * SIDE, 2 * SIDE + 1) / change.blur) ** 2)
    blur = (np.exp(-0.5 * (distance / change.blur) ** 2) / kernel.sum()).astype(np.float32)
    blur[blur < NEGLIGIBLE] = 0
    rows = blur @ found.reshape(SIDE, SIDE * PIXELS)
    return np.asarray(blur @ rows.reshape(SIDE, SIDE, PIXELS)).reshape(PIXELS, PIXELS)


@lru_cache(maxsize=1)
def noise() -> Float32s:
    """Return 1,000 patterns of standard normal noise, [1000, 784], always the same."""
    return np.random.default_rng(0).standard_normal((BLOCK, PIXELS), np.float32)


def _test_images(tensors: Tensors, change: Change) -> list[tuple[float, Bytes]]:
    low, high, share = _levels(change.thickness)
    placed = change.prepared if change.prepared in _PLACED else ""
    parts = [(1 - share, _thick_test_images(tensors, placed, low))]
    return parts + [(share, _thick_test_images(tensors, placed, high))] if share else parts


@lru_cache(maxsize=8)
def _thick_test_images(tensors: Tensors, placed: str, level: int) -> Bytes:
    """Return the test images as bytes [N, 784], placed again where asked, with thicker or thinner strokes; kept."""
    images = placed_test_images(tensors.unprepared, placed) if placed else tensors.pictures.test_images
    return np.asarray(_thickened(images.reshape(-1, SIDE, SIDE), level).reshape(-1, PIXELS))


def _levels(thickness: float) -> tuple[int, int, float]:
    """Return the whole thicknesses around one, and the share of the second in a blend of both."""
    low = math.floor(thickness)
    return low, low + 1, thickness - low


def _thickened(images: npt.NDArray[Any], level: int) -> npt.NDArray[Any]:
    """Return images [N, 28, 28] with each pixel the darkest (below 0: lightest) of itself and its four neighbours.

    That is done as often as `level` says; beyond the image there is paper.
    """
    pick = np.maximum if level > 0 else np.minimum
    for _ in range(abs(level)):
        wide = np.pad(images, ((0, 0), (1, 1), (1, 1)))
        around = (wide[:, :-2, 1:-1], wide[:, 2:, 1:-1], wide[:, 1:-1, :-2], wide[:, 1:-1, 2:])
        images = images.copy()
        for other in around:
            pick(images, other, out=images)
    return images
