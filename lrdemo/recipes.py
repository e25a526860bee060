"""The recipes: settings to begin with, what they show, and what was published for them.

Some are from published texts, with the test accuracies that these report; the others show what a setting does. Each is
run on real MNIST with our own trainer. Accuracies are in percent of the 10,000 test images; a range is what repeated
runs of the same recipe with other seeds give.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lrdemo.arrays import Float32s
from lrdemo.data import Digits
from lrdemo.formats import percent
from lrdemo.history import TestPoint
from lrdemo.settings import TABLE, Settings

Range = tuple[float, float]

OF_A_RECIPE = tuple(name for name in TABLE if name not in ("pace", "seed", "device"))
"""The settings that a recipe is made of; how fast it is watched, its luck and the machine are the visitor's."""


@dataclass(frozen=True)
class Along:
    """What was published for one iteration of a recipe: minibatch losses and accuracies, with our range."""

    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    range: Range | None


@dataclass(frozen=True)
class Recipe:
    """A way to train, what it shows in one sentence, and the final accuracy published for it, if any, in percent.

    Where there is a range, the final accuracy must land in it. `label` is the short name in a menu.
    """

    name: str
    label: str
    settings: Settings
    shows: str
    published: str = ""
    range: Range | None = None
    along: dict[int, Along] = field(default_factory=dict)

    def is_of(self, settings: Settings) -> bool:
        """Return whether these settings are the recipe's; seed, pace and device are free."""
        return all(getattr(self.settings, name) == getattr(settings, name) for name in OF_A_RECIPE)


@dataclass(frozen=True)
class Place:
    """One iteration at which a run is held against its recipe: what was published, our range, and the run's own.

    `losses` are of minibatches, `figures` the accuracies in `published`, in percent as `accuracy` is. The last three
    are None until the run has been tested there; `within` also where there is no range.
    """

    iteration: int
    losses: tuple[float, ...]
    published: str
    figures: tuple[float, ...]
    range: Range | None
    loss: float | None
    accuracy: float | None
    within: bool | None


_C = Settings(learning_rate=0.01, momentum=0.9, batch_size=64, drop_last=True, init="xavier", iterations=937)
_C_MLP = replace(_C, model="mlp", gradient="autograd", init="linear", iterations=9_370)
_B = Settings(learning_rate=0.001, init="linear", iterations=3_000)

RECIPES = (
    Recipe(
        "A step by step", f"good (A): {percent(0.9, 0)}", Settings(),
        "One epoch at a good learning rate: the loss falls fast, then levels off.", "90.19, 90.20", (90.0, 90.6),
    ),
    Recipe(
        "too slow", "too slow", Settings(learning_rate=0.001),
        "At a learning rate of 0.001 the loss is still falling when the epoch ends.",
    ),
    Recipe(
        "too high", "too high", Settings(learning_rate=10.0),
        "A learning rate of 10 overshoots: the loss jumps up and down and does not settle.",
    ),
    Recipe(
        "all zeros", f"all zeros: {percent(0.9, 0)}", Settings(init="zeros"),
        "Softmax regression may start from zeros: each template gets a gradient from its own digit, so that the ten "
        "differ after the first step.", range=(90.0, 90.6),
    ),
    Recipe(
        "all zeros, perceptron", "zeros, MLP: stuck", Settings(model="mlp", gradient="autograd", init="zeros"),
        "A perceptron must not start from zeros: its hidden units all get the gradient zero and stay the same. "
        "Only the last ten biases learn.",
    ),
    Recipe(
        "A with nn.Module", f"A, nn.Module: {percent(0.9, 0)}", Settings(init="linear", gradient="autograd"),
        "PyTorch's own layer and autograd come to the same accuracy.", "90.32, 90.34", (90.0, 90.6),
    ),
    Recipe(
        "B", f"B: {percent(0.82, 0)}", _B,
        "With a hundredth of A's learning rate, 3,000 iterations get where A is after about 30.",
        "82, 82.49, 82.74", (82.0, 83.9),
        {
            500: Along((1.85, 1.88, 1.86), (70, 64.44, 68.99), (64, 71)),
            1_000: Along((1.57, 1.52, 1.54), (77, 75.68, 75.86), (74, 79)),
            1_500: Along((1.38, 1.35, 1.28), (79, 78.98, 78.92), (78, 81)),
            2_000: Along((1.17, 1.21, 1.25), (81, 80.95, 80.72), (80, 82.5)),
            2_500: Along((1.11, 1.09, 1.07), (82, 81.97, 81.73), (81, 83.3)),
            3_000: Along((1.00, 1.02, 1.04), (82, 82.49, 82.74), (82, 83.9)),
        },
    ),
    Recipe(
        "C", f"C: {percent(0.9, 0)}", _C,
        "Momentum carries each step into the next, so that a learning rate of 0.01 is enough.", "> 90", (90.5, 91.3),
    ),
    Recipe(
        "C MLP", f"C, MLP: {percent(0.97, 0)}", _C_MLP,
        "Two hidden layers get where no linear model on pixels can.", "about 97", (97.8, 98.4),
    ),
    Recipe(
        "C bonus: past 98 %", f"C bonus: {percent(0.98, 0)}", replace(_C_MLP, features="normalised"),
        "The same perceptron gets further when each digit is straightened, scaled and centred first.",
        "> 98", (98.2, 100.0),
    ),
    Recipe(
        "D", f"D: {percent(0.82, 0)}", replace(_B, gradient="autograd"),
        "B again, with the gradient found by autograd.", "82", (82.0, 83.8),
    ),
    Recipe(
        "linear 97 %", f"linear: {percent(0.97, 0)}",
        Settings(features="normalised", learning_rate=0.5, iterations=1_500, changes="1000:0.1"),
        "The same linear model reads 97 of 100 when each digit is straightened, scaled and centred first.",
        range=(97.0, 97.5),
    ),
    Recipe(
        "linear 99 %", f"linear: {percent(0.99, 0)}",
        Settings(features="directions", learning_rate=0.3, iterations=1_500),
        "The same linear model reads 99 of 100 when it is given the directions of the strokes.", range=(99.0, 99.3),
    ),
    Recipe(
        "MLP 98 %", f"MLP: {percent(0.98, 0)}",
        Settings(
            model="mlp", gradient="autograd", optimiser="adam", features="normalised", learning_rate=0.001,
            iterations=1_200, changes="900:0.0002",
        ),
        "On straightened digits, Adam takes a perceptron past 98 of 100 in two epochs.", range=(98.0, 98.6),
    ),
    Recipe(
        "for drawings", f"for drawings: {percent(0.99, 0)}",
        Settings(features="directions", styles=True, iterations=3_000),
        "Directions of strokes, and made-up digits in other ways to write: best for your own drawings.",
        range=(98.9, 99.3),
    ),
)  # fmt: skip


def recipe_of(settings: Settings) -> Recipe | None:
    """Return the recipe whose settings these are, None where there is none; seed, pace and device are free."""
    return next((recipe for recipe in RECIPES if recipe.is_of(settings)), None)


def places(recipe: Recipe, loss: Float32s | Sequence[float], accuracies: Mapping[int, float]) -> list[Place]:
    """Return where a run is held against the recipe, in order: along the way, or at the end only.

    `loss` has the minibatch losses of the run so far, `accuracies` (0 … 1) those of its tests by their iteration.
    """
    last = Along((), tuple(float(figure) for figure in re.findall(r"[\d.]+", recipe.published)), recipe.range)
    found = []
    for at, along in (recipe.along or {recipe.settings.iterations: last}).items():
        accuracy = round(100 * accuracies[at], 2) if at in accuracies else None
        within = None if accuracy is None or along.range is None else inside(accuracy, along.range)
        published = ", ".join(f"{figure:g}" for figure in along.accuracy) if recipe.along else recipe.published
        found.append(
            Place(at, along.loss, published, along.accuracy, along.range,
                  None if accuracy is None else float(loss[at - 1]), accuracy, within)
        )  # fmt: skip
    return found


def run_recipe(
    recipe: Recipe, digits: Digits, seed: int = 0, device: str = "cpu", say: Callable[[str], Any] = lambda text: None
) -> dict[str, Any]:
    """Train by the recipe and return what came out, ready for JSON; the same seed gives the same figures.

    `points` are the published iterations, or the tests near each tenth of the run: the minibatch loss at that
    iteration and the accuracy on the test images. Without a range any accuracy is within. `say` is given a sentence now
    and then.
    """
    # The server that shows the recipes does without PyTorch.
    from lrdemo.trainer import Trainer

    settings = replace(recipe.settings, seed=seed, device=device)
    trainer = Trainer(settings, digits)
    while not trainer.finished:
        trainer.advance(max(settings.iterations // 10, 1))
        say(f"{recipe.name}: {trainer.iteration} of {settings.iterations} iterations")
    tests = {point.iteration: point for point in trainer.history.tests}
    at = list(recipe.along) or _spread(list(tests), settings.iterations)
    points = [_point(tests[iteration], trainer.history.loss, recipe.along.get(iteration)) for iteration in at]
    final = round(100 * trainer.history.tests[-1].accuracy, 2)
    return {
        "recipe": recipe.name,
        "shows": recipe.shows,
        "settings": recipe.settings.to_url(),
        "published": recipe.published,
        "range": list(recipe.range) if recipe.range else None,
        "points": points,
        "final_test_accuracy": final,
        "within": (not recipe.range or inside(final, recipe.range)) and all(at.get("within", True) for at in points),
        "seed": seed,
    }


def run_all(
    digits: Digits, seed: int = 0, device: str = "cpu", say: Callable[[str], Any] = lambda text: None
) -> Iterator[dict[str, Any]]:
    """Yield the result of each recipe that has a range, in turn."""
    return (run_recipe(recipe, digits, seed, device, say) for recipe in RECIPES if recipe.range)


def inside(value: float, limits: Sequence[float]) -> bool:
    """Return whether a figure in percent lies in the range, both ends included."""
    return limits[0] <= value <= limits[1]


def _point(test: TestPoint, losses: Any, along: Along | None) -> dict[str, Any]:
    accuracy = round(100 * test.accuracy, 2)
    point: dict[str, Any] = {"iteration": test.iteration, "loss": float(losses[test.iteration - 1])}
    point["test_accuracy"] = accuracy
    if along is not None and along.range is not None:
        point |= {
            "published_loss": list(along.loss),
            "published_accuracy": list(along.accuracy),
            "range": list(along.range),
            "within": inside(accuracy, along.range),
        }
    return point


def _spread(tested: list[int], last: int) -> list[int]:
    """Return the tested iterations that are nearest to each tenth of the run, the untrained start left out."""
    return sorted({min(tested[1:], key=lambda at: abs(at - part * last / 10)) for part in range(1, 11)})
