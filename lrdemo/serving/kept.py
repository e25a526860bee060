"""A run that is kept beside the present one: what it was made of, what came of it, and all that it takes to go on.

Without PyTorch, so that the web server can hold it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lrdemo.arrays import Float32s
from lrdemo.serving.board import Tests
from lrdemo.serving.messages import Event
from lrdemo.settings import Settings


@dataclass(frozen=True, eq=False)
class Kept:
    """Hold one run: its settings and events reproduce it exactly, `whole` is what the training process takes up."""

    settings: Settings
    events: tuple[Event, ...]
    iteration: int
    diverged: bool
    parameters: Float32s
    loss: Float32s
    """Of each iteration's minibatch, [iteration]."""
    accuracy: Float32s
    test_table: Float32s
    """[tests, 3]: iteration, mean loss, accuracy (0 … 1)."""
    temperature: float
    step_seconds: float
    """Processor time of one iteration."""
    whole: bytes = b""

    @property
    def tests(self) -> Tests:
        """Return its evaluations, on the test images or on those held out."""
        return Tests(self.test_table)

    @property
    def taught(self) -> int:
        """Count the teachings that it has been through."""
        return sum(event.verb == "teach" for event in self.events)

    @property
    def rate_changes(self) -> int:
        """Count the changes of the learning rate that were made by hand."""
        return sum(event.verb == "set_learning_rate" for event in self.events)
