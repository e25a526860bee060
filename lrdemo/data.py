"""MNIST without a network: unpacked once from the archives in this package, then memory-mapped.

An archive that is missing or damaged is downloaded by torchvision, which is imported only then. Nothing here is
prepared, normalised or shuffled.
"""

from __future__ import annotations

import gzip
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from lrdemo.arrays import Bytes
from lrdemo.cache import CacheFile, fingerprint
from lrdemo.errors import DataError

ARCHIVES = Path(__file__).parent / "mnist"
REMEDY = (
    "Restore the folder lrdemo/mnist from the project (`git checkout -- lrdemo/mnist`), or connect to a network, "
    "and run `python -m lrdemo prepare`"
)


@dataclass(frozen=True)
class _Archive:
    """One gzipped IDX file: its shape and the CRC-32 of what is in it (LeCun et al., 1998; the IDX format)."""

    file: str
    shape: tuple[int, ...]
    crc32: int

    def read(self, folder: Path) -> Bytes | None:
        """Return the numbers in the archive, or None where it is missing or damaged."""
        header, size = 4 + 4 * len(self.shape), int(np.prod(self.shape))
        try:
            with gzip.open(folder / self.file) as archive:
                content = archive.read(header + size + 1)
        except (OSError, EOFError, zlib.error):
            return None
        if zlib.crc32(content) != self.crc32:
            return None
        return np.frombuffer(content, np.uint8, offset=header).reshape(self.shape)


_ARCHIVES = {
    "train_images": _Archive("train-images-idx3-ubyte.gz", (60_000, 28, 28), 0xE9F4D8B3),
    "train_labels": _Archive("train-labels-idx1-ubyte.gz", (60_000,), 0xE0CB4AD2),
    "test_images": _Archive("t10k-images-idx3-ubyte.gz", (10_000, 28, 28), 0x91373BDF),
    "test_labels": _Archive("t10k-labels-idx1-ubyte.gz", (10_000,), 0x4AB9EFF9),
}
_UNPACKED = CacheFile(
    "mnist",
    f"{zlib.crc32(repr(_ARCHIVES).encode()):08x}",
    {name: (np.uint8, archive.shape) for name, archive in _ARCHIVES.items()},
)


@dataclass(frozen=True, eq=False)
class Digits:
    """The 60,000 training and 10,000 test images [N, 28, 28] (uint8, 0 paper … 255 ink) and their labels [N]."""

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes

    @cached_property
    def fingerprint(self) -> str:
        """Return a name for the content: other images or labels have another one."""
        return fingerprint(self.train_images, self.train_labels, self.test_images, self.test_labels)


def load_mnist(say: Callable[[str], Any] = lambda message: None) -> Digits:
    """Return MNIST, memory-mapped; unpack it first where that has not been done or the file is damaged.

    `say` is given a sentence for each thing done on the way. Raises DataError when an archive is missing or
    damaged and cannot be downloaded either, or when there is no room for the unpacked images.
    """
    found = _UNPACKED.read()
    if found is None:
        say(f"Unpacking MNIST into {_UNPACKED.folder} (once).")
        found = _UNPACKED.write(_unpacked())
    say(f"MNIST is ready in {_UNPACKED.folder}: 60,000 training and 10,000 test images, checksums right.")
    return Digits(**found)


def cache_folder() -> Path:
    """Return the folder where the unpacked images lie."""
    return _UNPACKED.folder


def _unpacked() -> dict[str, Bytes]:
    found = {name: archive.read(ARCHIVES) for name, archive in _ARCHIVES.items()}
    bad = [name for name, images in found.items() if images is None]
    if bad:
        with tempfile.TemporaryDirectory(prefix="lrdemo-") as scratch:
            reason = _download(scratch)
            for name in bad:
                found[name] = _ARCHIVES[name].read(Path(scratch) / "MNIST" / "raw")
    whole = {name: images for name, images in found.items() if images is not None}
    if len(whole) < len(found):
        raise DataError(f"{_damage(bad)} and could not be downloaded ({reason}). {REMEDY}.")
    return whole


def _download(folder: str) -> str:
    """Download all archives and return what went wrong, if anything."""
    from torchvision.datasets import MNIST

    try:
        MNIST(folder, download=True)
    except Exception as error:
        lines = str(error).strip().splitlines()
        return lines[0].rstrip(":") if lines else type(error).__name__
    return "the downloaded file is damaged"


def _damage(names: list[str]) -> str:
    files = [_ARCHIVES[name].file for name in names]
    return "; ".join(
        f"lrdemo/mnist/{file} is {'damaged' if (ARCHIVES / file).is_file() else 'missing'}" for file in files
    )
