"""Where a trained model errs: what it answers to labelled images, and which of the answers are mistakes.

`answers` is asked of a live run. The rest is NumPy on what that returns, all of one moment; it trains nothing.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lrdemo.answers.predict import logits
from lrdemo.answers.robustness import parameters_vector
from lrdemo.arrays import Float32s, Ints
from lrdemo.probability import log_softmax
from lrdemo.shapes import CLASSES, layers

if TYPE_CHECKING:
    from lrdemo.comparison import Comparison
    from lrdemo.trainer import Trainer

AT_ONCE = {"softmax": 2_500, "mlp": 500}
"""Images that a model answers in one piece of work of a few milliseconds."""

Cell = tuple[int, int]
"""The digit that an image is, and the one that the model takes it for."""


def answers(
    trainer: Trainer, images: Float32s | None = None, factors: Float32s | None = None
) -> Generator[None, None, dict[str, Any]]:
    """Return log p of the present model, float32 [N, 10], for the 10,000 test images or for inputs [N, D].

    Of drawings the logits are divided by `factors` [N] times the temperature of the run's last test. The model may go
    on training between the pieces: all answers are of the iteration that is returned with them.
    """
    parameters, iteration = parameters_vector(trainer), trainer.iteration
    given = trainer.tensors.test_images.cpu().numpy() if images is None else images
    divisors = np.ones(len(given)) if factors is None else factors * _temperature(trainer)
    found = yield from _log_probabilities(parameters, given, divisors)
    return {"iteration": iteration, "log_probabilities": found}


def kept_answers(
    trainer: Trainer, parameters: Float32s, features: str, iteration: int, images: Float32s | None = None
) -> Generator[None, None, dict[str, Any]]:
    """Return what `answers` does of a kept model with these parameters, whose images are prepared as `features` says.

    Its images are those that the run has.
    """
    if images is None:
        from lrdemo.minibatches import resident

        tensors = resident(trainer.tensors.unprepared, trainer.settings.device, features)
        images = tensors.test_images.cpu().numpy()
    found = yield from _log_probabilities(parameters, images, np.ones(len(images)))
    return {"iteration": iteration, "log_probabilities": found}


def lane_answers(
    comparison: Comparison, lane: int, images: Float32s | None = None
) -> Generator[None, None, dict[str, Any]]:
    """Return what `answers` does of one model of a comparison."""
    return (yield from answers(comparison.lanes[lane], images))


def _log_probabilities(
    parameters: Float32s, images: Float32s, divisors: npt.NDArray[np.floating[Any]]
) -> Generator[None, None, Float32s]:
    """Return log p, [N, 10], of the logits divided by `divisors` [N], in bounded pieces."""
    at_once = AT_ONCE["softmax" if len(layers(parameters)) == 1 else "mlp"]
    found: list[Float32s] = []
    for start in range(0, len(images), at_once):
        if found:
            yield
        part = slice(start, start + at_once)
        found.append(log_softmax(logits(parameters, images[part]) / divisors[part, None]).astype(np.float32))
    return np.concatenate(found)


def _temperature(trainer: Trainer) -> float:
    tests = trainer.tests[0]
    return tests[-1].temperature if tests else 1.0


@dataclass(frozen=True, eq=False)
class Answers:
    """What one model at one iteration answers to images with labels [N]: log p [N, 10]."""

    iteration: int
    labels: npt.NDArray[np.integer[Any]]
    log_probabilities: Float32s

    @cached_property
    def known(self) -> bool:
        """Return whether there are any answers: those of a model that has diverged are no numbers."""
        return bool(np.isfinite(self.log_probabilities).all())

    @cached_property
    def predicted(self) -> Ints:
        """Return the digit that each image is taken for, [N]: the first of the most probable ones."""
        return np.asarray(self.log_probabilities.argmax(axis=1))

    @cached_property
    def right(self) -> npt.NDArray[np.bool_]:
        """Return whether each answer is correct, [N]."""
        return np.asarray(self.predicted == self.labels)

    @cached_property
    def matrix(self) -> Ints:
        """Return how many images that are one digit are taken for another, [10, 10]: rows what they are."""
        pairs = CLASSES * self.labels.astype(np.int64) + self.predicted
        return np.bincount(pairs, minlength=CLASSES * CLASSES).reshape(CLASSES, CLASSES)

    def chosen(self, cell: Cell | None) -> Ints:
        """Return the indices of a cell's images, or of all mistakes; the answers of which it is surest come first."""
        if cell is None:
            found = np.flatnonzero(~self.right)
        else:
            found = np.flatnonzero((self.labels == cell[0]) & (self.predicted == cell[1]))
        # Of the logarithm: it tells apart what as a probability is rounded to 1.
        confidence = self.log_probabilities[found].max(axis=1) if len(found) else np.empty(0)
        return found[np.argsort(-confidence, kind="stable")]

    def probabilities(self, indices: Ints) -> Float32s:
        """Return the ten probabilities of some images, [n, 10]."""
        return np.exp(self.log_probabilities[indices])

    def beside(self, other: Answers) -> Ints:
        """Count the images by who classifies them correctly, [2, 2]: rows this model, columns the other, right first.

        The other's labels must be the same.
        """
        pairs = 2 * ~self.right + 1 * ~other.right
        return np.bincount(pairs, minlength=4).reshape(2, 2)
