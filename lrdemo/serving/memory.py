"""Where the boards of a server's runs lie: reserved files in a folder in memory or, without room there, on disk.

What a board needs is reserved in full before it is mapped: a full folder refuses a run with a sentence, where writing
to a mapped file without room would end the process. Folders that a killed server left are removed at the next start.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from lrdemo.errors import ServiceError

PLACES = "LRDEMO_MEMORY"
"""Environment variable: folders to use in this order, separated as in PATH."""
PREFIX = "lrdemo-runs-"
OWNER = "owner"
WAIT_SECONDS = 0.3
"""What a run that was just closed had is free as soon as its training process has given it back, too."""
NO_ROOM = "There is no memory left for this run. Close other pages or choose fewer iterations, then try again."

try:
    import fcntl
except ImportError:  # Windows: left folders stay until the system cleans its temporary files.
    fcntl = None  # type: ignore[assignment]


class Memory:
    """The folders of one server, one in each place where there can be one."""

    def __init__(self, places: Sequence[Path] | None = None) -> None:
        self.folders: list[Path] = []
        self._owners: list[IO[bytes]] = []
        for place in default_places() if places is None else places:
            clean(place)
            with contextlib.suppress(OSError):
                self._settle_in(place)

    def reserve(self, name: str, size: int) -> Path:
        """Make a file of `size` zero bytes whose room is taken already; raises ServiceError when there is none."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            for folder in self.folders:
                with contextlib.suppress(OSError):
                    _reserve(folder / name, size)
                    return folder / name
            if time.monotonic() > deadline:
                raise ServiceError(NO_ROOM)
            time.sleep(WAIT_SECONDS / 20)

    def close(self) -> None:
        """Remove the folders and what lies in them."""
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)
        for owner in self._owners:
            owner.close()

    def _settle_in(self, place: Path) -> None:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        with contextlib.ExitStack() as undone:
            undone.callback(shutil.rmtree, folder)
            # Locked before it gets its name, so that no other server takes the folder for one without owner.
            owner = undone.enter_context(open(folder / f"{OWNER}.new", "wb"))
            _lock(owner)
            os.rename(owner.name, folder / OWNER)
            undone.pop_all()
        self.folders.append(folder)
        self._owners.append(owner)


def default_places() -> list[Path]:
    """Return the folders named by LRDEMO_MEMORY, else the system's folder in memory and that for temporary files."""
    named = os.environ.get(PLACES)
    if named:
        return [Path(part) for part in named.split(os.pathsep) if part]
    memory = Path("/dev/shm")
    return [*([memory] if memory.is_dir() else []), Path(tempfile.gettempdir())]


def clean(place: Path) -> None:
    """Remove the folders of servers that have ended without doing so; a server's lock ends with it."""
    for folder in place.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), open(folder / OWNER, "r+b") as owner:
            if fcntl is not None:
                _lock(owner)
                shutil.rmtree(folder)


def _lock(file: IO[bytes]) -> None:
    """Lock a file until its process ends, however it ends; raises OSError when another has locked it."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _reserve(path: Path, size: int) -> None:
    with open(path, "xb", buffering=0) as file:
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                rest = memoryview(bytes(size))
                while rest:
                    rest = rest[file.write(rest) :]
        except OSError:
            path.unlink()
            raise
