"""A place where runs are computed: in a training process, or in a thread of this process."""

from __future__ import annotations

import logging
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from lrdemo.serving.handle import RunHandle
from lrdemo.serving.messages import Message, Report

log = logging.getLogger(__name__)


class Workplace(ABC):
    """Hold the handles of the runs computed here, and pass on to them what is reported of them."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self.devices: tuple[str, ...] = ("cpu",)
        self.problem: str | None = None
        self.ready = False
        self.runs: dict[int, RunHandle] = {}
        self._changed = changed
        self._lock = threading.RLock()

    @abstractmethod
    def post(self, message: Message) -> None:
        """Send a message; never blocks."""

    @abstractmethod
    def end(self) -> None:
        """Ask for the end of all work here; returns at once."""

    @abstractmethod
    def join(self, deadline: float) -> None:
        """Wait for the end until `deadline` on the monotonic clock, then force it."""

    @property
    def pid(self) -> int | None:
        """Return the number of the process that works here, None when it is this one."""
        return None

    @property
    def running(self) -> int:
        """Count the runs that are training at present."""
        snapshots = [run.snapshot() for run in list(self.runs.values())]
        return sum(snapshot is not None and snapshot.state == "running" for snapshot in snapshots)

    def add(self, run: RunHandle) -> None:
        """Compute a run here."""
        with self._lock:
            self.runs[run.number] = run
            run.attach(self.post, lambda: self.problem, self._remove)

    def receive(self, report: Report) -> None:
        """Take a report of the training process; see lrdemo.serving.messages."""
        kind = report[0]
        if kind == "ready":
            self.devices, self.ready = report[1], True
            self._changed()
        elif kind == "failed":
            self._give_up(report[1])
        elif kind != "beat":
            run = self.runs.get(report[1])
            if run is not None:
                run.receive(report)
            elif kind == "problem":
                log.warning("A run that has ended had a problem: %s", report[2])

    def _remove(self, run: RunHandle) -> None:
        self.runs.pop(run.number, None)

    def _give_up(self, sentence: str) -> None:
        """Say for good that nothing can be computed here, to all who watch."""
        self.problem = sentence
        self._changed()
        for run in list(self.runs.values()):
            run.receive(("problem", run.number, sentence))


class TrainingThread(Workplace):
    """Compute runs in a thread of this process: for scripts, notebooks and tests."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        super().__init__(changed)
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def post(self, message: Message) -> None:
        """Send a message; never blocks."""
        self._inbox.put(message)

    def end(self) -> None:
        """Ask for the end of all work here; returns at once."""
        self._inbox.put(None)

    def join(self, deadline: float) -> None:
        """Do nothing: the thread ends by itself after its present piece of work."""

    def _work(self) -> None:
        from lrdemo.data import load_mnist
        from lrdemo.model import available_devices
        from lrdemo.serving.jobs import Jobs

        jobs = Jobs(load_mnist(), self.receive, self._inbox)
        self.receive(("ready", available_devices()))
        jobs.serve()
