"""The training service as the rest of the program sees it: it opens runs and places them where least is running.

The training is done by lrdemo.serving.worker, in processes of its own or, for scripts, notebooks and tests, in a
thread of this one. The service imports no torch.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from lrdemo.candidates import Candidate
from lrdemo.errors import ServiceError
from lrdemo.serving.handle import RunHandle
from lrdemo.serving.memory import Memory
from lrdemo.serving.messages import Message
from lrdemo.serving.training_process import TrainingProcess, process_count
from lrdemo.serving.workplace import TrainingThread, Workplace
from lrdemo.settings import Settings

CLOSE_SECONDS = 1.0
PREPARE: Message = (0, 0, "prepare", ())


class Service:
    """Own the training processes and all runs. `in_process=True` trains in a thread of this process instead."""

    def __init__(self, in_process: bool = False) -> None:
        self.memory = Memory()
        self.ready = threading.Event()
        self._in_process = in_process
        self._most = 1 if in_process else process_count()
        self._lock = threading.Lock()
        self._places: list[Workplace] = []
        self._places.append(self._new_place())
        self._look()

    def open_run(
        self, settings: Settings, learning_rates: Sequence[float] = (), candidates: Sequence[Candidate] = ()
    ) -> RunHandle:
        """Open a run, untrained and waiting; with learning rates a race of them, with candidates their comparison.

        Raises ServiceError when there is no memory for it, or nothing can be trained at all.
        """
        with self._lock:
            if self.problem:
                raise ServiceError(self.problem)
            run = RunHandle(self.memory, settings, learning_rates, candidates)
            able = [place for place in self._places if not place.problem]
            min(able, key=lambda place: (place.running, len(place.runs))).add(run)
            if len(self._places) < self._most and all(place.runs for place in self._places):
                # Ready when the next visitor comes.
                self._places.append(self._new_place())
        return run

    @property
    def runs(self) -> list[RunHandle]:
        """Return the runs that are open."""
        return [run for place in self._places for run in list(place.runs.values())]

    @property
    def devices(self) -> tuple[str, ...]:
        """Return the devices that can be computed on, `cpu` first."""
        return max((place.devices for place in self._places), key=len, default=("cpu",))

    @property
    def problem(self) -> str | None:
        """Return why nothing can be trained any more, if so, in a sentence."""
        problems = [place.problem for place in self._places]
        return problems[0] if problems and all(problems) else None

    @property
    def worker_pids(self) -> list[int]:
        """Return the process numbers of the training processes; none when training is done in this process."""
        return [place.pid for place in self._places if place.pid is not None]

    def close(self) -> None:
        """End all runs and all training processes, within two seconds whatever they do."""
        with self._lock:
            for run in self.runs:
                run.close()
            for place in self._places:
                place.end()
            deadline = time.monotonic() + CLOSE_SECONDS
            for place in self._places:
                place.join(deadline)
        self.memory.close()

    def _new_place(self) -> Workplace:
        if self._in_process:
            return TrainingThread(self._look)
        # One of them prepares the images in all ways for all.
        return TrainingProcess(self.memory.folders, self._look, [] if self._places else [PREPARE])

    def _look(self) -> None:
        if any(place.ready for place in self._places) or self.problem:
            self.ready.set()
        else:
            self.ready.clear()
