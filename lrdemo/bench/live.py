"""How fast a run in the service is, beside the bare loop of the same steps in a process of its own.

Both train by hand at full speed on one thread, at the same priority. The run in the service is tested, published, and
read ten times a second; the loop is neither tested nor watched. Time for which the system kept them from the
processors does not count.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lrdemo.bench.processors import waited_seconds
from lrdemo.errors import LrdemoError
from lrdemo.formats import count
from lrdemo.serving.service import Service
from lrdemo.settings import FULL_SPEED, Settings

WHOLE = 30_000
WARM_UP = 600
REPEATS = 3
LOOK_SECONDS = 0.1
NEAR_END, CLOSE_LOOK_SECONDS = 0.9, 0.005
LONGEST_SECONDS = 300.0
LEAST_ACCURACY = 0.85
NICENESS = 5
"""That of the training processes."""


def live_over_by_hand(
    iterations: int = WHOLE, repeats: int = REPEATS, say: Callable[[str], Any] = lambda text: None
) -> float:
    """Return the iterations per second in the service by those of the bare loop: medians of runs that take turns.

    Raises LrdemoError when a run does not end, or has not learned.
    """
    service = Service()
    live, loop = [], []
    try:
        if not service.ready.wait(LONGEST_SECONDS):
            raise LrdemoError("The training process did not start.")
        _served(service, WARM_UP)
        for turn in range(repeats):
            say(f"round {turn + 1} of {repeats}: a run in the service, and the loop alone")
            live.append(iterations / _served(service, iterations))
            loop.append(iterations / _looped(iterations))
    finally:
        service.close()
    speeds = statistics.median(live), statistics.median(loop)
    say(f"{count(speeds[0])} and {count(speeds[1])} iterations per second")
    return round(speeds[0] / speeds[1], 3)


def _served(service: Service, iterations: int) -> float:
    """Return the seconds from the Start of a run in the service until it is seen to have finished."""
    settings = Settings(iterations=iterations, pace=FULL_SPEED)
    run = service.open_run(settings)
    try:
        watch = _Watch(service.worker_pids[0])
        run.start(settings)
        while (snapshot := run.snapshot()) is None or snapshot.state != "finished":
            if watch.seconds > LONGEST_SECONDS:
                raise LrdemoError("The run in the service did not end.")
            near = snapshot is not None and snapshot.iteration > NEAR_END * iterations
            time.sleep(CLOSE_LOOK_SECONDS if near else LOOK_SECONDS)
        seconds = watch.seconds
    finally:
        run.close()
    if snapshot.lane.tests[-1].accuracy < LEAST_ACCURACY:
        raise LrdemoError("The run in the service has not learned: its time is void.")
    return seconds


def _looped(iterations: int) -> float:
    """Return the seconds that the loop takes in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "lrdemo.bench.live", str(iterations)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise LrdemoError(f"The loop could not be timed: {done.stderr.strip()}")
    return float(done.stdout)


def _loop(iterations: int) -> float:
    """Train in this process, and return how long that took in seconds."""
    import torch

    from lrdemo.data import load_mnist
    from lrdemo.minibatches import resident
    from lrdemo.trainer import Trainer

    if hasattr(os, "nice"):
        os.nice(NICENESS)
    torch.set_num_threads(1)
    tensors = resident(load_mnist(), "cpu", "pixels")
    Trainer(Settings(iterations=WARM_UP), tensors, tests=False).advance(WARM_UP)
    trainer = Trainer(Settings(iterations=iterations), tensors, tests=False)
    watch = _Watch(os.getpid())
    trainer.advance(iterations)
    return watch.seconds


class _Watch:
    """Time a process from now on, less what it waits for a processor."""

    def __init__(self, pid: int | None) -> None:
        self._pid = pid
        self._start = self._now()

    @property
    def seconds(self) -> float:
        return self._now() - self._start

    def _now(self) -> float:
        waited = None if self._pid is None else waited_seconds(self._pid)
        return time.perf_counter() - (waited or 0.0)


if __name__ == "__main__":
    print(_loop(int(sys.argv[1])))
