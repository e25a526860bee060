"""The share of the training time that each student of a class gets, by what an equal share would give.

Time is what the training processes could use: what passed, less what they waited while the web server and the
simulated browsers had the processors. What a training process wastes counts against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Stretch = tuple[int, int]
"""A run went from the first iteration to the second."""


@dataclass(frozen=True)
class Alone:
    """What one student at full speed gets when nobody else trains: iterations done after so many seconds, increasing.

    The early iterations of a run take longer, since it is tested more often.
    """

    iterations: Sequence[int]
    seconds: Sequence[float]

    def seconds_for(self, stretches: Sequence[Stretch]) -> float:
        """Return how long the same iterations took alone; past the last one measured, its mean speed goes on."""
        at = np.array(stretches, dtype=np.float64).reshape(-1, 2)
        beyond = np.maximum(at - self.iterations[-1], 0) * self._seconds_per_iteration
        times = np.interp(at, self.iterations, self.seconds) + beyond
        return float((times[:, 1] - times[:, 0]).sum())

    @property
    def iterations_per_second(self) -> float:
        """Return the mean speed."""
        return 1 / self._seconds_per_iteration

    @property
    def _seconds_per_iteration(self) -> float:
        return (self.seconds[-1] - self.seconds[0]) / (self.iterations[-1] - self.iterations[0])


def least_share(
    alone: Alone,
    students: Sequence[tuple[Sequence[Stretch], float]],
    others: int,
    elapsed: float,
    waited: Sequence[float],
) -> float | None:
    """Return the least share of all students, each given by what it trained and in how many seconds of training.

    `others` trained as well all the time that elapsed; `waited` are the seconds for which each training process was
    kept from the processors. What is left is divided equally among all seconds of training, and no run can use more
    than one process. 1 is an equal share; None says that nobody trained or that the system does not tell.
    """
    trained = [(stretches, seconds) for stretches, seconds in students if seconds > 0]
    if not trained or not waited:
        return None
    usable = len(waited) * elapsed - sum(waited)
    training = sum(seconds for _, seconds in trained) + others * elapsed
    each = min(usable / training, usable / (len(waited) * elapsed))
    return min(alone.seconds_for(stretches) / (seconds * each) for stretches, seconds in trained)
