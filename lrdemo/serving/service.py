"""The training service as the rest of the program sees it: open a run, command it, read its snapshots.

The training itself is done by lrdemo.serving.worker, in a process of its own or, for scripts, notebooks and tests, in a
thread of this one. The service imports no torch. A worker that dies is started again, and every run is built again
up to the iteration where it was.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import queue
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.errors import ServiceError
from lrdemo.serving.board import Board, Snapshot
from lrdemo.serving.messages import Event, read_message, write_message
from lrdemo.settings import Settings, changed

ANSWER_SECONDS = 20.0
CONTROL_SECONDS = 1.0
MOST_RESTARTS = 5
MOST_TEACHINGS = 20
STARTING = "The training process is still starting. Try again in a moment."
RESTARTS_WITHIN_SECONDS = 60.0

_log = logging.getLogger(__name__)


class Run:
    """Be the one face of a run: command it and read it, wherever it is computed.

    Commands return at once when the worker is still starting; they are carried out in order.
    """

    def __init__(self, service: Service, number: int, settings: Settings, rates: tuple[float, ...]) -> None:
        self._service = service
        self.number = number
        self.token = secrets.token_urlsafe(16)
        self.settings = settings
        self.rates = rates
        self.board = Board(service.folder / f"{number}.run", most_lanes=len(rates) or 1)
        self.watchers: list[Callable[[], None]] = []
        self.rebuilt = 0
        self.events: list[Event] = []
        self._away_state: str | None = None

    def start(self, settings: Settings | None = None) -> None:
        """Start from the untrained model, with other settings if given."""
        self._begin_again(settings)
        self._command("start", self.settings)

    def pause(self) -> None:
        """Stand still."""
        self._command("pause")

    def resume(self) -> None:
        """Go on from where the run stands."""
        self._command("resume")

    def step(self, count: int = 1) -> None:
        """Train exactly `count` iterations."""
        self._command("step", count)

    def reset(self, settings: Settings | None = None) -> None:
        """Go back to the untrained model and wait for a start."""
        self._begin_again(settings)
        self._command("reset", self.settings)

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next iteration on."""
        iteration = self._command("set_learning_rate", value)
        if iteration is not None:
            self.events.append(Event(iteration, "set_learning_rate", (value,)))

    def set_pace(self, value: int) -> None:
        """Train at `value` iterations per second; 0 means as fast as it goes."""
        # Kept, so that a run that has to be built again goes on at this pace.
        self.settings = changed(self.settings, pace=value)
        self._command("set_pace", value)

    def teach(
        self, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], steps: int, copies: int
    ) -> None:
        """Take extra steps with own drawings mixed into the minibatches: images [n, 784] prepared, labels [n].

        Raises ServiceError when this cannot be done (again): undo, or start anew.
        """
        if self.taught >= MOST_TEACHINGS:
            raise ServiceError(f"A run can be taught {MOST_TEACHINGS} times. Undo some, or start it again.")
        arguments = (images, labels, steps, copies)
        iteration = self._service.call(self, "teach", *arguments)
        if iteration is None:
            raise ServiceError(STARTING)
        self.events.append(Event(iteration, "teach", arguments))

    def undo_teaching(self) -> None:
        """Undo the latest teaching: the model is what it would be without it."""
        latest = max((at for at, event in enumerate(self.events) if event.verb == "teach"), default=None)
        events = [event for at, event in enumerate(self.events) if at != latest]
        if self._service.call(self, "undo_teaching", events) is None:
            raise ServiceError(STARTING)
        self.events = events

    @property
    def taught(self) -> int:
        """Count the teachings that have not been undone."""
        return sum(event.verb == "teach" for event in self.events)

    def snapshot(self) -> Snapshot | None:
        """Return the latest state and results, or None while the worker is still starting."""
        return self.board.read()

    def ask(self, question: str, **details: Any) -> dict[str, Any]:
        """Ask the worker something about the live run; see lrdemo.serving.questions for what there is to ask.

        Raises ServiceError when no answer comes.
        """
        found = self._service.call(self, "ask", question, details)
        if found is None:
            raise ServiceError(STARTING)
        return dict(found)

    @property
    def problem(self) -> str | None:
        """Return why nothing can be trained at present, if so, in a sentence."""
        return self._service.problem

    def wait(self, seconds: float, until: Callable[[Snapshot], bool]) -> Snapshot:
        """Return the first snapshot that satisfies `until`; raises ServiceError when none does in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            snapshot = self.snapshot()
            if snapshot is not None and until(snapshot):
                return snapshot
            time.sleep(0.005)
        raise ServiceError(f"The run did not get there within {seconds:g} seconds.")

    def leave(self) -> None:
        """Stand still because nobody watches any more."""
        snapshot = self.snapshot()
        if snapshot is not None and snapshot.state == "running":
            self._away_state = "running"
            self._service.send(self, "pause")

    def come_back(self) -> None:
        """Go on if the run only stood still because nobody watched."""
        if self._away_state == "running":
            self._away_state = None
            self._service.send(self, "resume")

    def close(self) -> None:
        """End the run and free its memory."""
        self._service.close_run(self)

    def rebuild_message(self) -> tuple[Any, ...] | None:
        """Return what a new worker needs to build this run again up to where it was."""
        snapshot = self.snapshot()
        if snapshot is None or not (snapshot.iteration or snapshot.state == "running" or self.events):
            return None
        return (self.events, snapshot.iteration, snapshot.state)

    def _begin_again(self, settings: Settings | None) -> None:
        self.events = []
        self._away_state = None
        if settings is not None:
            self.settings = settings

    def _command(self, verb: str, *arguments: Any) -> Any:
        return self._service.call(self, verb, *arguments, seconds=CONTROL_SECONDS)


class Service:
    """Own the worker and all runs. `in_process=True` trains in a thread of this process instead."""

    def __init__(self, in_process: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lrdemo-", dir=_memory_folder()))
        self.devices: tuple[str, ...] = ("cpu",)
        self.problem: str | None = None
        self.ready = threading.Event()
        self._in_process = in_process
        self._numbers = itertools.count(1)
        self._runs: dict[int, Run] = {}
        self._answers: dict[int, queue.SimpleQueue[tuple[bool, Any]]] = {}
        self._lock = threading.RLock()
        self._closing = False
        self._restarts: list[float] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._start_worker()

    def open_run(self, settings: Settings, learning_rates: Sequence[float] = ()) -> Run:
        """Open a run, untrained and waiting; with learning rates, a race of them."""
        with self._lock:
            run = Run(self, next(self._numbers), settings, tuple(learning_rates))
            self._runs[run.number] = run
            self._open(run)
        return run

    def close_run(self, run: Run) -> None:
        """End a run; closing it twice does nothing."""
        with self._lock:
            if self._runs.pop(run.number, None) is None:
                return
            self._send((next(self._numbers), run.number, "close", ()))
        run.board.path.unlink(missing_ok=True)

    @property
    def runs(self) -> list[Run]:
        """Return the runs that are open."""
        return list(self._runs.values())

    @property
    def worker_pid(self) -> int | None:
        """Return the process number of the worker, or None when it is in this process."""
        return self._process.pid if self._process else None

    def call(self, run: Run, verb: str, *arguments: Any, seconds: float = ANSWER_SECONDS) -> Any:
        """Send a command and return its answer, or None when it has not come within `seconds`.

        Raises ServiceError with the worker's own sentence when the command could not be carried out.
        """
        if self.problem:
            raise ServiceError(self.problem)
        number = next(self._numbers)
        answers: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()
        self._answers[number] = answers
        try:
            self._send((number, run.number, verb, arguments))
            fine, value = answers.get(timeout=seconds)
        except queue.Empty:
            return None
        finally:
            self._answers.pop(number, None)
        for wake in list(run.watchers):
            wake()
        if not fine:
            raise ServiceError(value)
        return value

    def send(self, run: Run, verb: str, *arguments: Any) -> None:
        """Send a command without waiting for its answer."""
        self._send((next(self._numbers), run.number, verb, arguments))

    def close(self) -> None:
        """End all runs and the worker."""
        with self._lock:
            self._closing = True
            self._runs.clear()
        if self._process is None:
            self._inbox.put(None)
        else:
            with contextlib.suppress(OSError):
                assert self._process.stdin is not None
                self._process.stdin.close()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start_worker(self) -> None:
        if self._in_process:
            threading.Thread(target=self._work_here, daemon=True).start()
            return
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lrdemo.serving.worker", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def _work_here(self) -> None:
        from lrdemo.data import load_mnist
        from lrdemo.model import available_devices
        from lrdemo.serving.worker import Worker

        self._receive(0, True, available_devices())
        Worker(load_mnist(), self._receive).serve(self._inbox)

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        while (message := read_message(process.stdout)) is not None:
            self._receive(*message)
        process.stdout.close()
        if not self._closing:
            self._restart(process)

    def _receive(self, number: int, fine: bool, value: Any) -> None:
        if number == 0:
            if fine:
                self.devices, self.problem = value, None
            else:
                self.problem = value
            self.ready.set()
            return
        answers = self._answers.get(number)
        if answers is not None:
            answers.put((fine, value))
        elif not fine:
            _log.warning("A command failed after nobody waited for it: %s", value)

    def _restart(self, process: subprocess.Popen[bytes]) -> None:
        status = process.wait()
        if self.problem:
            return
        now = time.monotonic()
        self._restarts = [moment for moment in self._restarts if now - moment < RESTARTS_WITHIN_SECONDS] + [now]
        if len(self._restarts) > MOST_RESTARTS:
            self.problem = "The training process keeps stopping. Close other programs and start the server again."
            self.ready.set()
            return
        _log.warning("The training process stopped (status %s); starting it again.", status)
        with self._lock:
            if self._closing:
                return
            self.ready.clear()
            with contextlib.suppress(OSError):
                assert process.stdin is not None
                process.stdin.close()
            self._start_worker()
            for run in self._runs.values():
                message = run.rebuild_message()
                self._open(run)
                if message is not None:
                    run.rebuilt += 1
                    self.send(run, "rebuild", *message)

    def _open(self, run: Run) -> None:
        self.send(run, "open", str(run.board.path), run.settings, run.rates)

    def _send(self, message: tuple[int, int, str, tuple[Any, ...]]) -> None:
        if self._process is None:
            self._inbox.put(message)
            return
        with self._lock, contextlib.suppress(OSError):
            # A broken pipe is noticed by the listener, which starts the worker again.
            assert self._process.stdin is not None
            write_message(self._process.stdin, message)


def _memory_folder() -> str | None:
    # Where the system has a folder in memory, the boards never touch the disk.
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and _writable(memory) else None


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
