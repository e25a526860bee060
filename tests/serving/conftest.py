"""What the tests of the service share: waiting for a condition, however busy the machine is."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lrdemo.serving.board import Board, Snapshot, shape_of
from lrdemo.serving.handle import RunHandle
from lrdemo.serving.job import Job, build
from lrdemo.serving.memory import Memory
from lrdemo.serving.messages import Opening, Standing
from lrdemo.serving.service import Service
from lrdemo.settings import Settings

LONG = 120.0
UNTOUCHED = Standing()


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


@pytest.fixture
def open_job(digits, tmp_path):
    """A job as a training process has it, and its board."""
    memory = Memory([tmp_path])

    def opened(
        rates=(), events=(), standing=UNTOUCHED, away=False, tested=True, seconds=None, meter=time.thread_time, **values
    ):
        settings, name = Settings(**values), f"{len(list(memory.folders[0].iterdir()))}.run"
        shape = shape_of(settings, len(rates) or 1)
        board = Board(memory.reserve(name, shape.size), shape)
        opening = Opening(str(board.path), settings, tuple(rates), tuple(events), standing, away)
        job = Job(board, lambda settings: build(settings, lambda _: digits, rates), opening, seconds, meter)
        while tested and job.due(0.0) and not (job.at_rest and job.run.tested):
            job.work(lambda: 0.0, 0.004)
        return job, board

    yield opened
    memory.close()
