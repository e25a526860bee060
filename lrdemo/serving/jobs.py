"""The runs of many visitors in one training process: one thread advances them in small pieces and shares its time.

Commands come in, reports go out, results lie on each run's board.
"""

from __future__ import annotations

import queue
import time
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lrdemo.data import Digits
from lrdemo.errors import LrdemoError
from lrdemo.minibatches import Tensors
from lrdemo.serving.asking import Questions
from lrdemo.serving.board import Board
from lrdemo.serving.images import Images
from lrdemo.serving.job import Job, Kind, build
from lrdemo.serving.messages import BEGINNINGS, Message, Opening, Report
from lrdemo.serving.shares import Shares
from lrdemo.settings import Settings

IDLE_SECONDS = 3600.0
ROUND_SECONDS = 0.06
"""In this time every running job should have had its turn: with many, the slices are shorter."""
SHORTEST_SLICE_SECONDS, LONGEST_SLICE_SECONDS = 0.002, 0.01
"""A slice of a step or two would cost more to begin than it trains; sixty of the shortest take less than 0.2 s."""
PIECE_SECONDS = 0.004
"""So long should one piece of work take at most: as long a command may have to wait."""
LOADED: Message = (0, 0, "loaded", ())

Inbox = queue.SimpleQueue[Message | None]


class Jobs:
    """Hold the jobs, carry out commands between pieces of work, and share the time between the jobs."""

    def __init__(self, digits: Digits, report: Callable[[Report], None], inbox: Inbox) -> None:
        self.began: float | None = None
        """When the present piece of work began; None while there is nothing to do."""
        self._report = report
        self._inbox = inbox
        self._images = Images(digits, lambda: inbox.put(LOADED))
        self._jobs: dict[int, Job] = {}
        self._shares = Shares()
        self._questions = Questions(report)
        self._unanswered: dict[int, list[int]] = {}
        """By run: the commands that are being carried out, such as a Step."""
        self._parked: dict[int, deque[Message]] = {}
        """By run: commands that wait for images to be loaded."""
        self._seconds_per_step: dict[Kind, float] = {}

    def serve(self) -> None:
        """Work until the inbox gives None."""
        pause = 0.0
        while True:
            self.began = None if pause > 0 else time.monotonic()
            try:
                message = self._inbox.get(timeout=pause) if pause > 0 else self._inbox.get_nowait()
            except queue.Empty:
                self.began = time.monotonic()
                pause = self._slice()
                continue
            if message is None:
                return self._end()
            self._take(message)
            pause = 0.0

    def _end(self) -> None:
        for job in self._jobs.values():
            job.close()

    def _slice(self) -> float:
        """Let the job that has used least time do some pieces; return how long to sleep when there is none to do."""
        now = time.perf_counter()
        due = [number for number, job in self._jobs.items() if job.due(now) or self._questions.ready(number, job)]
        # Somebody looks at a Step that is not done yet, or waits for an earlier moment.
        number = self._shares.next(due, {*self._unanswered, *(one for one in due if self._jobs[one].looks_back)})
        if number is None:
            waits = [wait for job in self._jobs.values() if (wait := job.wait(now)) is not None]
            return min([*waits, IDLE_SECONDS]) + 1e-4
        # Processor time: what another program takes in between is not charged to anybody.
        job, start = self._jobs[number], time.thread_time()
        seconds = max(SHORTEST_SLICE_SECONDS, min(LONGEST_SLICE_SECONDS, ROUND_SECONDS / len(due)))
        # One piece more for a little that is left would take it far beyond.
        end = start + 0.6 * seconds
        try:
            while True:
                if not self._questions.work(number, job):
                    job.work(time.perf_counter, min(PIECE_SECONDS, seconds))
                if time.thread_time() >= end or not self._inbox.empty() or not job.due(time.perf_counter()):
                    break
        except Exception as error:
            self._stop(number, job, error)
        self._shares.charge(number, time.thread_time() - start)
        if self._unanswered.get(number) and job.at_rest:
            for command in self._unanswered.pop(number):
                self._report(("answer", number, command, True, job.run.iteration))
        return 0.0

    def _stop(self, number: int, job: Job, error: Exception) -> None:
        traceback.print_exc()
        unanswered = self._unanswered.pop(number, [])
        sentence = f"This run stopped because of an error ({type(error).__name__}). Reset it to go on."
        try:
            job.stop(time.perf_counter())
        except Exception:
            # Not even its board can be written: it is given up.
            traceback.print_exc()
            self._close(number)
        self._report(("problem", number, sentence))
        for command in unanswered:
            self._report(("answer", number, command, False, sentence))

    def _take(self, message: Message) -> None:
        """Carry out one command, or have it wait for the images that it needs."""
        command, number, verb, arguments = message
        if verb == "loaded":
            for run in list(self._parked):
                for parked in self._parked.pop(run):
                    self._take(parked)
        elif verb == "prepare":
            self._images.prepare()
        elif verb == "close":
            self._close(number)
        elif number in self._parked:
            self._parked[number].append(message)
        else:
            start = time.thread_time()
            try:
                if not self._carry_out(command, number, verb, arguments):
                    self._parked[number] = deque([message])
            except LrdemoError as error:
                self._refuse(command, number, str(error))
            except Exception as error:
                traceback.print_exc()
                self._refuse(command, number, f"The training process could not do that ({type(error).__name__}).")
            self._shares.charge(number, time.thread_time() - start)

    def _refuse(self, command: int, number: int, sentence: str) -> None:
        if command:
            self._report(("answer", number, command, False, sentence))
        else:
            self._report(("problem", number, sentence))

    def _carry_out(self, command: int, number: int, verb: str, arguments: tuple[Any, ...]) -> bool:
        """Do what one command says; return whether it could be done, with the images that there are."""
        if verb == "open":
            return self._open(number, *arguments)
        job = self._jobs.get(number)
        if job is None:
            raise LrdemoError("This run has ended. Reload the page to begin a new one.")
        if verb == "ask":
            self._questions.add(number, command, *arguments)
            return True
        if (
            verb in BEGINNINGS
            and arguments[0] is not None
            and not self._images.have(arguments[0], job.candidates)
        ):
            return False
        event = job.apply(time.perf_counter(), verb, *arguments)
        if command:
            # Reported before the run goes on: what its board shows is always part of its record.
            self._report(("did", number, command, event, job.standing))
            if job.at_rest:
                self._report(("answer", number, command, True, job.run.iteration))
            else:
                self._unanswered.setdefault(number, []).append(command)
        return True

    def _open(self, number: int, opening: Opening) -> bool:
        if not self._images.have(opening.settings, opening.candidates):
            return False
        try:
            board = Board(Path(opening.board))
        except FileNotFoundError:
            return True  # The run was closed before it was begun; that is one of the next commands.
        rates, candidates = opening.learning_rates, opening.candidates
        self._jobs[number] = Job(
            board,
            lambda settings: build(settings, self._tensors, rates, candidates),
            opening,
            self._seconds_per_step,
        )
        return True

    def _tensors(self, settings: Settings) -> Tensors:
        tensors = self._images.get(settings)
        assert tensors is not None
        return tensors

    def _close(self, number: int) -> None:
        job = self._jobs.pop(number, None)
        if job is not None:
            job.close()
        self._parked.pop(number, None)
        self._unanswered.pop(number, None)
        self._questions.forget(number)
        self._shares.forget(number)
