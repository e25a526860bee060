"""What a job can advance: a single run, a race, or a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lrdemo.history import History, TestPoint
from lrdemo.settings import Settings


class Trained(Protocol):
    """One model or several side by side, trained in bounded pieces of work; see `lrdemo.run.Run` for each of these."""

    settings: Settings

    @property
    def iteration(self) -> int: ...  # noqa: D102
    @property
    def histories(self) -> Sequence[History]: ...  # noqa: D102
    @property
    def tests(self) -> Sequence[Sequence[TestPoint]]: ...  # noqa: D102
    @property
    def busy(self) -> bool: ...  # noqa: D102
    @property
    def tested(self) -> bool: ...  # noqa: D102
    @property
    def finished(self) -> bool: ...  # noqa: D102
    @property
    def diverged(self) -> bool: ...  # noqa: D102
    @property
    def exploded(self) -> bool: ...  # noqa: D102
    def work(self, most_steps: int) -> int: ...  # noqa: D102
    def look(self) -> None: ...  # noqa: D102
    def abandon_step(self) -> None: ...  # noqa: D102
