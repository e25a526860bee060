"""What a run goes through besides its iterations: changes of the learning rate and teachings, each at its iteration.

The same plan serves a run that is built again and one that is commanded just now. Its pieces are bounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from torch import Tensor

from lrdemo.drawings.teach import parameters_of, put_back, teaching
from lrdemo.serving.messages import Event
from lrdemo.serving.trained import Trained
from lrdemo.trainer import Trainer


class Replay:
    """Lead a run to the iteration `target`, with the events on the way."""

    def __init__(self, run: Trained, events: Sequence[Event] = (), target: int = 0) -> None:
        self._run = run
        self._events = deque(events)
        self._target = target
        self._open = bool(self._events) or self.behind
        self._teaching: Iterator[None] | None = None
        self._taught: list[tuple[int, list[Tensor], int]] = []
        """For each teaching: at which iteration, the parameters before it, and how many tests there were."""

    @property
    def under_way(self) -> bool:
        """Tell whether there is anything left to do before the run goes on as it is commanded."""
        return self._open

    @property
    def behind(self) -> bool:
        """Tell whether the run has iterations to make up."""
        return self._run.iteration < self._target and not self._run.finished

    @property
    def _event_due(self) -> bool:
        return bool(self._events) and self._events[0].iteration <= self._run.iteration

    @property
    def position(self) -> int:
        """Return the iteration that the run is at, or will be at."""
        return max(self._target, self._run.iteration) if self.behind else self._run.iteration

    def add(self, event: Event) -> None:
        """Have a command take effect after all that is planned."""
        self._events.append(event)
        self._open = True

    def lead(self, target: int) -> None:
        """Lead the run to another iteration, which it has not passed yet, and have it tested there."""
        self._target, self._open = target, True

    def work(self, steps: Callable[[int], int], stands: bool) -> None:
        """Do one bounded piece; `steps(most)` does one with so many iterations at most.

        A run that `stands` as soon as it is there is tested there, too.
        """
        if self._teaching is not None:
            if next(self._teaching, self) is self:
                self._teaching = None
                assert isinstance(self._run, Trainer)
                self._run.test()
        elif self._run.busy:
            steps(0)
        elif self._event_due:
            self._begin(self._events.popleft())
        elif self.behind:
            steps(min([self._target, *(event.iteration for event in self._events)]) - self._run.iteration)
        elif not self._run.tested:
            self._run.look()
        there = self._teaching is None and not (self._run.busy or self._event_due or self.behind)
        if there and (self._run.tested or not stands):
            if self._run.diverged:
                # What is planned for an iteration that it never reaches is dropped.
                self._events.clear()
            self._open = False

    def untaught(self) -> bool:
        """Put back the parameters from before the latest teaching if nothing has changed them since."""
        run = self._run
        if self.under_way or run.diverged or not self._taught or self._taught[-1][0] != run.iteration:
            return False
        assert isinstance(run, Trainer)
        _, parameters, tests = self._taught.pop()
        run.abandon_step()
        put_back(run, parameters)
        del run.history.tests[tests:]
        return True

    def _begin(self, event: Event) -> None:
        run = self._run
        assert isinstance(run, Trainer)
        if event.verb == "set_learning_rate":
            run.set_learning_rate(*event.arguments)
        else:
            self._taught.append((run.iteration, parameters_of(run), len(run.history.tests)))
            self._teaching = iter(teaching(run, *event.arguments))
