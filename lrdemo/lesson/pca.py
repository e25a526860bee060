"""All training images on the two directions in which they differ most (principal component analysis).

Computed once from the 784 × 784 covariance (Pearson, 1901) and kept in the cache folder with a checksum.
"""

from __future__ import annotations

import io
import os
import struct
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lrdemo.data import cache_folder

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

_CHUNK = 5_000
_STEPS = 32_767


@dataclass(frozen=True, eq=False)
class Projection:
    """Hold mean [D], directions [k, D] of length 1, coordinates [N, k] and each direction's share of the variance."""

    mean: Floats
    directions: Floats
    coordinates: Floats
    shares: Floats


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


def cached_projection(images: Bytes, name: str = "pca-train") -> Projection:
    """Return the projection of images [N, 28, 28], from the cache folder where it lies there undamaged.

    Two processes may do this at once: each writes a file of its own and moves it into place.
    """
    path = cache_folder() / f"{name}.npz"
    found = _read(path, len(images))
    if found is not None:
        return found
    projection = principal_components(images.reshape(len(images), -1))
    _write(path, projection)
    return projection


def quantised(projection: Projection, labels: Bytes) -> bytes:
    """Pack the map for a browser: N as uint32, half-width as float32, x and y as int16 [N, 2], labels as uint8 [N].

    A coordinate is its int16 × half-width / 32,767; little-endian throughout; 5 bytes a point.
    """
    half_width = np.float32(np.abs(projection.coordinates).max())
    points = np.rint(projection.coordinates * (_STEPS / half_width)).astype("<i2")
    head: bytes = struct.pack("<If", len(points), half_width)
    return head + bytes(points.tobytes()) + bytes(labels.tobytes())


def _scaled(pixels: npt.NDArray[np.generic]) -> Floats:
    values = np.asarray(pixels, dtype=np.float32)
    return values / np.float32(255) if pixels.dtype == np.uint8 else values


def _read(path: Path, size: int) -> Projection | None:
    """Return what is stored, or None when it is missing, damaged or of other images."""
    try:
        stored = path.read_bytes()
        body, checksum = stored[:-4], stored[-4:]
        if zlib.crc32(body).to_bytes(4, "little") != checksum:
            return None
        with np.load(io.BytesIO(body), allow_pickle=False) as parts:
            projection = Projection(**{name: parts[name] for name in Projection.__dataclass_fields__})
    except (OSError, ValueError, KeyError):
        return None
    return projection if len(projection.coordinates) == size else None


def _write(path: Path, projection: Projection) -> None:
    memory = io.BytesIO()
    np.savez(memory, **{name: getattr(projection, name) for name in Projection.__dataclass_fields__})
    body = memory.getvalue()
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, delete=False) as scratch:
        scratch.write(body + zlib.crc32(body).to_bytes(4, "little"))
    os.replace(scratch.name, path)
