"""One training process: started, fed, listened to, watched, and replaced when it dies or hangs.

Three threads serve it, so that whatever it does blocks nobody: one writes what is waiting for it, one listens to its
reports, one counts the heartbeats that fail to come.
"""

from __future__ import annotations

import contextlib
import io
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lrdemo.serving.handle import RunHandle
from lrdemo.serving.messages import Message, Report, packed, read_message, write
from lrdemo.serving.worker import BEAT_SECONDS
from lrdemo.serving.workplace import Workplace, log

SILENT_BEATS, SILENT_START = 10, 120
"""A process that has been silent for so many beats (more while it starts) is stopped or hangs."""
PIECE_SECONDS = 60.0
"""No piece of work takes that long: it hangs."""
MOST_RESTARTS = 5
RESTARTS_WITHIN_SECONDS = 60.0
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""For NumPy's matrix products: a second thread would wait for the next one without sleeping, on a processor's time."""
KEEPS_STOPPING = "The training process keeps stopping. Close other programs and start the server again."
STOPS_THE_PROCESS = "This run kept stopping the training process and was ended. Reload the page to begin a new one."

Inbox = queue.SimpleQueue[Message | None]


class TrainingProcess(Workplace):
    """Compute runs in a process of their own; a process that dies is replaced, and its runs are built again."""

    def __init__(
        self, folders: Sequence[Path], changed: Callable[[], None] = lambda: None, first: Sequence[Message] = ()
    ) -> None:
        super().__init__(changed)
        self._command = [sys.executable, "-m", "lrdemo.serving.worker", *map(str, folders)]
        self._first = list(first)
        self._ending = False
        self._deaths: list[tuple[float, RunHandle | None]] = []
        """When the process died lately, and at work on which run."""
        self._silent = 0
        self._end = threading.Event()
        with self._lock:
            self._begin()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def pid(self) -> int:
        """Return the number of the present process."""
        return self._process.pid

    def post(self, message: Message) -> None:
        """Send a message; never blocks."""
        self._inbox.put(message)

    def end(self) -> None:
        """Ask for the end of all work here; returns at once."""
        with self._lock:
            self._ending = True
            self._end.set()
            self._inbox.put(None)

    def join(self, deadline: float) -> None:
        """Wait for the end until `deadline` on the monotonic clock, then force it."""
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def receive(self, report: Report) -> None:
        """Take a report of the training process; see lrdemo.serving.messages."""
        self._silent = 0
        if report[0] == "beat" and report[1] > PIECE_SECONDS:
            log.warning("The training process hangs; it is replaced.")
            self._process.kill()
        super().receive(report)

    def _begin(self) -> None:
        self._inbox: Inbox = queue.SimpleQueue()
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], bufsize=0,
            env=os.environ | ONE_THREAD,
        )  # fmt: skip
        for message in self._first:
            self._inbox.put(message)
        threading.Thread(target=_feed, args=(self._process, self._inbox), daemon=True).start()
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert isinstance(process.stdout, io.FileIO)
        with io.BufferedReader(process.stdout) as stream:
            while (report := read_message(stream)) is not None:
                self.receive(report)
        # Only here is it certain that everything which the process has reported is noted.
        self._replace(process)

    def _replace(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        status = process.wait()
        with self._lock:
            self._inbox.put(None)
            if self._ending or self.problem:
                return
            self.ready = False
            self._changed()
            if not self._may_restart():
                self._give_up(KEEPS_STOPPING)
                return
            log.warning("The training process stopped (status %s); starting it again.", status)
            for run in list(self.runs.values()):
                run.detach()
            self._silent = 0
            self._begin()
            for run in list(self.runs.values()):
                run.attach(self.post, lambda: self.problem, self._remove)

    def _may_restart(self) -> bool:
        """Note a death. Where there are too many, tell whether they end with the run at whose work all happened."""
        now = time.monotonic()
        run = next((run for run in list(self.runs.values()) if run.at_work), None)
        self._deaths = [death for death in self._deaths if now - death[0] < RESTARTS_WITHIN_SECONDS] + [(now, run)]
        if len(self._deaths) <= MOST_RESTARTS:
            return True
        if run is None or any(other is not run for _, other in self._deaths):
            return False
        self._deaths.clear()
        run.close(STOPS_THE_PROCESS)
        return True

    def _watch(self) -> None:
        # Beats are counted, not timed: when this process has slept as well, nothing is wrong.
        while not self._end.wait(BEAT_SECONDS):
            self._silent += 1
            if self._silent > (SILENT_BEATS if self.ready else SILENT_START) and not self.problem:
                log.warning("The training process gives no sign of life; it is replaced.")
                self._silent = 0
                self._process.kill()


def _feed(process: subprocess.Popen[bytes], inbox: Inbox) -> None:
    """Write what is waiting for a process; its input ends when there is nothing more to come."""
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        while (message := inbox.get()) is not None:
            write(process.stdin.fileno(), packed(message))
    with contextlib.suppress(OSError):
        process.stdin.close()


def process_count() -> int:
    """Return how many training processes there may be: LRDEMO_PROCESSES, else one for each spare core."""
    named = os.environ.get("LRDEMO_PROCESSES", "")
    if named.isdecimal() and int(named) > 0:
        return int(named)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores - 1)
