"""How the server and its training process talk: pickled messages with their length in front, over two pipes.

Only this project's own two processes ever read these pipes; nothing from a visitor is unpickled.
"""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import IO, Any

LENGTH = struct.Struct("<I")
Message = tuple[int, int, str, tuple[Any, ...]]
"""Number of the message (for its answer), number of the run, verb, arguments."""


@dataclass(frozen=True)
class Event:
    """Something that changed a run at an iteration, so that the run can be built again exactly."""

    iteration: int
    verb: str
    arguments: tuple[Any, ...]


def write_message(stream: IO[bytes], message: Any) -> None:
    """Write one pickled message with its length in front."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def read_message(stream: IO[bytes]) -> Any:
    """Return the next message, or None when the stream has ended."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    body = stream.read(size)
    return pickle.loads(body) if len(body) == size else None
