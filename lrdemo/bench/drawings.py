"""Measure how real drawings are read: accuracy per tier, calibration, and telling digits from scribbles.

    python -m lrdemo.bench.drawings FILE [--features normalised] [--json]

FILE is a JSON list of drawings {label, tier, brush, strokes}: paths of [x, y] on a 280 x 280 canvas, y
downwards. Each is rendered as white on black and read twice, from its pixels and from its strokes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from lrdemo.answers.confidence import TEMPERATURE
from lrdemo.answers.predict import logits
from lrdemo.answers.robustness import parameters_vector
from lrdemo.arrays import Bytes, Float32s, Float64s
from lrdemo.bench.calibration import expected_calibration_error, fit_temperature, separation
from lrdemo.data import load_mnist
from lrdemo.digit import digit_from_rgba, draw_strokes, findings
from lrdemo.drawings.spaces import fit_spaces, is_far
from lrdemo.features import FEATURES, Features, prepared
from lrdemo.probability import softmax
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

CANVAS = 280
ITERATIONS = 6_000


@dataclass(frozen=True)
class Drawing:
    """One drawn digit: its pointer paths [n, 2] in canvas pixels and the brush width."""

    label: int
    tier: str
    brush: float
    strokes: list[Float64s]

    def rgba(self) -> Bytes:
        """Return the canvas [280, 280, 4], white on black."""
        rgba = np.full((CANVAS, CANVAS, 4), 255, np.uint8)
        rgba[:, :, :3] = draw_strokes(self.strokes, self.brush, CANVAS)[:, :, None]
        return rgba


@dataclass(frozen=True)
class Reading:
    """What one way of reading the drawings gave: shares of 1, and milliseconds per drawing."""

    accuracy: float
    per_tier: dict[str, float]
    calibration_error: float
    calibration_error_tempered: float
    best_temperature: float
    scribbles_auroc: float
    two_digits_auroc: float
    flagged_far: float
    milliseconds: float


@dataclass(frozen=True)
class Report:
    """The measurement of one file of drawings."""

    features: Features
    drawings: int
    mnist_accuracy: float
    temperature: float
    findings: dict[str, int]
    from_pixels: Reading
    from_strokes: Reading


def load_drawings(path: Path) -> list[Drawing]:
    """Return the drawings in a JSON file."""
    return [
        Drawing(one["label"], one["tier"], one["brush"], list(map(np.array, one["strokes"])))
        for one in json.loads(path.read_text(encoding="utf-8"))
    ]


def scribbles(count: int, seed: int = 0) -> list[Drawing]:
    """Return scribbles 80 to 220 pixels across: one to three lines that wander and curl."""
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(count):
        strokes = []
        for _ in range(random.integers(1, 4)):
            steps = random.integers(25, 80)
            turns = np.cumsum(random.normal(0, 0.25, steps)) + random.normal(0, 0.1)
            heading = random.uniform(0, 2 * np.pi) + np.cumsum(turns * random.uniform(0.2, 0.8))
            start = random.uniform(-40, 40, 2)
            steps_taken = np.stack([np.cos(heading), np.sin(heading)], axis=1)
            strokes.append(start + 8 * np.cumsum(steps_taken, axis=0))
        points = np.concatenate(strokes)
        low, high = points.min(axis=0), points.max(axis=0)
        scale = random.uniform(80, 220) / (high - low).max()
        placed = [(stroke - (low + high) / 2) * scale + CANVAS / 2 for stroke in strokes]
        drawn.append(Drawing(-1, "scribble", 20.0, placed))
    return drawn


def pairs(drawings: Sequence[Drawing], count: int, seed: int = 0) -> list[Drawing]:
    """Return two of the drawings side by side, each in 105 x 180 pixels."""
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(count):
        strokes = []
        for centre in (75, 205):
            digit = drawings[int(random.integers(len(drawings)))].strokes
            points = np.concatenate(digit)
            low, high = points.min(axis=0), points.max(axis=0)
            scale = (np.array([105, 180]) / np.maximum(high - low, 1)).min()
            strokes += [(stroke - (low + high) / 2) * scale + np.array([centre, 140]) for stroke in digit]
        drawn.append(Drawing(-1, "pair", 20.0, strokes))
    return drawn


def measure(path: Path, features: Features = "normalised") -> Report:
    """Return how the drawings in a file are read by softmax regression trained on MNIST prepared in the same way."""
    digits = prepared(load_mnist(), features)
    trainer = Trainer(Settings(features=features, learning_rate=0.1, iterations=ITERATIONS), load_mnist())
    trainer.advance(ITERATIONS)
    parameters = parameters_vector(trainer)
    spaces = fit_spaces(digits.train_images, digits.train_labels)
    temperature = TEMPERATURE[features]
    drawings = load_drawings(path)
    labels = np.array([drawing.label for drawing in drawings])
    tiers = np.array([drawing.tier for drawing in drawings])
    others, two = scribbles(500), pairs(drawings, 500)

    def read(from_strokes: bool) -> Reading:
        def distances(images: Iterable[Float32s]) -> Float64s:
            return np.array([spaces.distance(image) for image in images])

        images, milliseconds = _read(drawings, features, from_strokes)
        scores = logits(parameters, images.reshape(len(images), -1))
        right = scores.argmax(axis=1) == labels
        far = distances(images)
        return Reading(
            accuracy=float(right.mean()),
            per_tier={str(tier): float(right[tiers == tier].mean()) for tier in dict.fromkeys(tiers)},
            calibration_error=expected_calibration_error(softmax(scores), labels),
            calibration_error_tempered=expected_calibration_error(softmax(scores, temperature), labels),
            best_temperature=fit_temperature(scores, labels),
            scribbles_auroc=separation(far, distances(_read(others, features, from_strokes)[0])),
            two_digits_auroc=separation(far, distances(_read(two, features, from_strokes)[0])),
            flagged_far=float(is_far(far, features, from_strokes).mean()),
            milliseconds=milliseconds,
        )

    found: dict[str, int] = {}
    for drawing in drawings:
        for finding in findings(drawing.rgba()):
            found[finding.value] = found.get(finding.value, 0) + 1
    return Report(
        features=features,
        drawings=len(drawings),
        mnist_accuracy=trainer.history.tests[-1].accuracy,
        temperature=temperature,
        findings=found,
        from_pixels=read(from_strokes=False),
        from_strokes=read(from_strokes=True),
    )


def _read(drawings: Sequence[Drawing], features: Features, from_strokes: bool) -> tuple[Float32s, float]:
    """Return the drawings as [N, 28, 28] and the milliseconds that each took, its rendering left out."""
    images, seconds = [], 0.0
    for drawing in drawings:
        rgba = drawing.rgba()
        start = time.perf_counter()
        image = digit_from_rgba(rgba, features, strokes=drawing.strokes if from_strokes else None)
        seconds += time.perf_counter() - start
        images.append(np.zeros((28, 28), np.float32) if image is None else image)
    return np.stack(images), 1000 * seconds / len(drawings)


def as_text(report: Report) -> str:
    """Return the report as a table for people."""
    lines = [
        f"features {report.features}, {report.drawings} drawings, MNIST test {report.mnist_accuracy:.2%}",
        f"findings on these digits: {report.findings or 'none'}",
    ]
    for name, reading in (("pixels", report.from_pixels), ("strokes", report.from_strokes)):
        per_tier = ", ".join(f"{tier} {part:.1%}" for tier, part in reading.per_tier.items())
        lines += [
            f"from {name}: {reading.accuracy:.2%} ({per_tier}), {reading.milliseconds:.2f} ms a drawing",
            f"  calibration error {reading.calibration_error:.3f}, at temperature {report.temperature} "
            f"{reading.calibration_error_tempered:.3f} (best temperature {reading.best_temperature:.2f})",
            f"  AUROC scribbles {reading.scribbles_auroc:.3f}, two digits {reading.two_digits_auroc:.3f}; "
            f"{reading.flagged_far:.1%} of the digits flagged",
        ]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement from the command line: a table, or one JSON document with --json."""
    parser = argparse.ArgumentParser(description="Measure how real drawings are read.")
    parser.add_argument("file", type=Path, help="drawings as JSON")
    parser.add_argument("--features", choices=FEATURES, default="normalised")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    arguments = parser.parse_args(argv)
    report = measure(arguments.file, arguments.features)
    sys.stdout.write((json.dumps(asdict(report)) if arguments.json else as_text(report)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
