"""A run's state and results in shared memory: one process writes, others read whole snapshots of it.

The memory is a small file mapped by both sides. The file is as large as the largest run needs, but only the pages
that are written take memory. Nothing here trains, and nothing here waits.
"""

from __future__ import annotations

import mmap
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lrdemo.history import TestPoint
from lrdemo.shapes import parameter_count

Floats = npt.NDArray[np.float32]

STATES = ("ready", "running", "paused", "finished", "diverged")
CAPACITY = 30_000
MOST_TESTS = 1_024
MOST_LANES = 16
READ_TRIES = 20

COPIED = ("revision", "iteration", "iterations", "iterations_per_epoch", "pace", "rate", "gradient_difference")

_HEADER = np.dtype(
    [
        ("sequence", "<i8"),
        ("revision", "<i8"),
        ("state", "<i8"),
        ("iteration", "<i8"),
        ("iterations", "<i8"),
        ("iterations_per_epoch", "<i8"),
        ("pace", "<i8"),
        ("lanes", "<i8"),
        ("parameters", "<i8"),
        ("tests", "<i8"),
        ("rate", "<f8"),
        ("gradient_difference", "<f8"),
        ("learning_rates", "<f8", (MOST_LANES,)),
    ]
)


@dataclass(frozen=True, eq=False)
class Lane:
    """Hold one model's numbers: its parameters as one vector, and its curves up to the snapshot's iteration."""

    learning_rate: float
    parameters: Floats
    loss: Floats
    accuracy: Floats
    test_table: Floats
    """[tests, 3]: iteration, mean loss, accuracy (0 … 1) on the test images."""

    @property
    def tests(self) -> list[TestPoint]:
        """Return the evaluations on the test images."""
        return [TestPoint(int(at), float(loss), float(accuracy)) for at, loss, accuracy in self.test_table]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Hold what a run was at one moment; lanes are the models trained side by side (one, or a race of several)."""

    revision: int
    state: str
    iteration: int
    iterations: int
    iterations_per_epoch: int
    pace: int
    rate: float
    gradient_difference: float
    """Largest difference of the by-hand and the autograd gradient on the next minibatch; nan where there is none."""
    lanes: tuple[Lane, ...]

    @property
    def epoch(self) -> float:
        """Return how many times all 60,000 training images have been used."""
        return self.iteration / self.iterations_per_epoch

    @property
    def lane(self) -> Lane:
        """Return the first lane: the whole of a single run."""
        return self.lanes[0]


class Board:
    """Map one run's memory. `most_lanes` is fixed when the file is made; both sides must agree on it."""

    def __init__(self, path: Path, most_lanes: int = 1) -> None:
        self.path = path
        self.most_lanes = most_lanes
        parameters = parameter_count("mlp") if most_lanes == 1 else parameter_count("softmax") * most_lanes
        shapes: list[tuple[int, ...]] = [
            (parameters,),
            (most_lanes, CAPACITY),
            (most_lanes, CAPACITY),
            (most_lanes, MOST_TESTS, 3),
        ]
        size = _HEADER.itemsize + 4 * sum(int(np.prod(shape)) for shape in shapes)
        with open(path, "a+b") as file:
            if os.fstat(file.fileno()).st_size < size:
                file.truncate(size)
            self._memory = mmap.mmap(file.fileno(), size)
        self._last: Snapshot | None = None
        self._header = np.frombuffer(self._memory, _HEADER, 1)
        offset = _HEADER.itemsize
        arrays: list[Floats] = []
        for shape in shapes:
            count = int(np.prod(shape))
            arrays.append(np.frombuffer(self._memory, np.float32, count, offset).reshape(shape))
            offset += 4 * count
        self._parameters, self._loss, self._accuracy, self._tests = arrays

    @property
    def sequence(self) -> int:
        """Return a number that grows with every write; odd while a write is under way."""
        return int(self._header["sequence"][0])

    @property
    def revision(self) -> int:
        """Return the revision of the latest snapshot, 0 before the first one."""
        return int(self._header["revision"][0])

    def write(self, snapshot: Snapshot) -> None:
        """Publish a snapshot; only the parts of the curves that are new since the last write are copied."""
        header = self._header[0]
        known = int(header["iteration"]) if int(header["revision"]) == snapshot.revision else 0
        known_tests = int(header["tests"]) if int(header["revision"]) == snapshot.revision else 0
        self._begin_write()
        size = len(snapshot.lane.parameters)
        for name in COPIED:
            header[name] = getattr(snapshot, name)
        header["state"] = STATES.index(snapshot.state)
        header["lanes"] = len(snapshot.lanes)
        header["parameters"] = size
        header["tests"] = len(snapshot.lane.test_table)
        for index, lane in enumerate(snapshot.lanes):
            header["learning_rates"][index] = lane.learning_rate
            self._parameters[index * size : (index + 1) * size] = lane.parameters
            self._loss[index, known : snapshot.iteration] = lane.loss[known:]
            self._accuracy[index, known : snapshot.iteration] = lane.accuracy[known:]
            self._tests[index, known_tests : len(lane.test_table)] = lane.test_table[known_tests:]
        header["sequence"] += 1

    def read(self) -> Snapshot | None:
        """Return a consistent copy of the latest snapshot, or None before the first one.

        Where a write takes too long, or its writer has died in the middle of it, the last one read is returned again.
        """
        for _ in range(READ_TRIES):
            before = self.sequence
            if before == 0:
                return None
            if before % 2 == 0:
                snapshot = self._copy()
                if self.sequence == before:
                    self._last = snapshot
                    return snapshot
            time.sleep(0.0003)
        return self._last or self._copy()

    def _begin_write(self) -> None:
        # Made odd rather than raised by one: a writer that died may have left it odd.
        self._header["sequence"][0] |= 1

    def _copy(self) -> Snapshot:
        header = self._header[0].copy()
        size, iteration, tests = int(header["parameters"]), int(header["iteration"]), int(header["tests"])
        lanes = tuple(
            Lane(
                float(header["learning_rates"][index]),
                self._parameters[index * size : (index + 1) * size].copy(),
                self._loss[index, :iteration].copy(),
                self._accuracy[index, :iteration].copy(),
                self._tests[index, :tests].copy(),
            )
            for index in range(int(header["lanes"]))
        )
        return Snapshot(
            int(header["revision"]),
            STATES[int(header["state"])],
            iteration,
            int(header["iterations"]),
            int(header["iterations_per_epoch"]),
            int(header["pace"]),
            float(header["rate"]),
            float(header["gradient_difference"]),
            lanes,
        )
