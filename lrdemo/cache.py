"""Arrays that cost time to make, kept in one file each: named by content, checked when read, memory-mapped.

A file is the bytes of its arrays and a CRC-32. It is written beside its place and then moved there, so that
processes may do that at once. A damaged one counts as missing. Nothing in it is executed.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.errors import DataError
from lrdemo.formats import count

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]

_ALIGNED = 64
_CHECKSUM = 4


@dataclass(frozen=True, eq=False)
class CacheFile:
    """One file of the cache: what it holds, the fingerprint of what that was made from, and dtypes and shapes."""

    name: str
    key: str
    layout: Mapping[str, tuple[npt.DTypeLike, tuple[int, ...]]]

    def read(self) -> Arrays | None:
        """Return the arrays, memory-mapped and read-only, or None where the file is missing or damaged."""
        return next((arrays for folder in folders() if (arrays := self._map(folder / self._file)) is not None), None)

    def write(self, arrays: Arrays) -> Arrays:
        """Keep the arrays and return them memory-mapped; raises DataError where there is no room for them."""
        problems = []
        for folder in folders():
            try:
                folder.mkdir(parents=True, exist_ok=True)
                replace_file(folder / self._file, [*self._bytes(arrays), self._checksum(self._bytes(arrays))])
            except OSError as error:
                problems.append(f"{folder} ({error.strerror or error})")
            else:
                return self._map(folder / self._file) or arrays
        raise DataError(
            f"{count(self._size)} bytes could not be kept in {' or '.join(problems)}. Make room there, or set the "
            "environment variable LRDEMO_CACHE to a folder that has it."
        )

    def kept(self, make: Callable[[], Arrays]) -> Arrays:
        """Return the arrays from the file, else make them and keep them where that is possible."""
        arrays = self.read()
        if arrays is not None:
            return arrays
        made = make()
        try:
            return self.write(made)
        except DataError:
            return made

    @property
    def folder(self) -> Path:
        """Return the folder where the file lies, or else would be kept."""
        return next((folder for folder in folders() if (folder / self._file).is_file()), folders()[0])

    @property
    def _file(self) -> str:
        return f"{self.name}-{self.key}.bin"

    @property
    def _size(self) -> int:
        return sum(_padded(_length(*form)) for form in self.layout.values()) + _CHECKSUM

    def _bytes(self, arrays: Arrays) -> Iterator[bytes | memoryview]:
        for name, (dtype, shape) in self.layout.items():
            array = np.ascontiguousarray(arrays[name], dtype)
            assert array.shape == shape, f"{name} is {array.shape}, not {shape}"
            yield array.reshape(-1).view(np.uint8).data
            yield bytes(_padded(array.nbytes) - array.nbytes)

    def _checksum(self, pieces: Iterator[bytes | memoryview]) -> bytes:
        # Begins with what the file is said to hold, so that a file under another name is refused.
        layout = [(name, str(np.dtype(dtype)), shape) for name, (dtype, shape) in self.layout.items()]
        crc = zlib.crc32(repr((self._file, layout)).encode())
        for piece in pieces:
            crc = zlib.crc32(piece, crc)
        return crc.to_bytes(_CHECKSUM, "little")

    def _map(self, path: Path) -> Arrays | None:
        try:
            stored = np.asarray(np.memmap(path, np.uint8, "r"))
        except (OSError, ValueError):
            return None
        if stored.size != self._size:
            return None
        body, checksum = stored[:-_CHECKSUM], stored[-_CHECKSUM:]
        if self._checksum(iter([body.data])) != checksum.tobytes():
            return None
        arrays, start = {}, 0
        for name, (dtype, shape) in self.layout.items():
            length = _length(dtype, shape)
            arrays[name] = body[start : start + length].view(dtype).reshape(shape)
            start += _padded(length)
        return arrays


def fingerprint(*arrays: Array) -> str:
    """Return 16 hex digits that differ when the shape, the type or any number of the arrays does (BLAKE2b)."""
    digest = hashlib.blake2b(digest_size=8)
    for array in arrays:
        digest.update(repr((array.shape, str(array.dtype))).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def replace_file(path: Path, pieces: Sequence[bytes | memoryview]) -> None:
    """Write a file beside its place, then move it there; raises OSError, and nothing stays behind, when that fails."""
    if path.exists() and not path.is_file():
        raise OSError("not an ordinary file")
    scratch = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        # Others may read it, as far as this user's umask lets them, but never change it.
        with open(scratch, "xb", opener=lambda name, flags: os.open(name, flags, 0o644)) as file:
            file.writelines(pieces)
        os.replace(scratch, path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def folders() -> list[Path]:
    """Return where files are looked for, and kept in the first that takes them: $LRDEMO_CACHE alone where it is set."""
    named = os.environ.get("LRDEMO_CACHE")
    if named:
        return [Path(named)]
    temporary = Path(tempfile.gettempdir()) / f"lrdemo-cache-{_user_number()}"
    try:
        return [_user_cache() / "lrdemo", temporary]
    except RuntimeError:  # This user has no home.
        return [temporary]


def _user_cache() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _user_number() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _length(dtype: npt.DTypeLike, shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize


def _padded(length: int) -> int:
    return -(-length // _ALIGNED) * _ALIGNED
