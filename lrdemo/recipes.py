"""The recipes that published texts give for this subject, with the test accuracies they report.

Each is run on real MNIST with our own trainer. Accuracies are in percent of the 10,000 test images; a range is what
repeated runs of the same recipe with other seeds give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lrdemo.data import Digits
from lrdemo.history import TestPoint
from lrdemo.settings import Settings

Range = tuple[float, float]


@dataclass(frozen=True)
class Along:
    """What was published for one iteration of a recipe: minibatch losses and accuracies, with our range."""

    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    range: Range


@dataclass(frozen=True)
class Recipe:
    """A published way to train, the accuracy published for it, and the range that it must land in, in percent."""

    name: str
    settings: Settings
    published: str
    range: Range
    along: dict[int, Along] = field(default_factory=dict)


_C = Settings(learning_rate=0.01, momentum=0.9, batch_size=64, drop_last=True, init="xavier", iterations=937)
_C_MLP = replace(_C, model="mlp", gradient="autograd", init="linear", iterations=9_370)
_B = Settings(learning_rate=0.001, init="linear", iterations=3_000)

RECIPES = (
    Recipe("A step by step", Settings(), "90.19, 90.20", (90.0, 90.6)),
    Recipe("A with nn.Module", Settings(init="linear", gradient="autograd"), "90.32, 90.34", (90.0, 90.6)),
    Recipe(
        "B", _B, "82, 82.49, 82.74", (82.0, 83.9),
        {
            500: Along((1.85, 1.88, 1.86), (70, 64.44, 68.99), (64, 71)),
            1_000: Along((1.57, 1.52, 1.54), (77, 75.68, 75.86), (74, 79)),
            1_500: Along((1.38, 1.35, 1.28), (79, 78.98, 78.92), (78, 81)),
            2_000: Along((1.17, 1.21, 1.25), (81, 80.95, 80.72), (80, 82.5)),
            2_500: Along((1.11, 1.09, 1.07), (82, 81.97, 81.73), (81, 83.3)),
            3_000: Along((1.00, 1.02, 1.04), (82, 82.49, 82.74), (82, 83.9)),
        },
    ),
    Recipe("C", _C, "> 90", (90.5, 91.3)),
    Recipe("C MLP", _C_MLP, "about 97", (97.8, 98.4)),
    Recipe("C bonus: past 98 %", replace(_C_MLP, features="normalised"), "> 98", (98.2, 100.0)),
    Recipe("D", replace(_B, gradient="autograd"), "82", (82.0, 83.8)),
)  # fmt: skip


def run_recipe(
    recipe: Recipe, digits: Digits, seed: int = 0, device: str = "cpu", say: Callable[[str], Any] = lambda text: None
) -> dict[str, Any]:
    """Train by the recipe and return what came out, ready for JSON; the same seed gives the same figures.

    `points` are the published iterations, or the tests near each tenth of the run: the minibatch loss at that
    iteration and the accuracy on the test images. `say` is given a sentence now and then.
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
        "published": recipe.published,
        "range": list(recipe.range),
        "points": points,
        "final_test_accuracy": final,
        "within": inside(final, recipe.range) and all(point.get("within", True) for point in points),
        "seed": seed,
    }


def run_all(
    digits: Digits, seed: int = 0, device: str = "cpu", say: Callable[[str], Any] = lambda text: None
) -> Iterator[dict[str, Any]]:
    """Yield the result of each recipe in turn."""
    return (run_recipe(recipe, digits, seed, device, say) for recipe in RECIPES)


def inside(value: float, limits: Sequence[float]) -> bool:
    """Return whether a figure in percent lies in the range, both ends included."""
    return limits[0] <= value <= limits[1]


def _point(test: TestPoint, losses: Any, along: Along | None) -> dict[str, Any]:
    accuracy = round(100 * test.accuracy, 2)
    point: dict[str, Any] = {"iteration": test.iteration, "loss": float(losses[test.iteration - 1])}
    point["test_accuracy"] = accuracy
    if along is not None:
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
