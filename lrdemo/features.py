"""Turn an image of one digit into the numbers that the model reads: MNIST and drawings the same way.

Each preparation is one affine map (shear, two scales, a shift) to 28×28 pixels, resampled by exact area. "pixels"
repeats how MNIST was made, "deskewed" also removes the slant, "normalised" also evens out size and aspect. With
"directions" the model does not get the pixels of the normalised image but its edges. NumPy only; knows no canvas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Bytes, Float32s, Float64s
from lrdemo.cache import CacheFile
from lrdemo.data import Digits
from lrdemo.directions import directions
from lrdemo.shapes import SIDE, form_of

Features = Literal["pixels", "deskewed", "normalised", "directions"]

FEATURES: tuple[Features, ...] = get_args(Features)
CENTRE = 14.5
"""Edge coordinate of the centre of mass: the middle of pixel index 14, where MNIST has it (14.00 ± 0.29)."""
RADIUS = 8.5
"""Root of the summed second moments of a normalised digit, in output pixels."""
ASPECT_POWER = 0.25
"""Part of the aspect ratio, as a power, that "normalised" keeps."""
BOX = {"pixels": 19.5, "deskewed": 20.0}
"""Longest side of the ink in output pixels."""

_VERSION = 1
_BATCH = 200


@dataclass(frozen=True)
class Placement:
    """Where N images go: x' = scale_x·(x − cx − slant·(y − cy)), y' = scale_y·(y − cy); all [N]."""

    cy: Float64s
    cx: Float64s
    slant: Float64s
    scale_y: Float64s
    scale_x: Float64s


@dataclass(frozen=True)
class Moments:
    """The ink, its centre of mass (pixel edges at whole numbers) and central second moments per ink, all [N]."""

    mass: Float64s
    cy: Float64s
    cx: Float64s
    vy: Float64s
    vx: Float64s
    c: Float64s


@dataclass(frozen=True, eq=False)
class Prepared:
    """An image put in its place, [28, 28] in 0 … 1, and the way back from there.

    `back` [3, 3] takes a place (x, y, 1) on it, pixel edges at whole numbers, to that place on what it was made from.
    """

    image: Float32s
    back: Float64s

    def then(self, back: Float64s) -> Prepared:
        """Return it with a way back that goes on: `back` [3, 3] leads from what it was made from to what that was."""
        return Prepared(self.image, back @ self.back)


def prepare(image: npt.NDArray[Any], features: Features) -> Float32s | None:
    """Return one image [H, W] (ink > 0, any unit) as [28, 28] in 0 … 1, or None where there is no ink."""
    found = prepare_with_way_back(image, features)
    return None if found is None else found.image


def prepare_with_way_back(image: npt.NDArray[Any], features: Features) -> Prepared | None:
    """Do what `prepare` does, and return the way back as well."""
    if not image.any():
        return None
    ink, top, left = cut_out(image)
    batch = np.asarray(ink / ink.max(), np.float32)[None]
    placement = place(batch, features)
    found = np.asarray(_at_most_one(resample(batch, placement))[0])
    return Prepared(found, scale_and_shift(1, left, top) @ way_back(placement))


def cut_out(ink: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], int, int]:
    """Return the smallest part of [H, W] (not blank) that holds all its ink, and its first row and column."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], int(rows[0]), int(columns[0])


def inputs(images: Float32s, features: str) -> Float32s:
    """Return what a model gets of prepared images [N, 28, 28] in 0 … 1: their pixels [N, 784] or edges [N, 800]."""
    found = directions(images) if features == "directions" else np.asarray(images, np.float32)
    return found.reshape(len(images), form_of(features).size)


def prepare_images(
    images: Bytes, features: Features, progress: Callable[[float], Any] | None = None
) -> Bytes:
    """Return MNIST images [N, 28, 28] put in their place as bytes; "pixels" are the images as they are.

    `progress` is given the fraction done after each block of images, and may raise to cancel. The images are
    used at their own 28x28: enlarging them first changes neither the accuracy on MNIST nor that on drawings.
    """
    if features == "pixels":
        return images
    prepared = np.zeros_like(images)
    for start in range(0, len(images), _BATCH):
        block = images[start : start + _BATCH]
        inked = block.any(axis=(1, 2))
        batch = np.asarray(block[inked] / np.float32(255), np.float32)
        if len(batch):
            values = _at_most_one(resample(batch, place(batch, features)))
            prepared[start : start + _BATCH][inked] = np.rint(255 * values).astype(np.uint8)
        if progress is not None:
            progress(min(1.0, (start + _BATCH) / len(images)))
    return prepared


def prepared(digits: Digits, features: Features, progress: Callable[[float], Any] | None = None) -> Digits:
    """Return MNIST as a model gets it, in bytes: from the cache, else prepared now and kept where it can be written.

    `progress` as in `prepare_images`, over both sets together.
    """
    if features == "pixels":
        return digits
    form = form_of(features)
    count, total = len(digits.train_images), len(digits.train_images) + len(digits.test_images)
    layout = {"images": (np.uint8, (total, *form.shape))}
    file = CacheFile(f"prepared-{features}-{_VERSION}", digits.fingerprint, layout)

    def make() -> dict[str, Bytes]:
        placed = prepared(digits, "normalised", progress) if features == "directions" else digits
        both = np.concatenate([placed.train_images, placed.test_images])
        if features == "directions":
            return {"images": _packed_edges(both, progress)}
        return {"images": prepare_images(both, features, progress)}

    images = file.kept(make)["images"]
    return Digits(images[:count], digits.train_labels, images[count:], digits.test_labels)


def pictures(digits: Digits, features: Features) -> Digits:
    """Return MNIST as 28×28 pixels put in their place; of "directions" the pixels from which the edges are taken."""
    return prepared(digits, "normalised" if features == "directions" else features)


def _packed_edges(images: Bytes, progress: Callable[[float], Any] | None) -> Bytes:
    form = form_of("directions")
    packed = np.empty((len(images), *form.shape), np.uint8)
    for start in range(0, len(images), _BATCH):
        block = slice(start, start + _BATCH)
        packed[block] = form.packed(directions(np.asarray(images[block] / np.float32(255), np.float32)))
        if progress is not None:
            progress(min(1.0, (start + _BATCH) / len(images)))
    return packed


def moments(images: Float32s) -> Moments:
    """Return the moments of images [N, H, W] with ink; each pixel is a square of even ink (hence 1/12)."""
    _, height, width = images.shape
    y, x = np.arange(height) + 0.5 - height / 2, np.arange(width) + 0.5 - width / 2
    powers_y, powers_x = np.stack([y**0, y, y * y]), np.stack([x**0, x, x * x], axis=1)
    sums = powers_y @ (images.astype(np.float64) @ powers_x)
    mass = sums[:, 0, 0]
    sums = sums / mass[:, None, None]
    cy, cx = sums[:, 1, 0], sums[:, 0, 1]
    return Moments(
        mass=mass,
        cy=cy + height / 2,
        cx=cx + width / 2,
        vy=sums[:, 2, 0] - cy * cy + 1 / 12,
        vx=sums[:, 0, 2] - cx * cx + 1 / 12,
        c=sums[:, 1, 1] - cy * cx,
    )


def place(images: Float32s, features: Features) -> Placement:
    """Return where the images [N, H, W] (ink up to 1) go on the output, see the module's docstring."""
    m = moments(images)
    slant = np.zeros_like(m.c) if features == "pixels" else m.c / m.vy
    if features in ("normalised", "directions"):
        return _place_by_moments(m, slant)
    scale = BOX[features] / _longest_side(np.asarray(images >= 0.5), slant)
    return Placement(m.cy, m.cx, slant, scale, scale)


def _place_by_moments(m: Moments, slant: Float64s) -> Placement:
    """Place by second moments, as Liu, Nakashima, Sako and Fujisawa (Pattern Recognition 37, 2004)."""
    vx = np.maximum(m.vx - slant * m.c, 1e-3)
    aspect = np.clip(np.sqrt(vx / m.vy), 0.05, 20) ** ASPECT_POWER
    scale_y = RADIUS / np.sqrt(m.vy * (1 + aspect**2))
    scale_x = aspect * scale_y * np.sqrt(m.vy / vx)
    limit = 3 * RADIUS / np.sqrt(vx + m.vy)
    return Placement(m.cy, m.cx, slant, np.minimum(scale_y, limit), np.minimum(scale_x, limit))


def _longest_side(ink: npt.NDArray[np.bool_], slant: Float64s) -> Float64s:
    """Return the longer side of the box around the ink [N, H, W] after each row has moved by −slant·y."""
    _, height, width = ink.shape
    inked = np.asarray(ink.any(axis=2))
    shift = slant[:, None] * (np.arange(height) + 0.5)
    left = np.where(inked, ink.argmax(axis=2) - shift, np.inf).min(axis=1)
    right = np.where(inked, width - ink[:, :, ::-1].argmax(axis=2) - shift, -np.inf).max(axis=1)
    tall = height - inked[:, ::-1].argmax(axis=1) - inked.argmax(axis=1)
    return np.asarray(np.maximum(right - left, tall), np.float64)


def way_back(placement: Placement, centre: float = CENTRE) -> Float64s:
    """Return the affine map [3, 3] from the output of `resample` back to the first of its images."""
    cy, cx, slant, scale_y, scale_x = (
        float(value[0])
        for value in (placement.cy, placement.cx, placement.slant, placement.scale_y, placement.scale_x)
    )
    across = [1 / scale_x, slant / scale_y, cx - centre / scale_x - slant * centre / scale_y]
    return np.array([across, [0, 1 / scale_y, cy - centre / scale_y], [0, 0, 1]])


def scale_and_shift(scale: float, right: float = 0.0, down: float = 0.0) -> Float64s:
    """Return the affine map [3, 3] that scales and then shifts."""
    return np.array([[scale, 0, right], [0, scale, down], [0, 0, 1.0]])


def resample(images: Float32s, placement: Placement, side: int = SIDE, centre: float = CENTRE) -> Float32s:
    """Return the images [N, H, W] as [N, side, side]: each output pixel holds the ink that falls on its area.

    A pixel [x, x + 1) × [y, y + 1) goes, sheared as a whole row, to the rectangle that `placement` gives it.
    Ink per row is the running sum along x read between the (moved back) edges of the output pixels: exact, as
    the running sum of a row of even pixels is piecewise linear. The same along y then. What falls outside is
    lost; `centre` is the edge coordinate where the centres of mass land. One full pixel put on one output
    pixel gives 1.
    """
    cy, cx, slant, scale_y, scale_x = (
        value.astype(np.float32)[:, None]
        for value in (placement.cy, placement.cx, placement.slant, placement.scale_y, placement.scale_x)
    )
    edges = np.arange(side + 1, dtype=np.float32) - np.float32(centre)
    row = np.arange(images.shape[1], dtype=np.float32) + np.float32(0.5)
    x = (edges / scale_x + cx)[:, None, :] + (slant * (row - cy))[:, :, None]
    y = (edges / scale_y + cy)[:, :, None]
    rows = _between(images, x, axis=2)
    return _between(rows, y, axis=1) * (scale_x * scale_y)[:, :, None]


def _between(values: Float32s, edges: Float32s, axis: Literal[1, 2]) -> Float32s:
    """Return the integrals of `values`, constant on [k, k + 1) along `axis`, between neighbouring `edges`."""
    count = values.shape[axis]
    shape = list(values.shape)
    shape[axis] = count + 1
    running = np.zeros(shape, np.float32)
    np.cumsum(values, axis=axis, out=running[:, 1:] if axis == 1 else running[:, :, 1:])
    edges = np.clip(edges, 0, count)
    below = np.minimum(edges.astype(np.intp), count - 1)
    low = np.take_along_axis(running, below, axis=axis)
    high = np.take_along_axis(running, below + 1, axis=axis)
    return np.diff(low + (high - low) * (edges - below.astype(np.float32)), axis=axis)


def _at_most_one(images: Float32s) -> Float32s:
    """Return the images [N, 28, 28] divided by their maximum (no rounding error below 0 stays)."""
    images = np.maximum(images, 0)
    return np.asarray(images / images.max(axis=(1, 2), keepdims=True), np.float32)
