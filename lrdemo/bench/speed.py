"""How fast training is, beside the loops it is compared with: one process, interleaved, medians.

A speed counts only when what was timed also learned: the last accuracies are returned with the times, and `run` raises
SpeedError where one is outside the range of its recipe.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from lrdemo.bench.live import live_over_by_hand
from lrdemo.bench.processors import waited_seconds
from lrdemo.data import Digits
from lrdemo.errors import LrdemoError
from lrdemo.evaluate import evaluate, evaluate_lanes
from lrdemo.minibatches import Minibatches, Tensors, resident
from lrdemo.race import Race
from lrdemo.recipes import RECIPES, inside
from lrdemo.settings import Settings
from lrdemo.shapes import CLASSES, HIDDEN, PIXELS
from lrdemo.trainer import Trainer

EPOCH = 600
ONE_EPOCH = Settings(iterations=EPOCH)
MLP_EPOCH = Settings(
    model="mlp", gradient="autograd", init="linear", learning_rate=0.01, momentum=0.9, batch_size=64, drop_last=True,
    iterations=937,
)  # fmt: skip
MLP_RANGE = (90.0, 95.0)
"""Test accuracy of the multilayer perceptron after its first epoch, in percent."""
RACE_RATES = (0.0003, 0.0013, 0.006, 0.026, ONE_EPOCH.learning_rate, 0.51, 2.3, 10.0)
RACE_AT = RACE_RATES.index(ONE_EPOCH.learning_rate)
"""Eight rates, one of them the recipe's, so that its lane must land in the recipe's range."""

Timed = Callable[[], tuple[float, float | None]]


class SpeedError(LrdemoError):
    """What was timed did not learn what it should."""


def run(
    digits: Digits, device: str = "cpu", repeats: int = 5, say: Callable[[str], Any] = lambda text: None
) -> dict[str, Any]:
    """Time everything on the device and return the ratios, the raw medians in seconds, threads and versions."""
    before = torch.get_num_threads()
    try:
        choice = _choose_threads(digits, device, before) if device == "cpu" else {"chosen": before}
        torch.set_num_threads(choice["chosen"])
        seconds, accuracies = _measure(_subjects(digits, device), repeats, say)
    finally:
        torch.set_num_threads(before)

    def ratio(above: str, below: str) -> float:
        return round(seconds[above] / seconds[below], 3)

    return {
        "tutorial_over_by_hand": ratio("tutorial", "by_hand"),
        "by_hand_over_floor": ratio("by_hand", "floor"),
        "autograd_over_resident": ratio("autograd", "resident"),
        "race8_over_one": ratio("race8", "by_hand"),
        "race8_over_floor": ratio("race8", "floor8"),
        "test_over_product": ratio("test", "product"),
        "mlp_over_resident": ratio("mlp", "mlp_resident"),
        "live_over_by_hand": live_over_by_hand(say=say) if device == "cpu" else None,
        "graph_speedup": ratio("autograd_eager", "autograd") if device == "cuda" else None,
        "by_hand_graph_speedup": ratio("by_hand_eager", "by_hand") if device == "cuda" else None,
        "seconds": {name: round(value, 5) for name, value in seconds.items()},
        "test_accuracy": {name: round(value, 2) for name, value in accuracies.items()},
        "repeats": repeats,
        "device": device if device == "cpu" else torch.cuda.get_device_name() if device == "cuda" else device,
        "threads": choice,
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
        "machine": platform.machine(),
    }


def _choose_threads(digits: Digits, device: str, most: int) -> dict[str, Any]:
    """Time short runs with one thread and with as many as PyTorch would use, and choose the faster."""
    times: dict[int, list[float]] = {number: [] for number in sorted({1, most})}
    for _ in range(5):
        for number, taken in times.items():
            torch.set_num_threads(number)
            taken.append(_trained(Trainer(Settings(iterations=200), digits, tests=False))[0])
    medians = {number: statistics.median(taken) for number, taken in times.items()}
    return {
        "chosen": min(medians, key=medians.__getitem__),
        "seconds_for_200_iterations": {str(number): round(value, 5) for number, value in medians.items()},
    }


def _subjects(digits: Digits, device: str) -> dict[str, tuple[Timed, tuple[float, float] | None]]:
    """Name what is timed, with the range in percent that its test accuracy must lie in."""
    tensors = resident(digits, device)
    images = tensors.train_images
    pixels = _Pixels(digits)
    a_range = RECIPES[0].range

    def trainer(settings: Settings, graph: bool = True) -> tuple[float, float]:
        return _trained(Trainer(settings, tensors, tests=False, graph=graph))

    by_hand = replace(ONE_EPOCH, device=device)
    autograd = replace(by_hand, gradient="autograd")
    mlp = replace(MLP_EPOCH, device=device)
    subjects: dict[str, tuple[Timed, tuple[float, float] | None]] = {
        "tutorial": (lambda: _tutorial(pixels, tensors, device), a_range),
        "resident": (lambda: _resident(tensors, images, autograd), a_range),
        "autograd": (lambda: trainer(autograd), a_range),
        "by_hand": (lambda: trainer(by_hand), a_range),
        "floor": (lambda: (_floor(images), None), None),
        "race8": (lambda: _trained(Race(by_hand, RACE_RATES, tensors, tests=False)), a_range),
        "floor8": (lambda: (_floor(images, lanes=len(RACE_RATES)), None), None),
        "test": (lambda: (_test(tensors, by_hand), None), None),
        "product": (lambda: (_product(tensors), None), None),
        "mlp_resident": (lambda: _resident(tensors, images, mlp), MLP_RANGE),
        "mlp": (lambda: trainer(mlp), MLP_RANGE),
    }
    if device == "cuda":
        subjects["autograd_eager"] = (lambda: trainer(autograd, graph=False), a_range)
        subjects["by_hand_eager"] = (lambda: trainer(by_hand, graph=False), a_range)
    return subjects


def _measure(
    subjects: dict[str, tuple[Timed, tuple[float, float] | None]], repeats: int, say: Callable[[str], Any]
) -> tuple[dict[str, float], dict[str, float]]:
    times: dict[str, list[float]] = {name: [] for name in subjects}
    accuracies: dict[str, float] = {}
    for turn in range(repeats):
        for name, (timed, limits) in subjects.items():
            say(f"round {turn + 1} of {repeats}: {name}")
            seconds, accuracy = timed()
            times[name].append(seconds)
            if accuracy is not None and limits is not None:
                accuracies[name] = 100 * accuracy
                if not inside(accuracies[name], limits):
                    raise SpeedError(f"{name} ended at {accuracies[name]:.2f} %, outside {limits}: its time is void.")
    return {name: statistics.median(taken) for name, taken in times.items()}, accuracies


def _trained(run: Trainer | Race) -> tuple[float, float]:
    """Return the seconds that the whole run takes, and the accuracy it reaches (in a race that of one lane)."""
    start = _clock(run.settings.device)
    while not run.finished:
        run.advance(EPOCH)
    seconds = _clock(run.settings.device) - start
    tensors = run.tensors
    if isinstance(run, Race):
        weight, bias = run.weight(RACE_AT), run.bias(RACE_AT)
        return seconds, float(evaluate_lanes(weight, bias, tensors.test_images, tensors.test_labels)[1][0])
    return seconds, evaluate(run.model, tensors.test_images, tensors.test_labels)[1]


class _Pixels(Dataset[tuple[Tensor, int]]):
    """Give one image and label at a time through ToTensor, as torchvision's MNIST does."""

    def __init__(self, digits: Digits) -> None:
        from PIL import Image
        from torchvision.transforms import ToTensor

        self._images = torch.from_numpy(np.array(digits.train_images))
        self._labels = torch.from_numpy(np.array(digits.train_labels)).long()
        self._picture, self._to_tensor = Image.fromarray, ToTensor()

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image: Tensor = self._to_tensor(self._picture(self._images[index].numpy(), mode=None))
        return image, int(self._labels[index])


def _tutorial(pixels: _Pixels, tensors: Tensors, device: str) -> tuple[float, float]:
    """Train one epoch as tutorials do: DataLoader, ToTensor, `nn.Linear`, autograd; its test is not timed."""
    torch.manual_seed(0)
    model = nn.Linear(PIXELS, CLASSES).to(device)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    start = _clock(device)
    loader = DataLoader(pixels, batch_size=100, shuffle=True)
    for images, labels in islice(loader, ONE_EPOCH.iterations):
        optimiser.zero_grad()
        loss = F.cross_entropy(model(images.view(-1, PIXELS).to(device)), labels.to(device))
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return _clock(device) - start, evaluate(model, tensors.test_images, tensors.test_labels)[1]


def _resident(tensors: Tensors, images: Tensor, settings: Settings) -> tuple[float, float]:
    """Train one epoch with autograd on images that are floats on the device already; records nothing."""
    torch.manual_seed(0)
    model: nn.Module
    if settings.model == "mlp":
        model = nn.Sequential(
            nn.Linear(PIXELS, HIDDEN[0]), nn.ReLU(), nn.Dropout(0.25),
            nn.Linear(HIDDEN[0], HIDDEN[1]), nn.ReLU(), nn.Dropout(0.25), nn.Linear(HIDDEN[1], CLASSES),
        ).to(settings.device)  # fmt: skip
    else:
        model = nn.Linear(PIXELS, CLASSES).to(settings.device)
    optimiser = torch.optim.SGD(model.parameters(), lr=settings.learning_rate, momentum=settings.momentum)
    minibatches = Minibatches(tensors.trained_on(0), settings.batch_size, settings.drop_last, 1)
    start = _clock(settings.device)
    for _ in range(settings.iterations):
        batch = minibatches.take(1)[0]
        optimiser.zero_grad()
        loss = F.cross_entropy(model(images.index_select(0, batch)), tensors.train_labels.index_select(0, batch))
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return _clock(settings.device) - start, evaluate(model, tensors.test_images, tensors.test_labels)[1]


def _floor(images: Tensor, lanes: int = 1) -> float:
    """Time the two matrix products of 600 minibatches of 100 and nothing else, in the layout that is fastest.

    The minibatches lie one behind the other in memory: nothing is gathered, but every image is read.
    """
    rows = lanes * CLASSES
    weight, difference = images.new_zeros(rows, PIXELS), images.new_ones(rows, 100)
    logits, gradient = images.new_empty(rows, 100), images.new_empty(rows, PIXELS)
    device = images.device.type
    start = _clock(device)
    for batch in torch.split(images, 100):
        torch.mm(weight, batch.T, out=logits)
        torch.mm(difference, batch, out=gradient)
    return _clock(device) - start


def _test(tensors: Tensors, settings: Settings) -> float:
    """Time one test of a run on the 10,000 test images, the way training does it."""
    run = Trainer(settings, tensors)
    run.advance(0)
    run.test()
    start = _clock(settings.device)
    run.advance(0)
    return _clock(settings.device) - start


def _product(tensors: Tensors) -> float:
    """Time the matrix product of one test and nothing else."""
    images = tensors.test_images
    weight, logits = images.new_zeros(CLASSES, PIXELS), images.new_empty(CLASSES, len(images))
    start = _clock(images.device.type)
    torch.mm(weight, images.T, out=logits)
    return _clock(images.device.type) - start


def _clock(device: str) -> float:
    """Return a time in seconds; what the system kept this process from the processors for does not count."""
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - (waited_seconds(os.getpid()) or 0.0)
