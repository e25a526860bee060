"""What the server and a training process say to each other, and how: pickled messages with their length in front.

Only this project's own processes ever read these pipes; nothing from a visitor is unpickled.
"""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from lrdemo.candidates import Candidate
from lrdemo.settings import Settings

LENGTH = struct.Struct("<I")
Message = tuple[int, int, str, tuple[Any, ...]]
"""To the training process: number of the command, or 0 where no answer is wanted; number of the run; verb; arguments.
A run is opened by the verb "open" with an `Opening`."""

Report = tuple[Any, ...]
"""From the training process:
("ready", devices), ("failed", sentence): it can, or cannot, train;
("beat", seconds): it lives, and has been at its present piece of work for so long;
("did", run, command, event, standing): the command has taken effect; it is part of the run's record from now on;
("answer", run, command, fine, value): it is completed, or refused with a sentence;
("problem", run, sentence): the run has stopped because of an error."""


BEGINNINGS = ("start", "reset", "take_up")
"""Commands that make it another run; their first two arguments are its settings and its board, None for the same."""
BACK_TO_NOW = (*BEGINNINGS, "resume", "step", "teach", "undo_teaching", "go_on_from")
"""Commands whose effect is to be seen: who gives one looks at the present again."""


@dataclass(frozen=True)
class Event:
    """A command that took effect at an iteration, so that the run can be built again exactly."""

    iteration: int
    verb: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Standing:
    """Where a run is meant to stand: what its board shows as soon as it has been built (again) so far."""

    revision: int = 0
    iteration: int = 0
    state: str = "ready"
    goal: int | None = None
    """The iteration at which a Step ends."""


@dataclass(frozen=True)
class Opening:
    """All that a training process needs to open a run, or to build it again to where it was."""

    board: str
    settings: Settings
    learning_rates: tuple[float, ...]
    events: tuple[Event, ...]
    standing: Standing
    away: bool
    candidates: tuple[Candidate, ...] = ()


def noted(events: Sequence[Event], event: Event) -> list[Event]:
    """Return the events that make up a run after one more command: nothing is left of what was undone."""
    if event.verb == "take_up":
        return list(event.arguments[2])
    if event.verb in BEGINNINGS:
        return []
    if event.verb == "undo_teaching":
        latest = max((place for place, one in enumerate(events) if one.verb == "teach"), default=None)
        return [one for place, one in enumerate(events) if place != latest]
    if event.verb == "go_on_from":
        return [one for one in events if one.iteration <= event.arguments[0]]
    return [*events, event] if event.verb in ("set_learning_rate", "teach") else list(events)


def packed(message: Any) -> bytes:
    """Return a message as bytes with their number in front."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(body)) + body


def write(descriptor: int, content: bytes) -> None:
    """Write all of it to a pipe; raises OSError when nobody reads it any more."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def read_message(stream: IO[bytes]) -> Any:
    """Return the next message, or None when the stream has ended."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    body = stream.read(size)
    return pickle.loads(body) if len(body) == size else None
