"""One visitor's run inside the training process: its state, its pace, and what it publishes.

A job does a little work when it is asked to; it has no thread of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from lrdemo.data import Digits
from lrdemo.drawings.teach import parameters_of, put_back, teach
from lrdemo.errors import ServiceError
from lrdemo.gradient import gradient_difference
from lrdemo.history import History
from lrdemo.minibatches import WHITE
from lrdemo.model import SoftmaxRegression
from lrdemo.race import Race
from lrdemo.serving.board import Board, Lane, Snapshot
from lrdemo.serving.messages import Event
from lrdemo.settings import FULL_SPEED, Settings
from lrdemo.trainer import Trainer

SLICE_SECONDS = 0.004
SLICE_STEPS = 20
PUBLISH_SECONDS = 0.04
RATE_SECONDS = 0.5
COMPARE_SECONDS = 1.0
TEACHING = ("teach", "undo_teaching")
VERBS = ("start", "pause", "resume", "step", "reset", "set_learning_rate", "set_pace", "rebuild", *TEACHING)


Learner = Trainer | Race
Kind = tuple[str, str, int, int]
"""What makes a step cost what it costs: model, gradient, batch size, models trained side by side."""


class Job:
    """Advance one learner in slices, by its pace, and publish what it is on its board.

    `speeds` holds the seconds that a step takes, by kind; shared by all jobs, it gives equal runs equal slices.
    """

    def __init__(
        self,
        board: Board,
        build: Callable[[Settings], Learner],
        settings: Settings,
        speeds: dict[Kind, float] | None = None,
    ) -> None:
        self.learner: Learner
        self._board = board
        self._build = build
        self._speeds = {} if speeds is None else speeds
        self._revision = board.revision
        self.reset(0.0, settings)

    def reset(self, now: float, settings: Settings | None = None) -> None:
        """Go back to the untrained start, with other settings if given."""
        settings = settings or self.learner.settings
        self.learner = self._build(settings)
        self.learner.advance(0)
        self.pace = settings.pace
        self.state = "ready"
        self._revision += 1
        self._compared, self._difference = -math.inf, math.nan
        self._goal: int | None = None
        self._replay: list[Event] = []
        self._untaught: list[tuple[int, list[torch.Tensor]]] = []
        self._after_replay = "ready"
        self._mark(now)
        self.publish(now)

    def rebuild(self, now: float, events: Sequence[Event], iteration: int, state: str) -> None:
        """Train again up to an iteration at full speed, with the same changes on the way, then be in `state`."""
        self._replay = list(events)
        self._goal = iteration
        self._after_replay = state
        self.state = "running"
        self._follow_replay(now)
        self.publish(now)

    def start(self, now: float, settings: Settings | None = None) -> None:
        """Run from the start; a run that has ended, or has other settings, is reset first."""
        other = settings is not None and settings != self.learner.settings
        if other or self.learner.iteration or self.learner.finished:
            self.reset(now, settings)
        elif settings is not None:
            self.pace = settings.pace
        self._run(now)

    def resume(self, now: float) -> None:
        """Go on from where the run was paused."""
        if self._goal is not None:
            if self._after_replay in ("ready", "paused"):
                self._after_replay = "running"
        elif self.state in ("ready", "paused"):
            self._run(now)

    def pause(self, now: float) -> None:
        """Stand still until resumed; a run that is being built again does so when it is where it was."""
        if self._goal is not None:
            if self._after_replay == "running":
                self._after_replay = "paused"
        elif self.state == "running":
            self.state = "paused"
            self.publish(now)

    def step(self, now: float, count: int) -> None:
        """Train exactly `count` iterations and stand still."""
        if self.state == "running":
            self.pause(now)
        if self.state in ("ready", "paused"):
            self.learner.advance(count)
            self.state = "paused"
            self._settle(now)

    def set_learning_rate(self, now: float, value: float) -> None:
        """Use another learning rate from the next iteration on."""
        if isinstance(self.learner, Race):
            raise ServiceError("A race keeps its learning rates. Reset it with other ones.")
        self.learner.set_learning_rate(value)
        self.publish(now)

    def teach(
        self, now: float, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], steps: int, copies: int
    ) -> None:
        """Take extra steps on minibatches with own drawings mixed in; see lrdemo.drawings.teach."""
        trainer = self._trainer()
        self._untaught.append((trainer.iteration, parameters_of(trainer)))
        teach(trainer, images, labels, steps, copies)
        self._test(trainer)
        self.publish(now)

    def undo_teaching(self, now: float, events: Sequence[Event]) -> None:
        """Be the model that the latest teaching has never happened to, to the last digit.

        When it has trained since, it is trained again from the start with the other `events` on the way.
        """
        trainer = self._trainer()
        if not self._untaught:
            raise ServiceError("There is no teaching to undo.")
        iteration, parameters = self._untaught.pop()
        if iteration == trainer.iteration:
            put_back(trainer, parameters)
            self._test(trainer)
            self.publish(now)
            return
        state, pace = self.state, self.pace
        self.reset(now)
        self.pace = pace
        self.rebuild(now, events, trainer.iteration, state)

    def _test(self, trainer: Trainer) -> None:
        trainer.test()
        trainer.advance(0)

    def set_pace(self, now: float, value: int) -> None:
        """Train at `value` iterations per second from now on; 0 means as fast as it goes."""
        self.pace = value
        self._mark(now)
        self.publish(now)

    def due(self, now: float, seconds: float = SLICE_SECONDS) -> int:
        """Return how many iterations may be done in the next slice of at most so many seconds."""
        if self.state != "running":
            return 0
        most = max(1, min(SLICE_STEPS, int(seconds / self._seconds_per_step())))
        if self._goal is not None:
            return min(most, max(1, self._next_stop() - self.learner.iteration))
        if self.pace == FULL_SPEED:
            return most
        allowed = int((now - self._since) * self.pace) - (self.learner.iteration - self._from)
        if allowed > self.pace:
            # It fell behind by more than a second: forget the rest instead of racing to catch up.
            self._mark(now)
            return 1
        return min(most, allowed)

    def wait(self, now: float) -> float:
        """Return in how many seconds the next iteration is due, for a running job with a pace."""
        done = self.learner.iteration - self._from
        return max(0.0, self._since + (done + 1) / self.pace - now)

    def work(self, clock: Callable[[], float], seconds: float = SLICE_SECONDS) -> None:
        """Do one slice of iterations, of at most so many seconds, if any is due."""
        start = clock()
        count = self.due(start, seconds)
        if count <= 0:
            return
        tests = len(self.learner.histories[0].tests)
        done = self.learner.advance(count)
        now = clock()
        # A slice with a test in it would make the next ones shorter, and young runs are tested more often.
        if done and len(self.learner.histories[0].tests) == tests:
            known = self._seconds_per_step()
            self._speeds[self._kind()] = known + 0.1 * ((now - start) / done - known)
        if self._goal is not None:
            self._follow_replay(now)
        self._settle(now)

    def publish(self, now: float) -> None:
        """Write the present state and results on the board."""
        self._published = now
        self._board.write(
            Snapshot(
                self._revision,
                self.state,
                self.learner.iteration,
                self.learner.settings.iterations,
                self.learner.settings.iterations_per_epoch,
                self.pace,
                self._measured_rate(now),
                self._gradient_difference(now),
                tuple(
                    Lane(rate, parameters.detach().cpu().numpy(), history.loss, history.accuracy, _tests(history))
                    for rate, parameters, history in lanes(self.learner)
                ),
            )
        )

    def _run(self, now: float) -> None:
        self.state = "running"
        self._mark(now)
        self._settle(now, force=True)

    def _settle(self, now: float, force: bool = False) -> None:
        """Notice the end of the run, and publish when something changed or it is time to."""
        before = self.state
        if self._goal is None:
            if self.learner.diverged:
                self.state = "diverged"
            elif self.learner.finished:
                self.state = "finished"
        if force or self.state != "running" or self.state != before or now - self._published >= PUBLISH_SECONDS:
            self.publish(now)

    def _next_stop(self) -> int:
        assert self._goal is not None
        return min([self._goal, *(event.iteration for event in self._replay if event.iteration <= self._goal)])

    def _follow_replay(self, now: float) -> None:
        while self._replay and self._replay[0].iteration <= self.learner.iteration:
            event = self._replay.pop(0)
            getattr(self, event.verb)(now, *event.arguments)
        if self._goal is not None and self.learner.iteration >= self._goal:
            self._goal = None
            self.state = self._after_replay
            self._mark(now)

    def apply(self, now: float, verb: str, *arguments: Any) -> None:
        """Carry out one command by its name; raises ServiceError for an unknown one."""
        if verb not in VERBS:
            raise ServiceError(f"There is no command {verb!r}.")
        if verb in TEACHING and self._goal is not None:
            raise ServiceError("This run is just being built again. Try again in a moment.")
        getattr(self, verb)(now, *arguments)

    def _trainer(self) -> Trainer:
        """Return the single run that can be taught, or raise ServiceError."""
        if isinstance(self.learner, Race):
            raise ServiceError("A race cannot be taught. Teach a single run.")
        if self.learner.diverged:
            raise ServiceError("This run has diverged. Reset it before you teach it.")
        return self.learner

    def _kind(self) -> Kind:
        settings = self.learner.settings
        return settings.model, settings.gradient, settings.batch_size, len(self.learner.histories)

    def _seconds_per_step(self) -> float:
        return self._speeds.get(self._kind(), SLICE_SECONDS / SLICE_STEPS)

    def _mark(self, now: float) -> None:
        self._since, self._from = now, self.learner.iteration
        self._rate, self._rate_since, self._rate_from = 0.0, now, self.learner.iteration

    def _measured_rate(self, now: float) -> float:
        if self.state != "running" and self.learner.iteration == self._rate_from:
            return 0.0
        elapsed = now - self._rate_since
        if elapsed >= RATE_SECONDS or self.state != "running":
            self._rate = (self.learner.iteration - self._rate_from) / max(elapsed, 1e-6)
            self._rate_since, self._rate_from = now, self.learner.iteration
        return self._rate


    def _gradient_difference(self, now: float) -> float:
        """Compare the two gradients on the next minibatch, once a second."""
        learner = self.learner
        if isinstance(learner, Race) or not isinstance(learner.model, SoftmaxRegression):
            return math.nan
        if self.state != "running" or now - self._compared >= COMPARE_SECONDS:
            self._compared = now
            batch = learner.peek()
            images = learner.tensors.train_bytes[batch].float().div_(WHITE)
            self._difference = gradient_difference(learner.model, images, learner.tensors.train_labels[batch])
        return self._difference


def build(settings: Settings, learning_rates: Sequence[float], digits: Digits) -> Learner:
    """Return a trainer, or a race where learning rates are given."""
    if learning_rates:
        return Race(settings, learning_rates, digits)
    return Trainer(settings, digits)


def lanes(learner: Learner) -> list[tuple[float, torch.Tensor, History]]:
    """Return learning rate, parameters as one vector and history of each model that the learner trains."""
    if isinstance(learner, Race):
        return [
            (rate, torch.cat([learner.weight(lane).reshape(-1), learner.bias(lane)]), learner.histories[lane])
            for lane, rate in enumerate(learner.learning_rates)
        ]
    parameters = torch.nn.utils.parameters_to_vector(learner.model.parameters())
    return [(learner.learning_rate, parameters, learner.history)]


def _tests(history: History) -> np.ndarray:
    points = [(point.iteration, point.loss, point.accuracy) for point in history.tests]
    return np.array(points, dtype=np.float32).reshape(-1, 3)
