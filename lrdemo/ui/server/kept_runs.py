"""The runs that a visitor keeps, each under a name of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np

from lrdemo.errors import LrdemoError
from lrdemo.formats import short
from lrdemo.serving.kept import Kept
from lrdemo.settings import TABLE, Settings

MOST_KEPT = 12
MOST_NAME = 40
"""Characters."""
WATCHED = ("pace", "device")
"""Settings that are left out of names and comparisons: how fast a run is watched, and where it is computed."""


@dataclass(frozen=True, eq=False)
class KeptRun:
    """A run with its name; `number` tells it apart from all others, also when it is renamed."""

    number: int
    name: str
    run: Kept


class KeptRuns:
    """Hold them in the order in which they were kept."""

    def __init__(self) -> None:
        self._runs: dict[int, KeptRun] = {}
        self._numbers = 0

    def __iter__(self) -> Iterator[KeptRun]:
        return iter(list(self._runs.values()))

    def __len__(self) -> int:
        return len(self._runs)

    def get(self, number: int | None) -> KeptRun | None:
        """Return the run with this number, None where there is none (any more)."""
        return None if number is None else self._runs.get(number)

    def require_room(self) -> None:
        """Raise LrdemoError where no further run can be kept."""
        if len(self) >= MOST_KEPT:
            raise LrdemoError(f"{MOST_KEPT} runs are kept, which is the most. Delete one on the page Compare first.")

    def add(self, run: Kept) -> KeptRun:
        """Keep a run under the name of its settings; one that is kept already is returned as it is."""
        known = self.same_as(run)
        if known:
            return known
        self.require_room()
        self._numbers += 1
        found = self._runs[self._numbers] = KeptRun(self._numbers, self._free(name_of(run)), run)
        return found

    def same_as(self, run: Kept) -> KeptRun | None:
        """Return the kept run that is this very run at this very iteration, if there is one."""
        return next((one for one in self if _same(one.run, run)), None)

    def rename(self, number: int, name: str) -> None:
        """Give a run another name; raises LrdemoError for an empty one, or one that another run has."""
        # A bar would end a table's cell.
        printable = "".join(one for one in " ".join(name.split()).replace("|", "/") if one.isprintable())
        wanted = printable[:MOST_NAME].strip()
        if not wanted:
            raise LrdemoError("A run needs a name. Type one.")
        if any(one.name == wanted and one.number != number for one in self):
            raise LrdemoError(f"Another run is called {wanted}. Type another name.")
        if number in self._runs:
            self._runs[number] = replace(self._runs[number], name=wanted)

    def delete(self, number: int) -> None:
        """Forget a run; one that is not there any more is no error."""
        self._runs.pop(number, None)

    def _free(self, name: str) -> str:
        taken = {one.name for one in self}
        tries = (name if count == 1 else f"{name} ({count})" for count in range(1, MOST_KEPT + 2))
        return next(one for one in tries if one not in taken)


def name_of(run: Kept) -> str:
    """Return a name made of the settings that are not the usual ones, and of what was done by hand."""
    usual, parts = Settings(), []
    for one in fields(Settings):
        value = getattr(run.settings, one.name)
        if one.name in (*WATCHED, "gradient") or value == getattr(usual, one.name):
            continue
        parts.append(_words(one.name, value))
    if run.iteration < run.settings.iterations and not run.diverged:
        parts.append(f"at {short(run.iteration)}")
    if run.rate_changes:
        parts.append("rate changed")
    if run.taught:
        parts.append("taught")
    name = ", ".join(parts) or "usual settings"
    return name if len(name) <= MOST_NAME - 5 else name[: MOST_NAME - 6].rstrip(" ,") + "…"


def _words(name: str, value: object) -> str:
    if value is True:
        return _SHORT.get(name, TABLE[name].label.lower())
    if isinstance(value, int | float):
        return f"{_SHORT.get(name, TABLE[name].label.lower())} {short(value)}"
    return f"{_SHORT[name]} {value}" if name in _SHORT else str(value)


_SHORT = {
    "learning_rate": "rate", "batch_size": "batch", "held_out": "held out", "changes": "rate", "styles": "other ways",
    "drop_last": "drop last",
}  # fmt: skip


def _same(one: Kept, other: Kept) -> bool:
    return (
        replace(one.settings, pace=0) == replace(other.settings, pace=0)
        and one.iteration == other.iteration
        and [(event.iteration, event.verb) for event in one.events]
        == [(event.iteration, event.verb) for event in other.events]
        and np.array_equal(one.parameters, other.parameters, equal_nan=True)
        and np.array_equal(one.loss, other.loss)
    )
