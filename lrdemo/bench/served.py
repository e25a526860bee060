"""Start the server as a class would (`python -m uvicorn app:app`), look at it from outside, and end all of it.

Memory is what the server and its worker hold in anonymous and shared memory, pages shared by both counted once
(proportional set size). Mapped files are left out: the system takes those pages back when it needs them.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lrdemo.bench.processors import PROC, text_of, used_seconds, waited_seconds
from lrdemo.errors import LrdemoError

PROJECT = Path(__file__).parents[2]
LOOPBACK = "127.0.0.1"
TRAINER = "lrdemo.serving.worker"
START_SECONDS = 60.0
STOP_SECONDS = 15.0
TTL_SECONDS = 5

OPTIONS = {
    # What is left at the end can only be seen when sessions end soon after their tabs.
    "server_disconnectedSessionTTL": TTL_SECONDS,
    # Then whatever is in the log should not be there.
    "logger_level": "warning",
}
# Under uvicorn, Streamlit takes its options from the project's file only, not from the environment.
_START = (
    f"import runpy; from streamlit.web import bootstrap; bootstrap.load_config_options({OPTIONS!r}); "
    "runpy.run_module('uvicorn', run_name='__main__')"
)


@dataclass(frozen=True)
class Held:
    """What the server holds: processes, threads, files of runs and folders of services in shared memory."""

    processes: int
    threads: int
    shared_memory_files: int
    shared_memory_folders: int


class Served:
    """A server on a free loopback port, with its training processes, in a process group of its own."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port = probe.getsockname()[1]
        self.base = f"http://{LOOPBACK}:{port}"
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, "app:app", "--host", LOOPBACK, "--port", str(port), "--no-access-log",
             "--ws-per-message-deflate", "false"],
            cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, start_new_session=True,
        )  # fmt: skip
        self._folders: set[Path] = set()
        self._pids: set[int] = set()

    def __enter__(self) -> Self:
        try:
            self._wait_for_answer()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
        self._log.close()

    @property
    def pid(self) -> int:
        """Return the process number of the server."""
        return self._process.pid

    def log(self) -> list[str]:
        """Return the lines that the server and its worker have written, none if all is well."""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        return [line for line in lines if line.strip()]

    def memories_mb(self) -> list[float]:
        """Return the memory of the server and its worker in MB (10⁶ bytes); none where it cannot be measured."""
        sizes = [_proportional_kb(pid) for pid in self._family()]
        return [round(size * 1024 / 1e6, 1) for size in sizes if size is not None]

    def busy_seconds(self) -> dict[int, float]:
        """Return the processor time that the server and its training processes have used so far, by process number."""
        return {pid: used_seconds(pid) for pid in self._family()}

    def training_waits(self) -> dict[int, float]:
        """Return for how many seconds each training process has been kept from the processors so far.

        By process number; empty where the system does not say.
        """
        waits = {pid: waited_seconds(pid) for pid in self._trainers()}
        return {pid: seconds for pid, seconds in waits.items() if seconds is not None}

    def held(self) -> Held:
        """Count what the server holds now, or what is left of it after it was stopped."""
        family = self._family()
        threads = sum(len(list((PROC / str(pid) / "task").glob("*"))) for pid in family)
        folders = [folder for folder in self._folders if folder.exists()]
        files = sum(len(list(folder.glob("*.run"))) for folder in folders)
        return Held(len(family), threads, files, len(folders))

    def stop(self) -> float:
        """End the server as Ctrl-C would; return the seconds until all its processes are gone.

        What does not end in time is killed.
        """
        began = time.monotonic()
        if self._process.poll() is None:
            self._family()
            self._process.send_signal(signal.SIGINT)
            while self._process.poll() is None or self._family():
                if time.monotonic() > began + STOP_SECONDS:
                    os.killpg(self._process.pid, signal.SIGKILL)
                    self._process.wait()
                    break
                time.sleep(0.01)
        return time.monotonic() - began

    def _wait_for_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        host, port = self.base.removeprefix("http://").split(":")
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection((host, int(port)), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise LrdemoError("The server did not start:\n" + "\n".join(self.log()[-20:]))

    def _family(self) -> list[int]:
        """Return the living processes of the server's group, and learn where its runs lie in memory."""
        for entry in PROC.glob("[0-9]*/stat"):
            # The group is the fifth field; the second is a name in brackets that may hold blanks.
            fields = text_of(entry).rpartition(")")[2].split()
            if len(fields) > 2 and fields[2] == str(self._process.pid) and fields[0] != "Z":
                self._pids.add(int(entry.parent.name))
        alive = [pid for pid in sorted(self._pids) if _group(pid) == self._process.pid]
        self._folders |= {folder for pid in alive for folder in _folders(pid)}
        return alive

    def _trainers(self) -> list[int]:
        return [pid for pid in self._family() if _folders(pid)]


def _folders(pid: int) -> list[Path]:
    """Return where a training process finds its runs in memory; none for another process."""
    words = text_of(PROC / str(pid) / "cmdline").rstrip("\0").split("\0")
    return [Path(word) for word in words[words.index(TRAINER) + 1 :]] if TRAINER in words else []


def _group(pid: int) -> int | None:
    fields = text_of(PROC / str(pid) / "stat").rpartition(")")[2].split()
    return int(fields[2]) if len(fields) > 2 and fields[0] != "Z" else None


def _proportional_kb(pid: int) -> int | None:
    lines = text_of(PROC / str(pid) / "smaps_rollup").splitlines()
    sizes = [int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:"))]
    return sum(sizes) if sizes else None
