"""All training images on the two directions in which they differ most (principal component analysis).

Computed once from the 784 × 784 covariance (Pearson, 1901) and kept in the cache.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Bytes, Float32s
from lrdemo.cache import CacheFile, fingerprint

_CHUNK = 5_000
_STEPS = 32_767
_VERSION = 1


@dataclass(frozen=True, eq=False)
class Projection:
    """Mean [D], directions [k, D] of length 1, coordinates [N, k], and each direction's share of the variance."""

    mean: Float32s
    directions: Float32s
    coordinates: Float32s
    shares: Float32s


def principal_components(images: npt.NDArray[np.generic], number: int = 2) -> Projection:
    """Project images [N, D] on their first principal components; uint8 pixels are scaled to [0, 1].

    Each direction's sign is chosen so that its largest entry is positive: the plot is the same everywhere.
    """
    size, dimensions = images.shape
    total = np.zeros(dimensions)
    products = np.zeros((dimensions, dimensions))
    for start in range(0, size, _CHUNK):
        part = _scaled(images[start : start + _CHUNK])
        total += part.sum(axis=0, dtype=np.float64)
        products += part.T @ part
    mean = total / size
    variances, vectors = np.linalg.eigh(products / size - np.outer(mean, mean))
    directions = vectors[:, ::-1][:, :number].T
    largest = np.abs(directions).argmax(axis=1)
    directions = directions * np.sign(directions[np.arange(number), largest])[:, None]
    short = directions.T.astype(np.float32)
    coordinates = np.concatenate([
        _scaled(images[start : start + _CHUNK]) @ short for start in range(0, size, _CHUNK)
    ]) - (mean @ directions.T).astype(np.float32)  # fmt: skip
    shares = variances[::-1][:number] / variances.sum()
    return Projection(mean.astype(np.float32), directions.astype(np.float32), coordinates, shares.astype(np.float32))


def cached_projection(images: Bytes) -> Projection:
    """Return the projection of images [N, H, W] on two directions, from the cache where they were projected before."""
    pixels = images.reshape(len(images), -1)
    size, dimensions = pixels.shape
    layout = {
        "mean": (np.float32, (dimensions,)),
        "directions": (np.float32, (2, dimensions)),
        "coordinates": (np.float32, (size, 2)),
        "shares": (np.float32, (2,)),
    }
    file = CacheFile(f"pca-{_VERSION}", fingerprint(pixels), layout)
    return Projection(**file.kept(lambda: vars(principal_components(pixels, 2))))


def quantised(projection: Projection, labels: Bytes) -> bytes:
    """Pack the map for a browser: N as uint32, half-width as float32, x and y as int16 [N, 2], labels as uint8 [N].

    A coordinate is its int16 × half-width / 32,767; little-endian throughout; 5 bytes a point.
    """
    half_width = np.float32(np.abs(projection.coordinates).max())
    points = np.rint(projection.coordinates * (_STEPS / half_width)).astype("<i2")
    head: bytes = struct.pack("<If", len(points), half_width)
    return head + bytes(points.tobytes()) + bytes(labels.tobytes())


def _scaled(pixels: npt.NDArray[np.generic]) -> Float32s:
    values = np.asarray(pixels, dtype=np.float32)
    return values / np.float32(255) if pixels.dtype == np.uint8 else values
