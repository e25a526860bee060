"""The training process: all runs of all visitors, advanced in turn by one thread.

Commands come in, answers go out, results lie on each run's board. It ends when its input ends, so it cannot
outlive the server. `python -m lrdemo.serving.worker` is started by lrdemo.serving.service and talks over its
standard streams.
"""

from __future__ import annotations

import gc
import os
import queue
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from lrdemo.data import Digits, load_mnist
from lrdemo.drawings.spaces import keep_spaces
from lrdemo.errors import LrdemoError
from lrdemo.features import Features, prepared
from lrdemo.serving.board import Board
from lrdemo.serving.job import SLICE_SECONDS, Job, Kind, build
from lrdemo.serving.messages import Message, read_message, write_message
from lrdemo.serving.questions import QUESTIONS
from lrdemo.settings import FULL_SPEED, TABLE, Settings

IDLE_SECONDS = 3600.0
ROUND_SECONDS = 0.06
"""In this time every running job should have had its turn, tests aside: with many, the slices are shorter."""


class Worker:
    """Hold the jobs, carry out commands between slices, and share the processor fairly."""

    def __init__(self, digits: Digits, answer: Callable[[int, bool, Any], None]) -> None:
        self._digits = digits
        self._answer = answer
        self._jobs: dict[int, Job] = {}
        self._turn: list[int] = []
        self._speeds: dict[Kind, float] = {}

    def serve(self, inbox: queue.SimpleQueue[Message | None]) -> None:
        """Work until the inbox gives None."""
        pause = 0.0
        while True:
            try:
                message = inbox.get(timeout=pause) if pause > 0 else inbox.get_nowait()
            except queue.Empty:
                pause = self._slice()
                continue
            if message is None:
                return
            self._carry_out(*message)
            pause = 0.0

    def _slice(self) -> float:
        """Let the next job in turn do one slice; return how long to sleep when none has anything to do."""
        running = sum(job.state == "running" for job in self._jobs.values())
        seconds = min(SLICE_SECONDS, ROUND_SECONDS / max(1, running))
        for _ in range(len(self._turn)):
            number = self._turn.pop(0)
            self._turn.append(number)
            job = self._jobs[number]
            if job.due(time.perf_counter(), seconds) > 0:
                try:
                    job.work(time.perf_counter, seconds)
                except Exception:
                    traceback.print_exc()
                    job.state = "paused"
                return 0.0
        now = time.perf_counter()
        waits = [job.wait(now) for job in self._jobs.values() if job.state == "running" and job.pace != FULL_SPEED]
        return min([*waits, IDLE_SECONDS]) + 1e-4

    def _carry_out(self, message: int, run: int, verb: str, arguments: tuple[Any, ...]) -> None:
        try:
            self._answer(message, True, self._do(run, verb, arguments))
        except LrdemoError as error:
            self._answer(message, False, str(error))
        except Exception as error:
            traceback.print_exc()
            self._answer(message, False, f"The training process could not do that ({type(error).__name__}).")

    def _do(self, run: int, verb: str, arguments: tuple[Any, ...]) -> Any:
        if verb == "open":
            path, settings, rates = arguments
            board = Board(Path(path), most_lanes=len(rates) or 1)
            self._jobs[run] = Job(board, lambda settings: build(settings, rates, self._digits), settings, self._speeds)
            self._turn.append(run)
            return None
        job = self._jobs.get(run)
        if verb == "close":
            self._jobs.pop(run, None)
            self._turn = [number for number in self._turn if number != run]
            return None
        if job is None:
            raise LrdemoError("This run has ended. Reload the page to begin a new one.")
        if verb == "ask":
            question, details = arguments
            return QUESTIONS[question](job.learner, **details)
        job.apply(time.perf_counter(), verb, *arguments)
        return job.learner.iteration


def prepare_features(digits: Digits) -> None:
    """Prepare the training images in every way there is, once a machine, so that no later Start has to wait."""
    for features in TABLE["features"].choices:
        prepared(digits, cast(Features, features))
    for features in TABLE["features"].choices:
        keep_spaces(digits, cast(Features, features))


def main() -> None:
    """Serve the process that started this one, over standard input and output."""
    import torch

    source = os.fdopen(os.dup(0), "rb")
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # Whatever prints must not get between the messages.
    folder = Path(sys.argv[1])
    inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
    lock = threading.Lock()

    def answer(number: int, fine: bool, value: Any) -> None:
        with lock:
            write_message(target, (number, fine, value))

    def listen() -> None:
        while (message := read_message(source)) is not None:
            inbox.put(message)
        inbox.put(None)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the server, and the server ends this.
    if hasattr(os, "nice"):
        os.nice(5)
    torch.set_num_threads(1)
    threading.Thread(target=listen, daemon=True).start()
    try:
        from lrdemo.model import available_devices

        digits = load_mnist()
        build(Settings(), (), digits)  # The images become tensors now, not at the first Start.
        gc.collect()
        gc.freeze()
        answer(0, True, available_devices())
        threading.Thread(target=prepare_features, args=(digits,), daemon=True).start()
        Worker(digits, answer).serve(inbox)
        # The server may have been killed; its folder must not stay behind.
        shutil.rmtree(folder, ignore_errors=True)
    except LrdemoError as error:
        answer(0, False, str(error))
    except BrokenPipeError:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
