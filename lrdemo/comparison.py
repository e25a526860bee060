"""A comparison: several models, each on images prepared in its own way, trained side by side in lockstep.

Each lane is, bit for bit, the run that a single `Trainer` with its settings is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lrdemo.candidates import Candidate
from lrdemo.data import Digits
from lrdemo.history import History, TestPoint
from lrdemo.minibatches import Tensors
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


class Comparison:
    """Train one model per candidate in bounded pieces of work: the one furthest behind works next.

    `images` returns those that a run of such settings is trained on. It has diverged where one of them has.
    """

    def __init__(
        self, settings: Settings, candidates: Sequence[Candidate], images: Callable[[Settings], Digits | Tensors]
    ) -> None:
        self.settings = settings
        self.candidates = tuple(candidates)
        wanted = [candidate.settings(settings) for candidate in self.candidates]
        self.lanes = tuple(Trainer(each, images(each)) for each in wanted)

    @property
    def iteration(self) -> int:
        """Return the iteration that all lanes have reached."""
        return min(lane.iteration for lane in self.lanes)

    @property
    def histories(self) -> Sequence[History]:
        """Return the record of each lane; one that is ahead has a longer one."""
        return [lane.history for lane in self.lanes]

    @property
    def tests(self) -> Sequence[Sequence[TestPoint]]:
        """Return the tests of each lane up to the iteration that all have reached."""
        reached = self.iteration
        return [[point for point in lane.tests[0] if point.iteration <= reached] for lane in self.lanes]

    @property
    def busy(self) -> bool:
        """Return whether something is half done: a step or a test, or some lanes are ahead of others."""
        return not self.diverged and (self._ahead > self.iteration or any(lane.busy for lane in self.lanes))

    @property
    def tested(self) -> bool:
        """Return whether the last tests are of the models as they are."""
        return self.diverged or (self._ahead == self.iteration and all(lane.tested for lane in self.lanes))

    @property
    def finished(self) -> bool:
        """Return whether all iterations and tests are done, or no further one makes sense."""
        return self.diverged or all(lane.finished for lane in self.lanes)

    @property
    def diverged(self) -> bool:
        """Return whether the loss of a lane is not finite any more."""
        return any(lane.diverged for lane in self.lanes)

    @property
    def exploded(self) -> bool:
        """Return whether training has gone wrong in one of the lanes."""
        return any(lane.exploded for lane in self.lanes)

    def work(self, most_steps: int) -> int:
        """Do one bounded piece of work; return how many iterations all lanes have completed with it.

        Lanes that are behind others catch up whatever `most_steps` says.
        """
        start, ahead = self.iteration, self._ahead
        lane = self._next
        steps = ahead - lane.iteration or most_steps
        lane.work(min(steps, max(1, lane.part // lane.settings.batch_size)) if steps > 0 else 0)
        return self.iteration - start

    def abandon_step(self) -> None:
        """Forget the half-done step of each lane; it will be done again from its beginning."""
        for lane in self.lanes:
            lane.abandon_step()

    def look(self) -> None:
        """Do one bounded piece of a test of the models where they stand; see `Run.look`."""
        next(lane for lane in self.lanes if not lane.tested).look()

    @property
    def _ahead(self) -> int:
        """The iteration of the lane that is furthest ahead."""
        return max(lane.iteration for lane in self.lanes)

    @property
    def _next(self) -> Trainer:
        """The lane that is furthest behind; of those side by side first one that has a test to make."""
        return min(self.lanes, key=lambda lane: (lane.iteration, not lane.busy))
