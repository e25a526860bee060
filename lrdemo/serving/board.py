"""A run's state and results in shared memory: one process writes, others read whole snapshots of it.

The memory is a file that both sides map; it is reserved in full before (see lrdemo.serving.memory), so that writing
cannot fail. Its first numbers say how large the run can become. Nothing here trains, and nothing here waits for long.
"""

from __future__ import annotations

import mmap
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np

from lrdemo.arrays import Float32s
from lrdemo.candidates import Candidate
from lrdemo.history import TestPoint
from lrdemo.schedule import most_tests
from lrdemo.settings import Settings
from lrdemo.shapes import form_of, parameter_count

STATES = ("ready", "running", "paused", "finished", "diverged")
READ_TRIES = 20

COPIED = (
    "revision", "iteration", "iterations", "iterations_per_epoch", "pace", "speed", "gradient_difference", "exploded",
    "held_out", "temperature", "step_seconds",
)  # fmt: skip

_SHAPE = np.dtype([("lanes", "<i8"), ("iterations", "<i8"), ("tests", "<i8")])
_LANE = np.dtype([("parameters", "<i8"), ("tests", "<i8"), ("learning_rate", "<f8")])
_HEADER = np.dtype(
    [
        ("sequence", "<i8"),
        ("revision", "<i8"),
        ("state", "<i8"),
        ("iteration", "<i8"),
        ("iterations", "<i8"),
        ("iterations_per_epoch", "<i8"),
        ("pace", "<i8"),
        ("speed", "<f8"),
        ("gradient_difference", "<f8"),
        ("exploded", "<i8"),
        ("held_out", "<i8"),
        ("temperature", "<f8"),
        ("step_seconds", "<f8"),
        ("wanted", "<i8"),
        ("seen", "<i8"),
        ("seen_loss", "<f8"),
        ("seen_accuracy", "<f8"),
        ("at_work", "<i8"),
    ]
)

_NOT_THERE = -1
_LANES_AT = _SHAPE.itemsize + _HEADER.itemsize


@dataclass(frozen=True)
class Shape:
    """How large a run can become: the parameters of each of the models side by side, iterations, tests."""

    parameters: tuple[int, ...]
    iterations: int
    tests: int

    @property
    def lanes(self) -> int:
        """Return how many models are side by side."""
        return len(self.parameters)

    @property
    def size(self) -> int:
        """Return the bytes that its board takes."""
        numbers = sum(self.parameters) + self.lanes * (2 * self.iterations + 3 * self.tests)
        return _SHAPE.itemsize + _HEADER.itemsize + self.lanes * _LANE.itemsize + 4 * numbers


def shape_of(settings: Settings, lanes: int = 1, candidates: Sequence[Candidate] = ()) -> Shape:
    """Return how large a run of these settings can become, or a comparison of the candidates."""
    parameters = parameter_count(settings.model, form_of(settings.features).size)
    each = tuple(candidate.parameters for candidate in candidates)
    return Shape(each or (parameters,) * lanes, settings.iterations, most_tests(settings))


class Tests(Sequence[TestPoint]):
    """The evaluations on the test images, read from a table [tests, 3] when they are looked at."""

    def __init__(self, table: Float32s) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    @overload
    def __getitem__(self, place: int) -> TestPoint: ...
    @overload
    def __getitem__(self, place: slice) -> Tests: ...
    def __getitem__(self, place: int | slice) -> TestPoint | Tests:
        if isinstance(place, slice):
            return Tests(self._table[place])
        at, loss, accuracy = self._table[place]
        return TestPoint(int(at), float(loss), float(accuracy))


@dataclass(frozen=True, eq=False)
class Lane:
    """One model's numbers: its parameters as one vector, and its curves up to the snapshot's iteration."""

    learning_rate: float
    parameters: Float32s
    loss: Float32s
    accuracy: Float32s
    test_table: Float32s
    """[tests, 3]: iteration, mean loss, accuracy (0 … 1) on the test images."""

    @property
    def tests(self) -> Tests:
        """Return the evaluations on the test images."""
        return Tests(self.test_table)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A run at one moment; lanes are the models trained side by side (one, or a race of several)."""

    revision: int
    state: str
    iteration: int
    iterations: int
    iterations_per_epoch: int
    pace: int
    speed: float
    """Iterations per second."""
    gradient_difference: float
    """Largest difference of the by-hand and the autograd gradient on the next minibatch; nan while the run trains."""
    lanes: tuple[Lane, ...]
    exploded: bool = False
    """Training has gone wrong: the loss stays above its start, or is not finite."""
    held_out: int = 0
    """Training images that it is tested on; 0 where these are the 10,000 test images."""
    temperature: float = 1.0
    """Fitted to the logits of the last test; 1 where there was none, or one on few images."""
    wanted: int | None = None
    """The earlier iteration that the visitor looks at, or will as soon as it is computed; None for the present."""
    seen: TestPoint | None = None
    """The test at the earlier iteration that the first lane's parameters, and the temperature, are of; None where they
    are of the present."""
    step_seconds: float = 0.0
    """Processor time of one iteration, about."""

    @property
    def moment(self) -> int:
        """Return the iteration that the parameters are of."""
        return self.seen.iteration if self.seen else self.iteration

    @property
    def test(self) -> TestPoint | None:
        """Return the latest test of the first lane that is not later than the moment; None where there is none."""
        return self.seen or next(iter(self.lane.tests[-1:]), None)

    @property
    def epoch(self) -> float:
        """Return how many times all training images have been used at the moment."""
        return self.moment / self.iterations_per_epoch

    @property
    def lane(self) -> Lane:
        """Return the first lane: the whole of a single run."""
        return self.lanes[0]


class Board:
    """Map one run's memory; `shape` is given once, when the file is new."""

    def __init__(self, path: Path, shape: Shape | None = None) -> None:
        self.path = path
        with open(path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)
        if shape is not None:
            np.frombuffer(self._memory, _SHAPE, 1)[0] = shape.lanes, shape.iterations, shape.tests
            np.frombuffer(self._memory, _LANE, shape.lanes, _LANES_AT)["parameters"] = shape.parameters
        lanes, iterations, tests = (int(number) for number in np.frombuffer(self._memory, _SHAPE, 1)[0])
        self._lanes = np.frombuffer(self._memory, _LANE, lanes, _LANES_AT)
        self.shape = Shape(tuple(int(count) for count in self._lanes["parameters"]), iterations, tests)
        self._lock = threading.Lock()
        self._closed = False
        self._last: Snapshot | None = None
        self._last_sequence = 0
        self._header = np.frombuffer(self._memory, _HEADER, 1, _SHAPE.itemsize)
        if shape is not None:
            self._header["seen"] = self._header["wanted"] = _NOT_THERE
        numbers = np.frombuffer(self._memory, np.float32, offset=_LANES_AT + lanes * _LANE.itemsize)
        ends = np.cumsum([*self.shape.parameters, lanes * iterations, lanes * iterations, lanes * tests * 3])
        *self._parameters, loss, accuracy, table = np.split(numbers, ends[:-1])
        self._loss, self._accuracy = loss.reshape(lanes, iterations), accuracy.reshape(lanes, iterations)
        self._tests = table.reshape(lanes, tests, 3)

    @property
    def sequence(self) -> int:
        """Return a number that grows with every write; odd while a write is under way."""
        with self._lock:
            return self._last_sequence if self._closed else int(self._header["sequence"][0])

    @property
    def progress(self) -> tuple[int, int]:
        """Return revision and iteration of the latest snapshot, (0, 0) before the first one."""
        with self._lock:
            if self._closed:
                return (self._last.revision, self._last.iteration) if self._last else (0, 0)
            return int(self._header["revision"][0]), int(self._header["iteration"][0])

    @property
    def seen(self) -> int | None:
        """Return the earlier iteration that is shown, None where it is the present."""
        with self._lock:
            return None if self._closed else _there(self._header["seen"][0])

    @property
    def at_work(self) -> bool:
        """Tell whether the writer is computing this run at the moment, or was when it died."""
        with self._lock:
            return not self._closed and bool(self._header["at_work"][0])

    @contextmanager
    def working(self) -> Iterator[None]:
        """Have the other side see, for as long as this lasts, whose work it is."""
        self._header["at_work"][0] = True
        try:
            yield
        finally:
            if not self._closed:
                self._header["at_work"][0] = False

    def write(self, snapshot: Snapshot) -> None:
        """Publish a snapshot; only the parts of the curves that are new since the last write are copied.

        The tests are few, and the last one is gone again when a run that stood goes on: they are all copied.

        Raises ValueError, with nothing written, when it does not fit.
        """
        self._check(snapshot)
        header = self._header[0].copy()
        known = int(header["iteration"]) if int(header["revision"]) == snapshot.revision else 0
        self._begin_write()
        for index, lane in enumerate(snapshot.lanes):
            self._lanes[index]["learning_rate"] = lane.learning_rate
            self._lanes[index]["tests"] = len(lane.test_table)
            self._parameters[index][:] = lane.parameters
            self._loss[index, known : snapshot.iteration] = lane.loss[known:]
            self._accuracy[index, known : snapshot.iteration] = lane.accuracy[known:]
            self._tests[index, : len(lane.test_table)] = lane.test_table
        for name in COPIED:
            header[name] = getattr(snapshot, name)
        header["state"] = STATES.index(snapshot.state)
        header["wanted"] = _NOT_THERE if snapshot.wanted is None else snapshot.wanted
        seen = snapshot.seen or TestPoint(_NOT_THERE, 0.0, 0.0)
        header["seen"], header["seen_loss"], header["seen_accuracy"] = seen.iteration, seen.loss, seen.accuracy
        self._end_write(header)

    def mark(self, state: str, pace: int) -> None:
        """Publish another state and pace, and nothing else, of a run that makes no iterations at present."""
        header = self._header[0].copy()
        header["state"], header["pace"], header["speed"] = STATES.index(state), pace, 0.0
        self._begin_write()
        self._end_write(header)

    def mend(self) -> None:
        """End what a dead writer has begun, so that readers need not wait for it."""
        with self._lock:
            if not self._closed:
                self._header["at_work"][0] = False
                self._header["sequence"][0] += self._header["sequence"][0] % 2

    def read(self) -> Snapshot | None:
        """Return a consistent copy of the latest snapshot, or None before the first one.

        Where a write takes too long, or its writer has died in the middle of it, the last one read is returned again.
        """
        for _ in range(READ_TRIES):
            with self._lock:
                if self._closed:
                    return self._last
                before = int(self._header["sequence"][0])
                if before == self._last_sequence:
                    return self._last
                if before % 2 == 0:
                    snapshot = self._copy()
                    if int(self._header["sequence"][0]) == before:
                        self._last, self._last_sequence = snapshot, before
                        return snapshot
            time.sleep(0.0003)
        return self._last

    def close(self) -> None:
        """Give the memory back; what was read last can still be read."""
        with self._lock:
            if not self._closed:
                self._closed = True
                del self._header, self._lanes, self._parameters, self._loss, self._accuracy, self._tests
                self._memory.close()

    def _check(self, snapshot: Snapshot) -> None:
        shape, lanes = self.shape, snapshot.lanes
        if tuple(len(lane.parameters) for lane in lanes) != shape.parameters:
            raise ValueError(f"A board for {shape} cannot show lanes of {[len(one.parameters) for one in lanes]}.")
        lengths = {len(curve) for lane in lanes for curve in (lane.loss, lane.accuracy)}
        if lengths != {snapshot.iteration}:
            raise ValueError(f"Curves of {sorted(lengths)} numbers do not fit iteration {snapshot.iteration}.")
        tests = max(len(lane.test_table) for lane in lanes)
        if snapshot.iteration > shape.iterations or tests > shape.tests:
            raise ValueError(f"{snapshot.iteration} iterations with {tests} tests do not fit {shape}.")

    def _begin_write(self) -> None:
        # Made odd rather than raised by one: a writer that died may have left it odd.
        self._header["sequence"][0] |= 1

    def _end_write(self, header: np.void) -> None:
        header["sequence"] = int(self._header["sequence"][0])
        self._header[0] = header
        self._header["sequence"][0] += 1

    def _copy(self) -> Snapshot:
        header = self._header[0].copy()
        iteration, kept = int(header["iteration"]), self._lanes.copy()
        lanes = tuple(
            Lane(
                float(kept[index]["learning_rate"]),
                self._parameters[index].copy(),
                self._loss[index, :iteration].copy(),
                self._accuracy[index, :iteration].copy(),
                self._tests[index, : int(kept[index]["tests"])].copy(),
            )
            for index in range(self.shape.lanes)
        )
        return Snapshot(
            int(header["revision"]),
            STATES[int(header["state"])],
            iteration,
            int(header["iterations"]),
            int(header["iterations_per_epoch"]),
            int(header["pace"]),
            float(header["speed"]),
            float(header["gradient_difference"]),
            lanes,
            bool(header["exploded"]),
            int(header["held_out"]),
            float(header["temperature"]),
            _there(header["wanted"]),
            None if _there(header["seen"]) is None else TestPoint(
                int(header["seen"]), float(header["seen_loss"]), float(header["seen_accuracy"])
            ),
            float(header["step_seconds"]),
        )


def _there(number: int) -> int | None:
    return None if number == _NOT_THERE else int(number)
