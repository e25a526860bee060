"""Questions about a live run: functions of the package, called by their dotted name between two pieces of its work.

A question that takes long is a generator function: each `next` is one bounded piece, and what it returns is the answer.
"""

from __future__ import annotations

import pkgutil
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from lrdemo.errors import LrdemoError, ServiceError
from lrdemo.serving.job import Job
from lrdemo.serving.messages import Report

PACKAGE = "lrdemo."


@dataclass(eq=False)
class _Question:
    command: int
    name: str
    details: dict[str, Any]
    deadline: float
    """On the monotonic clock: after that nobody waits for the answer."""
    pieces: Generator[None, None, Any] | None = None


class Questions:
    """Keep what is asked of each run, in order, until it can be answered."""

    def __init__(self, report: Callable[[Report], None]) -> None:
        self._report = report
        self._waiting: dict[int, deque[_Question]] = {}

    def add(self, run: int, command: int, name: str, details: dict[str, Any], deadline: float) -> None:
        """Take one question."""
        self._waiting.setdefault(run, deque()).append(_Question(command, name, details, deadline))

    def ready(self, run: int, job: Job) -> bool:
        """Tell whether there is a question about the run that can be answered now."""
        waiting = self._waiting.get(run)
        while waiting and time.monotonic() > waiting[0].deadline:
            waiting.popleft()
        return waiting is not None and len(waiting) > 0 and (waiting[0].pieces is not None or job.askable())

    def forget(self, run: int) -> None:
        """Drop the questions about a run."""
        self._waiting.pop(run, None)

    def work(self, run: int, job: Job) -> bool:
        """Do one piece of the first question about the run, if it can be answered now; return whether it could."""
        if not self.ready(run, job):
            return False
        waiting = self._waiting[run]
        question = waiting[0]
        try:
            answer = self._piece(question, job)
        except LrdemoError as error:
            self._report(("answer", run, question.command, False, str(error)))
        except Exception as error:
            traceback.print_exc()
            sentence = f"The training process could not do that ({type(error).__name__})."
            self._report(("answer", run, question.command, False, sentence))
        else:
            if answer is None:
                return True
            self._report(("answer", run, question.command, True, answer))
        waiting.popleft()
        return True

    def _piece(self, question: _Question, job: Job) -> dict[str, Any] | None:
        if question.pieces is None:
            found = resolve(question.name)(job.in_question, **question.details)
            if not isinstance(found, Generator):
                return dict(found)
            question.pieces = found
        try:
            next(question.pieces)
        except StopIteration as end:
            return dict(end.value)
        return None


def resolve(name: str) -> Callable[..., Any]:
    """Return the function with a name like "lrdemo.lesson.step:look"; raises ServiceError where there is none."""
    try:
        if not name.startswith(PACKAGE):
            raise ValueError(name)
        found = pkgutil.resolve_name(name)
    except (ValueError, ImportError, AttributeError):
        raise ServiceError(f"There is nothing to ask by the name {name!r}.") from None
    if not callable(found):
        raise ServiceError(f"There is nothing to ask by the name {name!r}.")
    function: Callable[..., Any] = found
    return function
