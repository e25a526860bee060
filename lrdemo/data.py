"""MNIST without a network: unpacked once from the archives in this package, then memory-mapped.

torchvision verifies and unpacks the archives (and downloads one that is missing or damaged); it is imported
only then. Nothing here is prepared, normalised or shuffled.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.errors import DataError

Bytes = npt.NDArray[np.uint8]

ARCHIVES = Path(__file__).parent / "mnist"
REMEDY = (
    "Restore the folder lrdemo/mnist from the project (`git checkout -- lrdemo/mnist`), or connect to a network, "
    "and run `python -m lrdemo prepare`"
)


@dataclass(frozen=True)
class _File:
    """One unpacked IDX file: its shape and the CRC-32 of its bytes (LeCun et al., 1998; the IDX format)."""

    name: str
    shape: tuple[int, ...]
    crc32: int

    @property
    def header_size(self) -> int:
        return 4 + 4 * len(self.shape)

    @property
    def size(self) -> int:
        return self.header_size + int(np.prod(self.shape))


_FILES = (
    _File("train-images-idx3-ubyte", (60_000, 28, 28), 0xE9F4D8B3),
    _File("train-labels-idx1-ubyte", (60_000,), 0xE0CB4AD2),
    _File("t10k-images-idx3-ubyte", (10_000, 28, 28), 0x91373BDF),
    _File("t10k-labels-idx1-ubyte", (10_000,), 0x4AB9EFF9),
)


@dataclass(frozen=True, eq=False)
class Digits:
    """Hold the 60,000 training and 10,000 test images [N, 28, 28] (uint8, 0 paper … 255 ink) and labels [N]."""

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes


def load_mnist(say: Callable[[str], Any] = lambda message: None) -> Digits:
    """Return MNIST, memory-mapped; unpack it first where that has not been done or the files are damaged.

    `say` is given a sentence for each thing done on the way. Raises DataError when an archive is missing or
    damaged and cannot be downloaded either.
    """
    folder = cache_folder() / "mnist"
    bad = [file for file in _FILES if not _intact(folder, file)]
    if bad:
        say(f"Unpacking MNIST into {folder} (once).")
        _unpack(folder)
        bad = [file for file in _FILES if not _intact(folder, file)]
        if bad:
            raise DataError(f"{folder / bad[0].name} is damaged after unpacking: is the disk full? {REMEDY}")
    say(f"MNIST is ready in {folder}: 60,000 training and 10,000 test images, checksums right.")
    return Digits(*(_map(folder, file) for file in _FILES))


def cache_folder() -> Path:
    """Return a writable folder for unpacked and prepared data: $LRDEMO_CACHE, the user's cache, or a temporary one."""
    named = os.environ.get("LRDEMO_CACHE")
    if named:
        candidates = [Path(named)]
    else:
        candidates = [_user_cache() / "lrdemo", Path(tempfile.gettempdir()) / f"lrdemo-cache-{_user_number()}"]
    for folder in candidates:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    raise DataError(
        f"No writable folder for the unpacked data (tried {', '.join(map(str, candidates))}). "
        "Set the environment variable LRDEMO_CACHE to a folder that can be written."
    )


def _user_cache() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _user_number() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _intact(folder: Path, file: _File) -> bool:
    path = folder / file.name
    try:
        return path.stat().st_size == file.size and zlib.crc32(np.memmap(path, np.uint8, "r").data) == file.crc32
    except OSError:
        return False


def _map(folder: Path, file: _File) -> Bytes:
    return np.memmap(folder / file.name, np.uint8, "r", offset=file.header_size, shape=file.shape)


def _unpack(folder: Path) -> None:
    """Unpack in a folder of our own and move each file into place, so that two processes may do it at once."""
    from torchvision.datasets import MNIST

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="unpacking-") as scratch:
        raw = Path(scratch) / "MNIST" / "raw"
        raw.mkdir(parents=True)
        for file in _FILES:
            archive = ARCHIVES / f"{file.name}.gz"
            if archive.is_file():
                shutil.copyfile(archive, raw / archive.name)
        try:
            MNIST(scratch, download=True)
        except Exception as error:
            raise DataError(
                f"{_damaged_archives()} and could not be downloaded ({_first_line(error)}). {REMEDY}"
            ) from error
        for file in _FILES:
            os.replace(raw / file.name, folder / file.name)


def _damaged_archives() -> str:
    from torchvision.datasets import MNIST
    from torchvision.datasets.utils import check_integrity

    sums = dict(MNIST.resources)
    missing = [name for name in sums if not (ARCHIVES / name).is_file()]
    damaged = [name for name in sums if name not in missing and not check_integrity(ARCHIVES / name, sums[name])]
    parts = [f"lrdemo/mnist/{name} is missing" for name in missing]
    parts += [f"lrdemo/mnist/{name} is damaged (its MD5 sum is wrong)" for name in damaged]
    return "; ".join(parts) or "The MNIST archives could not be unpacked"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(":") if lines else type(error).__name__
