"""One visitor's run inside a training process: its state, its goals, and the next bounded piece of its work.

A job does a piece when it is asked to; it has no thread of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lrdemo import settings as settings_module
from lrdemo.arrays import Bytes, Ints
from lrdemo.candidates import Candidate
from lrdemo.comparison import Comparison
from lrdemo.data import Digits
from lrdemo.drawings.teach import teaching
from lrdemo.errors import ServiceError
from lrdemo.minibatches import Tensors
from lrdemo.race import Race
from lrdemo.schedule import last_test_at
from lrdemo.serving.board import Board
from lrdemo.serving.keeping import take_up
from lrdemo.serving.messages import BACK_TO_NOW, Event, Opening, Standing, noted
from lrdemo.serving.pace import Pace
from lrdemo.serving.past import Past
from lrdemo.serving.publishing import Publisher
from lrdemo.serving.replay import Replay
from lrdemo.serving.trained import Trained
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

FIRST_GUESS = 0.0002
MOST_STEPS = 50
VERBS = (
    "start", "pause", "resume", "step", "reset", "set_learning_rate", "set_pace", "teach", "undo_teaching",
    "leave", "come_back", "look_at", "go_on_from", "take_up",
)  # fmt: skip

Kind = tuple[str, str, int, int]
"""What makes a step cost what it costs: model, gradient, batch size, models trained side by side."""


class Job:
    """Advance one run in pieces, by its pace, and publish what it is on its board.

    `seconds_per_step` holds what a step takes, by kind; shared by all jobs, it gives equal runs equal pieces. `meter`
    tells the processor time used so far: a moment in which another program had the processor is nobody's fault.
    """

    def __init__(
        self,
        board: Board,
        build: Callable[[Settings], Trained],
        opening: Opening,
        seconds_per_step: dict[Kind, float] | None = None,
        meter: Callable[[], float] = time.thread_time,
    ) -> None:
        standing = opening.standing
        with board.working():
            self.run = build(opening.settings)
        self.pace = Pace(opening.settings.pace)
        self.state, self._goal, self.away = standing.state, standing.goal, opening.away
        self.candidates = opening.candidates
        self._settings = opening.settings
        self._events = list(opening.events)
        self._build = build
        self._replay = Replay(self.run, self._events, standing.iteration)
        self._past = Past(self._trainer)
        self._revision = standing.revision + 1
        self._publisher = Publisher(board)
        self._broken = False
        self._seconds = {} if seconds_per_step is None else seconds_per_step
        self._meter, self._worked = meter, 0.0
        self._show(0.0)

    @property
    def standing(self) -> Standing:
        """Return where the run is meant to stand."""
        return Standing(self._revision, self._replay.position, self.state, self._goal)

    @property
    def at_rest(self) -> bool:
        """Tell whether every command is completed; a run that goes on until its end is at rest in this sense."""
        return self._goal is None and not self._replay.under_way

    @property
    def looks_back(self) -> bool:
        """Tell whether somebody waits for an earlier moment to be computed."""
        return self._past.on_its_way

    @property
    def _stands(self) -> bool:
        """Tell whether no iteration is to be done as things are: a run that stands is tested where it stands."""
        reached = self._goal is not None and self.run.iteration >= self._goal
        return self.away or self.state != "running" or reached

    @property
    def in_question(self) -> Trained:
        """Return what is looked at, and asked about: the run, or the run as it was."""
        return self._past.trainer or self.run

    def askable(self) -> bool:
        """Tell whether the run is what its record says, with no test under way; a half-done step is forgotten."""
        if self._past.wanted is not None:
            return not self._past.on_its_way
        if self._replay.under_way:
            return False
        self.run.abandon_step()
        return not self.run.busy

    def apply(self, now: float, verb: str, *arguments: Any) -> Event:
        """Begin to carry out one command, and return it as part of the record.

        Raises an LrdemoError, with nothing changed, when it cannot be carried out.
        """
        if verb not in VERBS:
            raise ServiceError(f"There is no command {verb!r}.")
        event = Event(self._replay.position, verb, arguments)
        self._broken = False
        with self._publisher.board.working():
            if verb in BACK_TO_NOW:
                self._past.leave()
            getattr(self, verb)(now, *arguments)
        self._events = noted(self._events, event)
        return event

    def reset(self, now: float, settings: Settings | None = None, board: str | None = None) -> None:
        """Go back to the untrained start, with other settings if given."""
        self._begin_again(now, settings or self._settings, board)

    def take_up(self, now: float, settings: Settings, board: str | None, events: Sequence[Event], found: bytes) -> None:
        """Become the run that was kept, where it stood."""
        self._begin_again(now, settings, board)
        if not isinstance(self.run, Trainer):
            raise ServiceError("Only a single run can be taken up.")
        take_up(self.run, found)
        if self.run.iteration or events:
            self.state = "paused"
        self._settle(now, force=True)

    def start(self, now: float, settings: Settings | None = None, board: str | None = None) -> None:
        """Run from the start; an untouched run with the same settings is taken as it is."""
        wanted = settings or self._settings
        same = replace(wanted, pace=0) == replace(self._settings, pace=0)
        touched = self._replay.position or self._events or self.run.diverged
        if touched or not same or board not in (None, str(self._publisher.board.path)):
            self._begin_again(now, wanted, board)
        self._settings = wanted
        self.pace.value = wanted.pace
        self._go(now)

    def resume(self, now: float) -> None:
        """Go on from where the run was paused."""
        if self.state in ("ready", "paused"):
            self._go(now)

    def pause(self, now: float) -> None:
        """Stand still until resumed."""
        self._goal = None
        if self.state == "running":
            self.state = "paused"
            self.run.abandon_step()
            self._show(now)

    def step(self, now: float, count: int) -> None:
        """Train `count` iterations more at full speed, then stand still."""
        if self.state in ("finished", "diverged"):
            return
        self._goal = (self._goal or self._replay.position) + count
        self.state = "running"
        # A short one is shown when it is done.
        self._publisher.put_off(now)

    def set_learning_rate(self, now: float, value: float) -> None:
        """Use another learning rate from the next iteration on."""
        if not isinstance(self.run, Trainer):
            raise ServiceError("A race keeps its learning rates. Reset it with other ones.")
        value = settings_module.check("learning_rate", settings_module.TABLE["learning_rate"], value)
        if self._replay.under_way:
            self._replay.add(Event(self._replay.position, "set_learning_rate", (value,)))
        else:
            self.run.set_learning_rate(value)
            self._show(now)

    def teach(self, now: float, images: Bytes, labels: Ints, steps: int, copies: int) -> None:
        """Take extra steps on minibatches with own drawings mixed in; see lrdemo.drawings.teach."""
        if not isinstance(self.run, Trainer):
            raise ServiceError("A race cannot be taught. Teach a single run.")
        if self.state == "diverged":
            raise ServiceError("This run has diverged. Reset it before you teach it.")
        try:
            teaching(self.run, images, labels, steps, copies)
        except ValueError as error:
            raise ServiceError(str(error)) from None
        self.run.abandon_step()
        self._replay.add(Event(self._replay.position, "teach", (images, labels, steps, copies)))

    def undo_teaching(self, now: float) -> None:
        """Restore, bit for bit, the model as it would be without the latest teaching.

        When it has trained since, it is trained again from the start.
        """
        if not any(event.verb == "teach" for event in self._events):
            raise ServiceError("There is no teaching to undo.")
        if self._replay.untaught():
            self._show(now)
            return
        latest = max(event.iteration for event in self._events if event.verb == "teach")
        self._train_again(noted(self._events, Event(0, "undo_teaching", ())), self._replay.position, latest)
        if self.state == "diverged":
            self.state = "running"

    def look_at(self, now: float, iteration: int | None) -> None:
        """Show the run as it was after so many iterations and all that happened there, or as it is now."""
        if not isinstance(self.run, Trainer):
            raise ServiceError("Only a single run can be looked at as it was.")
        if iteration is None or iteration >= self._replay.position:
            self._past.leave()
        else:
            self._past.wanted = max(0, iteration)
        self._show(now)

    def go_on_from(self, now: float, iteration: int) -> None:
        """Make it a run that has come to this iteration only, and go on."""
        if not isinstance(self.run, Trainer) or not 0 <= iteration <= self._replay.position:
            raise ServiceError("This run has not been there.")
        events = noted(self._events, Event(0, "go_on_from", (iteration,)))
        self._train_again(events, iteration, iteration)
        self._go(now)

    def set_pace(self, now: float, value: int) -> None:
        """Train at `value` iterations per second from now on; 0 means as fast as it goes."""
        self._settings = settings_module.changed(self._settings, pace=value)
        self.pace.value = value
        self.pace.begin(now, self.run.iteration)
        self._show(now)

    def leave(self, now: float) -> None:
        """Stand still until somebody watches again."""
        self.away = True
        self.run.abandon_step()
        self._show(now)

    def come_back(self, now: float) -> None:
        """Go on as if nobody had been away."""
        self.away = False
        self.pace.begin(now, self.run.iteration)
        self._show(now)

    def stop(self, now: float) -> None:
        """Stand still because of an error until the next command; what was planned is given up."""
        self.state, self._goal, self._broken = "paused", None, True
        self._replay = Replay(self.run)
        self._past.leave()
        self._show(now)

    def due(self, now: float) -> bool:
        """Tell whether there is a piece of work to do now."""
        if self._past.on_its_way or self._replay.under_way:
            return not self.away
        if self._stands:
            return not self.run.tested and not self._broken
        return self.run.busy or self._steps(now, 1) > 0

    def wait(self, now: float) -> float | None:
        """Return in how many seconds there will be something to do, None when a command has to come first."""
        if self.due(now):
            return 0.0
        if self.away or self.state != "running":
            return None
        return self.pace.wait(now, self.run.iteration)

    def work(self, clock: Callable[[], float], seconds: float) -> None:
        """Do one bounded piece of work, with as many iterations as fit into so many seconds, and publish."""
        with self._publisher.board.working():
            self._work(clock, seconds)

    def close(self) -> None:
        """Give the board's memory back."""
        self._publisher.board.close()

    def _work(self, clock: Callable[[], float], seconds: float) -> None:
        if self._past.on_its_way:
            # First, since somebody waits for it; the run goes on as soon as it is seen.
            self._past.work(self._events, self._fitting(seconds))
            if not self._past.on_its_way:
                self._show(clock())
            return
        if self._replay.under_way:
            self._replay.work(lambda most: self._advance(min(most, self._fitting(seconds))), self._stands)
            if not self._replay.under_way:
                self.pace.begin(clock(), self.run.iteration)
                self._settle(clock(), force=True)
            return
        stands = self._stands
        if not stands:
            self._advance(self._steps(clock(), self._fitting(seconds)))
        elif self.run.busy:
            self._advance(0)
        else:
            self.run.look()
        # Where nothing else will be published, the test must be.
        self._settle(clock(), force=stands and self.run.tested)

    def _begin_again(self, now: float, settings: Settings, board: str | None = None) -> None:
        run = self._build(settings)
        if board is not None and board != str(self._publisher.board.path):
            publisher = Publisher(Board(Path(board)))
            self.close()
            self._publisher = publisher
        self.run, self._settings = run, settings
        self._replay, self._past = Replay(run), Past(self._trainer)
        self._revision += 1
        self.state, self._goal = "ready", None
        self.pace = Pace(settings.pace)
        self._show(now)

    def _train_again(self, events: list[Event], target: int, unchanged: int) -> None:
        """Lead a new run with these events to the target: it is the present one up to the iteration `unchanged`.

        It begins before the last test there: what a test has found out about the answers is kept of the last one only.
        """
        present, waypoint = self.run, self._past.before(last_test_at(self._settings, unchanged))
        self.run = run = self._trainer()
        if waypoint is None:
            self._past.forget_after(0)
        else:
            self._past.forget_after(waypoint.iteration)
            record = present.histories[0].until(waypoint.iteration, waypoint.tests, waypoint.learning_rates)
            run.go_to(waypoint, record)
            events = [event for event in events if event.iteration >= waypoint.iteration]
        self._replay = Replay(run, events, target)
        self._revision += 1

    def _trainer(self) -> Trainer:
        run = self._build(self._settings)
        assert isinstance(run, Trainer)
        return run

    def _go(self, now: float) -> None:
        self.state, self._goal = "running", None
        self.pace.begin(now, self.run.iteration)
        self._settle(now, force=True)

    def _steps(self, now: float, most: int) -> int:
        """Return how many of at most `most` iterations are due in a running run."""
        iteration = self.run.iteration
        if self._goal is not None:
            return max(0, min(most, self._goal - iteration))
        return self.pace.due(now, iteration, most)

    def _fitting(self, seconds: float) -> int:
        """Return how many iterations fit into so many seconds, at least one."""
        return max(1, min(MOST_STEPS, int(seconds / self._step_seconds)))

    @property
    def _step_seconds(self) -> float:
        return self._seconds.get(self._kind, FIRST_GUESS)

    def _advance(self, most: int) -> int:
        was_busy, start = self.run.busy, self._meter()
        done = self.run.work(most)
        used = self._meter() - start
        self._worked += used
        if done and isinstance(self.run, Trainer):
            # Of a step in parts, this is the last part.
            self._past.passed(self.run, used * max(1, self._settings.batch_size // self.run.part))
        if done and not was_busy:
            self._seconds[self._kind] = self._step_seconds + 0.1 * (used / done - self._step_seconds)
        return done

    def _settle(self, now: float, force: bool = False) -> None:
        """Notice the end of a Step or of the run, and publish when something changed or it is time to."""
        before = self.state
        if self.run.diverged:
            self.state, self._goal = "diverged", None
        elif self.run.finished:
            self.state, self._goal = "finished", None
        elif self._goal is not None and self.run.iteration >= self._goal and self.run.tested:
            self.state, self._goal = "paused", None
        if force or self.state != before or (self.state == "running" and self._publisher.due(now, self._worked)):
            self._show(now)

    def _show(self, now: float) -> None:
        """Publish the run; of one that is just being built again only what was commanded, the rest stays in view."""
        state = "paused" if self.away and self.state == "running" else self.state
        if self._replay.under_way and self._publisher.board.sequence:
            self._publisher.board.mark(state, self.pace.value)
        else:
            self._publisher.publish(self.run, self._revision, state, self.pace, now, self._past, self._step_seconds)
            self._worked = 0.0

    @property
    def _kind(self) -> Kind:
        settings = self.run.settings
        return settings.model, settings.gradient, settings.batch_size, len(self.run.histories)


def build(
    settings: Settings,
    images: Callable[[Settings], Digits | Tensors],
    learning_rates: Sequence[float] = (),
    candidates: Sequence[Candidate] = (),
) -> Trained:
    """Return a trainer, a race where learning rates are given, or a comparison where candidates are.

    `images` returns those that a run of such settings is trained on.
    """
    if candidates:
        return Comparison(settings, candidates, images)
    if learning_rates:
        return Race(settings, learning_rates, images(settings))
    return Trainer(settings, images(settings))
