"""What the core itself makes of a run: trained once more here, and measured with PyTorch's own functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import minimize_scalar
from torch import Tensor
from torch.nn import functional as F

from lrdemo.data import Digits
from lrdemo.drawings.teach import teach
from lrdemo.evaluate import dropout_off
from lrdemo.gradient import gradient_difference
from lrdemo.history import TestPoint
from lrdemo.lesson.step import look
from lrdemo.probability import LEAST_TEMPERATURE, MOST_TEMPERATURE
from lrdemo.race import Race
from lrdemo.run import FITTED, LEAST_ANSWERS
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

Floats = npt.NDArray[np.float32]
COMPARED = 500
"""Images of a minibatch on which the app compares the two gradients, at most."""


@dataclass(frozen=True, eq=False)
class Teaching:
    """Own drawings, and how they are taught."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[Any]
    steps: int
    copies: int

    def happen(self, trainer: Trainer) -> None:
        """Take the extra steps."""
        teach(trainer, self.images, self.labels, self.steps, self.copies)


@dataclass(frozen=True, eq=False)
class Rate:
    """Another learning rate."""

    value: float

    def happen(self, trainer: Trainer) -> None:
        """Use it from the next iteration on."""
        trainer.set_learning_rate(self.value)


Event = tuple[int, Rate | Teaching]
"""What has happened, with its iteration."""


@dataclass(eq=False)
class Story:
    """What a run has been through since its start."""

    settings: Settings
    events: list[Event] = field(default_factory=list)

    @property
    def taught(self) -> int:
        """Count the teachings."""
        return sum(isinstance(what, Teaching) for _, what in self.events)

    @property
    def learning_rate(self) -> float:
        """Return the learning rate of the moment."""
        rates = [what.value for _, what in self.events if isinstance(what, Rate)]
        return rates[-1] if rates else self.settings.learning_rate

    def untaught(self) -> int:
        """Forget the latest teaching, and return its iteration."""
        latest = max(place for place, (_, what) in enumerate(self.events) if isinstance(what, Teaching))
        return self.events.pop(latest)[0]


class Core:
    """A run at one iteration, with all that has happened by then."""

    def __init__(self, story: Story, iteration: int, digits: Digits) -> None:
        events = [event for event in story.events if event[0] <= iteration]
        self.settings, self.iteration = story.settings, iteration
        self.taught = Story(story.settings, events).taught
        self.trainer = Trainer(story.settings, digits, tests=False)
        for at, what in events:
            self.trainer.advance(at - self.trainer.iteration)
            what.happen(self.trainer)
        self.trainer.advance(iteration - self.trainer.iteration)
        assert self.trainer.iteration == iteration
        self.tensors, self.loss = self.trainer.tensors, self.trainer.history.loss
        self.parameters = [parameter.detach().numpy() for parameter in self.trainer.model.parameters()]

    @property
    def moment(self) -> str:
        """Return to which moment its numbers belong, as the pages say it."""
        times = {0: "", 1: ", taught once", 2: ", taught twice"}.get(self.taught, f", taught {self.taught} times")
        return f"iteration {self.iteration:,}{times}"

    @torch.no_grad()
    def scores(self, images: Any) -> Tensor:
        """Return logits [n, 10] for images, n · 784 numbers in all."""
        with dropout_off(self.trainer.model):
            found: Tensor = self.trainer.model(torch.as_tensor(images, dtype=torch.float32).reshape(-1, 784))
        return found

    @cached_property
    def test_scores(self) -> Tensor:
        """Return the logits of the 10,000 test images."""
        return self.scores(self.tensors.test_images)

    @cached_property
    def test(self) -> TestPoint:
        """Return loss and accuracy on the images that the run is judged on."""
        images, labels = self.tensors.judged_on(self.settings.held_out)
        return measured(self.iteration, self.scores(images), labels)

    @cached_property
    def temperature(self) -> float:
        """Return the temperature that the images which the run is judged on ask for, 1 where these are few."""
        images, labels = self.tensors.judged_on(self.settings.held_out)
        if len(labels) < LEAST_ANSWERS:
            return 1.0
        scores, labels = self.scores(images[::FITTED]).double(), labels[::FITTED]
        found = minimize_scalar(
            lambda log: float(F.cross_entropy(scores / math.exp(log), labels)), method="bounded",
            bounds=(math.log(LEAST_TEMPERATURE), math.log(MOST_TEMPERATURE)), options={"xatol": 1e-9},
        )  # fmt: skip
        return math.exp(found.x)

    @cached_property
    def on_test_images(self) -> TestPoint:
        """Return loss and accuracy on the 10,000 test images."""
        return measured(self.iteration, self.test_scores, self.tensors.test_labels)

    @cached_property
    def gradient_difference(self) -> float:
        """Return the largest difference of the two gradients on the next minibatch."""
        batch = self.trainer.peek()[:COMPARED]
        images, labels = self.tensors.train_bytes[batch].float().div_(255), self.tensors.train_labels[batch]
        return gradient_difference(self.trainer.model, images, labels)  # type: ignore[arg-type]

    @cached_property
    def step(self) -> dict[str, Any]:
        """Return what the lesson's own module says of the next step: for differences that are nothing but rounding."""
        return look(self.trainer)


@dataclass(frozen=True)
class Lane:
    """The record of one lane as a verdict needs it."""

    learning_rate: float
    loss: Floats
    tests: list[TestPoint]


class CoreRace:
    """A race at one iteration, last tested at another."""

    def __init__(
        self, settings: Settings, rates: Sequence[float], iteration: int, tested: int, digits: Digits
    ) -> None:
        self.settings, self.iteration, self.tested = settings, iteration, tested
        race = Race(settings, rates, digits, tests=False)
        race.advance(tested)
        images, labels = race.tensors.judged_on(settings.held_out)
        tests = [
            measured(tested, F.linear(images, race.weight(lane), race.bias(lane)), labels) for lane in range(len(rates))
        ]
        race.advance(iteration - tested)
        self.weights = [race.weight(lane).numpy() for lane in range(len(rates))]
        self.lanes = [
            Lane(rate, history.loss, [test]) for rate, history, test in zip(rates, race.histories, tests, strict=True)
        ]


def measured(iteration: int, scores: Tensor, labels: Tensor) -> TestPoint:
    """Return loss and accuracy of a model with these scores."""
    hits = int((scores.argmax(dim=1) == labels).sum())
    return TestPoint(iteration, float(F.cross_entropy(scores.double(), labels)), hits / len(labels))


def smoothed(values: Floats) -> float | None:
    """Return the mean of the last 21 values, of the last quarter where that is less; None where there is none."""
    if not len(values):
        return None
    return float(np.mean(values[-min(21, -(-len(values) // 4)) :], dtype=np.float64))


def scale_limit(weights: Floats) -> float:
    """Return what 99.5 % of the weights do not exceed, at least 0.1."""
    ordered = np.sort(np.abs(weights).reshape(-1))
    return max(0.1, float(ordered[int(0.995 * weights.size)]))
