"""Put a run's state and results on its board, often enough to be watched and seldom enough to cost little."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
import torch

from lrdemo.arrays import Float32s
from lrdemo.comparison import Comparison
from lrdemo.gradient import gradient_difference
from lrdemo.history import History, TestPoint
from lrdemo.model import SoftmaxRegression
from lrdemo.race import Race
from lrdemo.serving.board import Board, Lane, Snapshot
from lrdemo.serving.pace import Pace
from lrdemo.serving.past import Past
from lrdemo.serving.trained import Trained
from lrdemo.trainer import Trainer

PUBLISH_SECONDS, LONGEST_SECONDS = 0.04, 0.12
MOST_SHARE = 0.1
"""Of a run's time may be spent on showing it, unless it would not be seen for too long."""
MOST_COMPARED = 500
"""Images of a minibatch on which the two gradients are compared: enough to see a difference, and cheap."""


class Publisher:
    """Write one run on its board."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._published, self._cost = -math.inf, 0.0

    def due(self, now: float, worked: float) -> bool:
        """Tell whether a running run should be shown again, having worked for so many seconds since the last time."""
        elapsed = now - self._published
        return elapsed >= PUBLISH_SECONDS and (worked * MOST_SHARE >= self._cost or elapsed >= LONGEST_SECONDS)

    def put_off(self, now: float) -> None:
        """Show nothing for a while."""
        self._published = now

    def publish(
        self, run: Trained, revision: int, state: str, pace: Pace, now: float, past: Past, step_seconds: float
    ) -> None:
        """Write the run's present state and results, and in place of the present model the one that is looked at."""
        self._published, start = now, time.thread_time()
        reached, seen = run.iteration, past.seen
        running, last = state == "running", run.tests[0][-1:]
        in_question = None if running or past.on_its_way else past.trainer or run
        self.board.write(
            Snapshot(
                revision,
                state,
                reached,
                run.settings.iterations,
                run.settings.iterations_per_epoch,
                pace.value,
                pace.speed(now, reached, running),
                _gradient_difference(in_question),
                tuple(
                    Lane(
                        rate,
                        seen.parameters if seen else parameters.detach().cpu().numpy(),
                        history.loss[:reached],
                        history.accuracy[:reached],
                        table(tests),
                    )
                    for (rate, parameters, history), tests in zip(lanes(run), run.tests, strict=True)
                ),
                run.exploded,
                run.settings.held_out,
                seen.test.temperature if seen else last[0].temperature if last else 1.0,
                past.wanted,
                TestPoint(seen.iteration, seen.test.loss, seen.test.accuracy) if seen else None,
                step_seconds,
            )
        )
        self._cost = time.thread_time() - start


def lanes(run: Trained) -> Sequence[tuple[float, torch.Tensor, History]]:
    """Return learning rate, parameters as one vector and history of each model that the run trains."""
    if isinstance(run, Race):
        return [
            (rate, torch.cat([run.weight(lane).reshape(-1), run.bias(lane)]), run.histories[lane])
            for lane, rate in enumerate(run.learning_rates)
        ]
    if isinstance(run, Comparison):
        return [_single(lane) for lane in run.lanes]
    assert isinstance(run, Trainer)
    return [_single(run)]


def _single(run: Trainer) -> tuple[float, torch.Tensor, History]:
    return run.learning_rate, torch.nn.utils.parameters_to_vector(run.model.parameters()), run.history


def table(tests: Sequence[TestPoint]) -> Float32s:
    """Return tests as rows of iteration, loss and accuracy, [tests, 3]."""
    points = [(point.iteration, point.loss, point.accuracy) for point in tests]
    return np.array(points, dtype=np.float32).reshape(-1, 3)


def _gradient_difference(run: Trained | None) -> float:
    """Compare the two gradients on the next minibatch; nan where there is only one."""
    if not isinstance(run, Trainer) or not isinstance(run.model, SoftmaxRegression):
        return math.nan
    batch = run.peek()[:MOST_COMPARED]
    images = run.tensors.train_bytes[batch].float().div_(run.tensors.form.white)
    return gradient_difference(run.model, images, run.tensors.train_labels[batch])
