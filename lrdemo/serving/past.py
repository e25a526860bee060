"""The way back through a run: exact waypoints along it, and a second trainer that is led to where its visitor looks.

Training is repeated from the nearest waypoint, step by step as it was: what is seen is what the run was, bit for bit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lrdemo.answers.robustness import parameters_vector
from lrdemo.arrays import Float32s
from lrdemo.history import History, TestPoint
from lrdemo.serving.messages import Event
from lrdemo.serving.replay import Replay
from lrdemo.trainer import Trainer, Waypoint

SPACING_SECONDS = 0.04
"""Of work from one waypoint to the next, as long as there is room."""
ROOM = {"softmax": 1_000_000, "mlp": 6_000_000}
"""Bytes for a run's waypoints. The second trainer takes about 0.5 MB more, or 2 MB."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A run at an earlier iteration: its parameters as one vector, and its test there."""

    iteration: int
    parameters: Float32s
    test: TestPoint


class Past:
    """Keep waypoints of one run, and show it as it was. `build` makes a new trainer of the run's settings."""

    def __init__(self, build: Callable[[], Trainer]) -> None:
        self.waypoints: list[Waypoint] = []
        self.wanted: int | None = None
        """The iteration that is looked at, or will be as soon as it is reached; None for the present."""
        self.seen: Seen | None = None
        """The latest that was reached; None while the present is looked at."""
        self.trainer: Trainer | None = None
        self._build = build
        self._worked = 0.0
        self._replay: Replay | None = None
        self._heading: int | None = None
        """Where the replay leads."""
        self._known = 0
        """How many of the run's events the replay has been given."""

    @property
    def on_its_way(self) -> bool:
        """Tell whether the iteration that is wanted has yet to be reached."""
        return self.wanted is not None and (
            self._heading != self.wanted or self._replay is None or self._replay.under_way
        )

    def passed(self, run: Trainer, seconds: float) -> None:
        """Keep a waypoint where the run has just come to by so many seconds of work, if the last one is far enough."""
        self._worked += seconds
        if self._worked < SPACING_SECONDS or run.diverged:
            return
        self._worked = 0.0
        self.waypoints.append(run.waypoint())
        if sum(one.size for one in self.waypoints) > ROOM[run.settings.model]:
            # The one whose neighbours are nearest to each other is missed least.
            at = [0, *(one.iteration for one in self.waypoints)]
            del self.waypoints[min(range(len(at) - 2), key=lambda place: at[place + 2] - at[place])]

    def before(self, iteration: int) -> Waypoint | None:
        """Return the last waypoint at that iteration or before it; None where only the start is."""
        place = bisect_right(self.waypoints, iteration, key=lambda one: one.iteration)
        return self.waypoints[place - 1] if place else None

    def forget_after(self, iteration: int) -> None:
        """Drop the waypoints after an iteration, and what is looked at: the run has become another one from there."""
        self.waypoints = [one for one in self.waypoints if one.iteration <= iteration]
        self.leave()

    def leave(self) -> None:
        """Look at the present."""
        self.wanted = self.seen = self.trainer = self._replay = self._heading = None

    def work(self, events: Sequence[Event], steps: int) -> None:
        """Do one bounded piece, with so many iterations at most, on the way to what is wanted."""
        if self._heading != self.wanted:
            self._set_out(events)
        trainer, replay = self.trainer, self._replay
        assert trainer is not None and replay is not None
        replay.work(lambda most: trainer.work(min(most, steps)), stands=True)
        if not replay.under_way:
            self.seen = Seen(trainer.iteration, parameters_vector(trainer), trainer.tests[0][-1])

    def _set_out(self, events: Sequence[Event]) -> None:
        """Go on from where the second trainer is, or from the nearest waypoint."""
        assert self.wanted is not None
        nearest = self.before(self.wanted)
        start = nearest.iteration if nearest else 0
        if self.trainer is None or not start <= self.trainer.iteration <= self.wanted:
            if self.trainer is None or nearest is None:
                self.trainer = self._build()
            if nearest:
                self.trainer.go_to(nearest, History())
            self._replay = Replay(self.trainer, [event for event in events if event.iteration >= start])
        elif self._replay is not None:
            for event in events[self._known :]:
                self._replay.add(event)
        assert self._replay is not None
        self._known, self._heading = len(events), self.wanted
        self._replay.lead(self.wanted)
