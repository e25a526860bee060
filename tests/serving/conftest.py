"""What the tests of the service share: waiting for a condition, however busy the machine is."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lrdemo.serving.board import Snapshot
from lrdemo.serving.handle import RunHandle
from lrdemo.serving.service import Service

LONG = 120.0


def becomes(true: Callable[[], object]) -> bool:
    """Wait until something is true; tell whether it is."""
    deadline = time.monotonic() + LONG
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(true())


def alive(pid: int | str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def settled(run: RunHandle, iteration: int | None = None) -> Snapshot:
    """Wait until every command is answered and the run stands still (at an iteration)."""
    assert becomes(lambda: not run._commands), [command.verb for command in run._commands.values()]
    return run.wait(
        LONG,
        lambda found: found.state in ("ready", "paused", "finished")
        and (iteration is None or found.iteration == iteration),
    )


def kill(service: Service) -> int:
    """Kill the (first) training process and return its number; one that has just died is waited for to be replaced."""
    while True:
        pid = service.worker_pids[0]
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return pid


@pytest.fixture
def service() -> Iterator[Service]:
    """One training process, and a service of the test's own to break."""
    service = Service()
    assert service.ready.wait(LONG)
    yield service
    service.close()
