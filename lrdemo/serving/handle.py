"""A handle to one run: send it commands, read its snapshots.

A command that is not answered in time stays in order and is carried out all the same. The record of what the run has
been through is kept here, as the training process reports it, so that the run outlives that process.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lrdemo.arrays import Bytes, Ints
from lrdemo.candidates import Candidate
from lrdemo.errors import ServiceError
from lrdemo.serving.board import Board, Snapshot, shape_of
from lrdemo.serving.boards import Boards
from lrdemo.serving.kept import Kept
from lrdemo.serving.memory import Memory
from lrdemo.serving.messages import BACK_TO_NOW, BEGINNINGS, Event, Message, Opening, Report, Standing, noted
from lrdemo.settings import Settings, changed

ANSWER_SECONDS = 20.0
CONTROL_SECONDS = 1.0
WAITING_SECONDS = 0.3
MOST_TEACHINGS = 20
MOST_UNANSWERED = 100
BUSY = "The training process is busy. Try again in a moment."
ENDED = "This run has ended. Reload the page to begin a new one."

_numbers = itertools.count(1)


@dataclass(eq=False)
class _Command:
    """A command on its way: sent, begun (part of the record), done (answered)."""

    verb: str
    arguments: tuple[Any, ...]
    sent: float
    begun: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    problem: str | None = None
    value: Any = None


class RunHandle:
    """Command one run and read it, wherever it is computed; safe to use from several threads."""

    def __init__(
        self,
        memory: Memory,
        settings: Settings,
        learning_rates: Sequence[float] = (),
        candidates: Sequence[Candidate] = (),
    ) -> None:
        self.number = next(_numbers)
        self.token = secrets.token_urlsafe(16)
        self.learning_rates = tuple(learning_rates)
        self.candidates = tuple(candidates)
        self.watchers: list[Callable[[], None]] = []
        """Called, from any thread, when a command has been carried out or something has happened to the run."""
        self.rebuilt = 0
        self.events: list[Event] = []
        self._settings = settings
        self._lock = threading.RLock()
        self._post: Callable[[Message], None] | None = None
        self._place_problem: Callable[[], str | None] = lambda: None
        self._on_close: Callable[[RunHandle], None] = lambda _run: None
        self._commands: dict[int, _Command] = {}
        self._standing = Standing()
        self._problem: str | None = None
        self._away = False
        self._looked_at: int | None = None
        self._closed = False
        self._boards = Boards(memory, str(self.number))
        self.board = self._board_for(settings)

    # Commands

    def start(self, settings: Settings | None = None) -> None:
        """Start from the untrained model, with other settings if given."""
        self._begin_again("start", settings)

    def pause(self) -> None:
        """Stand still."""
        self._command(CONTROL_SECONDS, "pause")

    def resume(self) -> None:
        """Go on from where the run stands."""
        self._command(CONTROL_SECONDS, "resume")

    def step(self, count: int = 1) -> None:
        """Train exactly `count` iterations more, then stand still."""
        self._command(CONTROL_SECONDS, "step", count)

    def reset(self, settings: Settings | None = None) -> None:
        """Go back to the untrained model and wait for a start."""
        self._begin_again("reset", settings)

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next iteration on."""
        self._command(CONTROL_SECONDS, "set_learning_rate", value)

    def set_pace(self, value: int) -> None:
        """Train at `value` iterations per second; 0 means as fast as it goes."""
        changed(self.settings, pace=value)  # Raises SettingsError outside its limits.
        self._command(CONTROL_SECONDS, "set_pace", value)

    def teach(self, images: Bytes, labels: Ints, steps: int, copies: int) -> None:
        """Take extra steps with own drawings mixed into the minibatches: images [n, 784] prepared, labels [n].

        Raises ServiceError when this run cannot be taught (any more).
        """
        if len(self._teachings) >= MOST_TEACHINGS:
            raise ServiceError(f"A run can be taught {MOST_TEACHINGS} times. Undo some, or start it again.")
        self._command(ANSWER_SECONDS, "teach", np.array(images), np.array(labels), steps, copies)

    def undo_teaching(self) -> None:
        """Restore the model as it would be without the latest teaching."""
        self._command(ANSWER_SECONDS, "undo_teaching")

    def look_at(self, iteration: int | None) -> None:
        """Show the run as it was after so many iterations, None for now, as soon as that is computed."""
        with self._lock:
            self._looked_at = iteration
            if self._post is not None:
                self._post((0, self.number, "look_at", (iteration,)))

    def go_on_from(self, iteration: int) -> None:
        """Make it a run that has come to this iteration only, and go on."""
        self._command(ANSWER_SECONDS, "go_on_from", iteration)

    def keep(self) -> Kept:
        """Return the run as it is now, as a whole."""
        self.look_at(None)
        found = self.ask("lrdemo.serving.keeping:whole")
        events = tuple(event for event in self.events if event.iteration <= found["iteration"])
        snapshot = self.snapshot()
        return Kept(self.settings, events, step_seconds=snapshot.step_seconds if snapshot else 0.0, **found)

    def take_up(self, kept: Kept) -> None:
        """Make it the run that was kept, where that stood."""
        self._begin_again("take_up", kept.settings, kept.events, kept.whole)

    def ask(self, question: str, **details: Any) -> dict[str, Any]:
        """Ask something of the live run: `question` names a function, "lrdemo.package.module:function", of the run.

        Raises ServiceError when no answer comes.
        """
        number, command = self._send("ask", (question, details, time.monotonic() + ANSWER_SECONDS))
        found = self._answer(command, ANSWER_SECONDS)
        if not command.done.is_set() or found is None:
            with self._lock:
                self._commands.pop(number, None)
            raise ServiceError(BUSY)
        return dict(found)

    def leave(self) -> None:
        """Stand still because nobody watches any more."""
        self._set_away(True)

    def come_back(self) -> None:
        """Go on if the run stood still only because nobody watched."""
        self._set_away(False)

    def close(self, problem: str | None = None) -> None:
        """End the run, for a reason if given, and give its memory back; closing it twice does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._problem = problem or self._problem
            if self._post is not None:
                self._post((0, self.number, "close", ()))
            self._post = None
            for command in self._commands.values():
                command.problem = problem or ENDED
                command.done.set()
            self._commands.clear()
            self._boards.keep(())
        self._on_close(self)
        self._wake()

    # What can be read

    def snapshot(self) -> Snapshot | None:
        """Return the latest state and results, or None while the training process is still starting."""
        return self.board.read()

    def wait(self, seconds: float, until: Callable[[Snapshot], bool]) -> Snapshot:
        """Return the first snapshot that satisfies `until`; raises ServiceError when none does in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            snapshot = self.snapshot()
            if snapshot is not None and until(snapshot):
                return snapshot
            time.sleep(0.002)
        raise ServiceError(f"The training process did not get there in {seconds:g} seconds.")

    @property
    def settings(self) -> Settings:
        """Return the settings as last started or reset, at the pace of the moment, commands on their way included."""
        with self._lock:
            found = self._settings
            for command in self._commands.values():
                if command.verb in BEGINNINGS and not command.begun:
                    found = command.arguments[0] or found
                elif command.verb == "set_pace" and not command.begun:
                    found = changed(found, pace=command.arguments[0])
        return found

    @property
    def taught(self) -> int:
        """Count the teachings, not undone, that the model has been through as it is seen."""
        seen = self.board.seen
        return sum(seen is None or event.iteration <= seen for event in self._teachings)

    @property
    def _teachings(self) -> list[Event]:
        return [event for event in self.events if event.verb == "teach"]

    @property
    def learning_rate(self) -> float:
        """Return the learning rate of the moment."""
        changes = [event.arguments[0] for event in self.events if event.verb == "set_learning_rate"]
        return float(changes[-1]) if changes else self.settings.learning_rate

    @property
    def problem(self) -> str | None:
        """Return why this run cannot be trained at present, if so, in a sentence."""
        return self._place_problem() or self._problem

    @property
    def at_work(self) -> bool:
        """Tell whether it is being computed at the moment, or was when its training process died."""
        return self.board.at_work

    @property
    def waiting(self) -> bool:
        """Tell whether a command has been without an answer for 0.3 s or more."""
        with self._lock:
            longest = time.monotonic() - WAITING_SECONDS
            return any(
                command.sent <= longest and not (command.begun and command.verb == "step")
                for command in self._commands.values()
            )

    @property
    def begins_again(self) -> bool:
        """Tell whether it is about to become another run: a snapshot may still be of the run before it."""
        with self._lock:
            return bool(self._beginnings)

    @property
    def version(self) -> Hashable:
        """Return something that differs whenever anything that can be read here differs."""
        board = self.board
        return board.path.name, board.sequence, self.rebuilt, self.problem, self.waiting

    # What the place where the run is computed calls

    def attach(
        self,
        post: Callable[[Message], None],
        problem: Callable[[], str | None] = lambda: None,
        on_close: Callable[[RunHandle], None] = lambda _run: None,
    ) -> None:
        """Open the run, or build it again to where it was, where `post` leads; then send what is not done yet."""
        with self._lock:
            if self._closed:
                return
            self._place_problem, self._on_close = problem, on_close
            self.board.mend()
            revision, iteration = self.board.progress
            standing = self._standing
            if revision >= standing.revision:
                at = max(standing.iteration, iteration)
                standing = Standing(revision, at, standing.state, standing.goal)
            if standing.iteration or self.events or standing.state == "running":
                self.rebuilt += 1
            opening = Opening(
                str(self.board.path),
                self._settings,
                self.learning_rates,
                tuple(self.events),
                standing,
                self._away,
                self.candidates,
            )
            post((0, self.number, "open", (opening,)))
            for number, command in list(self._commands.items()):
                if command.begun:
                    # Its effect is part of what is built again.
                    del self._commands[number]
                    command.done.set()
                else:
                    post((number, self.number, command.verb, command.arguments))
            if self._looked_at is not None:
                post((0, self.number, "look_at", (self._looked_at,)))
            self._post = post
            self._drop_boards()
        self._wake()

    def detach(self) -> None:
        """Keep all commands from now on until the run is attached again."""
        with self._lock:
            self._post = None

    def receive(self, report: Report) -> None:
        """Take a report about this run; see lrdemo.serving.messages."""
        with self._lock:
            if self._closed:
                return
            if report[0] == "problem":
                self._problem = report[2]
            elif report[0] == "did":
                self._note(*report[2:])
                return
            elif not self._take_answer(*report[2:]):
                return
        self._wake()

    def _note(self, number: int, event: Event, standing: Standing) -> None:
        command = self._commands.get(number)
        if command is not None:
            command.begun = True
        self._standing = standing
        self.events = noted(self.events, event)
        if event.verb in BACK_TO_NOW:
            self._looked_at = None
        if event.verb in BEGINNINGS:
            self._problem = None
            settings, board = event.arguments[:2]
            if settings is not None:
                self._settings = settings
            if board is not None:
                self.board = self._boards[board]
        elif event.verb == "set_pace":
            self._settings = changed(self._settings, pace=event.arguments[0])

    def _take_answer(self, number: int, fine: bool, value: Any) -> bool:
        command = self._commands.pop(number, None)
        if command is None:
            return False
        if fine:
            command.value = value
        else:
            command.problem = value
        command.done.set()
        self._drop_boards()
        return True

    # How commands travel

    def _begin_again(self, verb: str, settings: Settings | None, *more: Any) -> None:
        with self._lock:
            board = None if settings is None or self._closed else str(self._board_for(settings).path)
            # Still locked: a board that no command names is given back.
            _, command = self._send(verb, (settings, board, *more))
        self._answer(command, CONTROL_SECONDS)

    def _command(self, seconds: float, verb: str, *arguments: Any) -> None:
        """Send a command and wait for its answer for so many seconds at most."""
        _, command = self._send(verb, arguments)
        self._answer(command, seconds)

    def _send(self, verb: str, arguments: tuple[Any, ...]) -> tuple[int, _Command]:
        problem = self._place_problem()
        if problem:
            raise ServiceError(problem)
        with self._lock:
            if self._closed:
                raise ServiceError(ENDED)
            if len(self._commands) >= MOST_UNANSWERED:
                raise ServiceError(BUSY)
            number = next(_numbers)
            command = self._commands[number] = _Command(verb, arguments, time.monotonic())
            if self._post is not None:
                self._post((number, self.number, verb, arguments))
        return number, command

    def _answer(self, command: _Command, seconds: float) -> Any:
        if command.done.wait(seconds) and command.problem is not None:
            raise ServiceError(command.problem)
        return command.value

    def _set_away(self, away: bool) -> None:
        with self._lock:
            self._away = away
            if self._post is not None:
                self._post((0, self.number, "leave" if away else "come_back", ()))

    def _wake(self) -> None:
        for wake in list(self.watchers):
            wake()

    def _board_for(self, settings: Settings) -> Board:
        return self._boards.fitting(shape_of(settings, len(self.learning_rates) or 1, self.candidates))

    def _drop_boards(self) -> None:
        self._boards.keep({str(self.board.path), *(command.arguments[1] for command in self._beginnings)})

    @property
    def _beginnings(self) -> list[_Command]:
        return [command for command in self._commands.values() if command.verb in BEGINNINGS]
