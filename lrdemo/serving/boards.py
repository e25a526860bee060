"""The boards of one run: the one in use, and those that a start on its way will need."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Collection

from lrdemo.serving.board import Board, Shape
from lrdemo.serving.memory import Memory


class Boards:
    """Reserve a board for each shape that the run takes, and give back those that nothing needs any more."""

    def __init__(self, memory: Memory, name: str) -> None:
        self._memory = memory
        self._name = name
        self._numbers = itertools.count(1)
        self._boards: dict[str, Board] = {}

    def __getitem__(self, path: str) -> Board:
        return self._boards[path]

    def fitting(self, shape: Shape) -> Board:
        """Return the newest board if it fits exactly, else a new one; raises ServiceError when there is no room."""
        if self._boards:
            newest = list(self._boards.values())[-1]
            if newest.shape == shape:
                return newest
        path = self._memory.reserve(f"{self._name}-{next(self._numbers)}.run", shape.size)
        board = self._boards[str(path)] = Board(path, shape)
        return board

    def keep(self, wanted: Collection[str | None]) -> None:
        """Give back all boards but those at these paths."""
        for path in [path for path in self._boards if path not in wanted]:
            board = self._boards.pop(path)
            board.close()
            with contextlib.suppress(OSError):
                board.path.unlink()
