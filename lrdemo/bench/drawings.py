"""Measure how real drawings are read: how many rightly, how honestly, and what of other things is taken for digits.

    python -m lrdemo.bench.drawings FILE … [--others FILE] [--features F] [--model M] [--styles] [--iterations N]
        [--seed S] [--json]

FILE is a JSON list of drawings {label, tier, brush, strokes}: paths of [x, y] on a 280 x 280 canvas, y downwards; of
several files all are read together. Each is rendered as white on black and read twice, from its pixels and from its
strokes. The drawings of --others, {label, kind, brush, strokes}, are no digits.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lrdemo.answers.confidence import drawing_factor
from lrdemo.answers.predict import logits
from lrdemo.answers.robustness import parameters_vector
from lrdemo.arrays import Float32s
from lrdemo.bench.calibration import expected_calibration_error, separation
from lrdemo.bench.reader import Answers, Reader
from lrdemo.bench.strokes import Drawing, hearts, load_drawings, pairs, scribbles, spirals, waves
from lrdemo.data import load_mnist
from lrdemo.drawings.spaces import keep_spaces, kept_spaces
from lrdemo.features import FEATURES, Features
from lrdemo.probability import fit_temperature, softmax
from lrdemo.settings import Settings, changed
from lrdemo.shapes import MODELS
from lrdemo.trainer import Trainer

ITERATIONS = 6_000
MADE_UP = 500
"""How many of each thing that is no digit are made up."""


@dataclass(frozen=True)
class Other:
    """How things that are no digits are taken: AUROC of their distance, and shares of 1."""

    count: int
    auroc: float
    warned: float
    sure: float
    """Called sure, without a warning."""
    sure_by_label: dict[str, float]


@dataclass(frozen=True)
class Reading:
    """What one way of reading the drawings gave: shares of 1, and milliseconds per drawing."""

    accuracy: float
    per_tier: dict[str, float]
    calibration_error: float
    calibration_error_tempered: float
    best_temperature: float
    factor: float
    temperature: float
    sure: float
    right_among_sure: float
    scribbles_auroc: float
    two_digits_auroc: float
    flagged_far: float
    others: dict[str, Other]
    milliseconds: float
    """Processor time, from the canvas to the ten logits and the distances."""


@dataclass(frozen=True)
class Report:
    """The measurement of some files of drawings."""

    features: Features
    model: str
    styles: bool
    iterations: int
    seed: int
    drawings: int
    mnist_accuracy: float
    mnist_temperature: float
    temperature: float
    """Of drawings read from their strokes."""
    findings: dict[str, int]
    from_pixels: Reading
    from_strokes: Reading


def measure(files: Iterable[Path], settings: Settings, others: Path | None = None) -> Report:
    """Return how the drawings in some files are read by a run of these settings."""
    digits = load_mnist()
    trainer = Trainer(settings, digits, tests=False)
    trainer.advance(settings.iterations)
    parameters = parameters_vector(trainer)
    test_scores = logits(parameters, trainer.tensors.form.unpacked(trainer.tensors.test_bytes.numpy()))
    fitted = fit_temperature(test_scores, digits.test_labels)
    keep_spaces(digits)
    spaces = kept_spaces(digits)
    assert spaces is not None
    features: Features = next(one for one in FEATURES if one == settings.features)
    drawings = [drawing for file in files for drawing in load_drawings(file)]
    no_digits: dict[str, list[Drawing]] = {
        made[0].kind: made
        for made in (
            scribbles(MADE_UP), pairs(drawings, MADE_UP), spirals(MADE_UP), hearts(MADE_UP), waves(MADE_UP),
        )
    }  # fmt: skip
    for drawing in load_drawings(others) if others else ():
        no_digits.setdefault(drawing.kind, []).append(drawing)

    reader = Reader(parameters, features, spaces)
    answers, odd = reader.answers(drawings)
    of_others = {kind: reader.answers(found)[0] for kind, found in no_digits.items()}

    def read(from_strokes: bool) -> Reading:
        factor = drawing_factor(features, settings.styles, from_strokes)
        others = {kind: (found[from_strokes], no_digits[kind]) for kind, found in of_others.items()}
        return _reading(drawings, answers[from_strokes], others, factor, factor * fitted)

    from_pixels, from_strokes = read(False), read(True)
    return Report(
        features=features,
        model=settings.model,
        styles=settings.styles,
        iterations=settings.iterations,
        seed=settings.seed,
        drawings=len(drawings),
        mnist_accuracy=float((test_scores.argmax(axis=1) == digits.test_labels).mean()),
        mnist_temperature=fitted,
        temperature=from_strokes.temperature,
        findings=dict(Counter(finding.value for finding in odd)),
        from_pixels=from_pixels,
        from_strokes=from_strokes,
    )


def _reading(
    drawings: Sequence[Drawing],
    given: Answers,
    of_others: dict[str, tuple[Answers, list[Drawing]]],
    factor: float,
    temperature: float,
) -> Reading:
    labels = np.array([int(drawing.label) for drawing in drawings])
    tiers = np.array([drawing.kind for drawing in drawings])
    right = given.scores.argmax(axis=1) == labels
    sure = given.sure(temperature)
    others = {
        kind: _other(found, [one.label for one in drawn], given.distances.min(axis=1), temperature)
        for kind, (found, drawn) in of_others.items()
    }
    return Reading(
        accuracy=float(right.mean()),
        per_tier={str(tier): float(right[tiers == tier].mean()) for tier in dict.fromkeys(tiers)},
        calibration_error=expected_calibration_error(softmax(given.scores), labels),
        calibration_error_tempered=expected_calibration_error(softmax(given.scores, temperature), labels),
        best_temperature=fit_temperature(given.scores, labels),
        factor=factor,
        temperature=temperature,
        sure=float(sure.mean()),
        right_among_sure=float(right[sure].mean()) if sure.any() else 1.0,
        scribbles_auroc=others["scribble"].auroc,
        two_digits_auroc=others["pair"].auroc,
        flagged_far=float(given.warned.mean()),
        others=others,
        milliseconds=given.milliseconds,
    )


def _other(found: Answers, labels: Sequence[str], of_digits: Float32s, temperature: float) -> Other:
    sure, names = found.sure(temperature), np.array(labels)
    return Other(
        count=len(labels),
        auroc=separation(of_digits, found.distances.min(axis=1)),
        warned=float(found.warned.mean()),
        sure=float(sure.mean()),
        sure_by_label={name: float(sure[names == name].mean()) for name in sorted(set(labels))},
    )


def as_text(report: Report) -> str:
    """Return the report as a table for people."""
    styles = " and other ways to write" if report.styles else ""
    lines = [
        f"{report.model} on {report.features}{styles}, {report.iterations} iterations, seed {report.seed}: "
        f"MNIST test {report.mnist_accuracy:.2%}, its temperature {report.mnist_temperature:.2f}",
        f"{report.drawings} drawings; findings on them: {report.findings or 'none'}",
    ]
    for name, reading in (("pixels", report.from_pixels), ("strokes", report.from_strokes)):
        per_tier = ", ".join(f"{tier} {part:.1%}" for tier, part in reading.per_tier.items())
        lines += [
            f"from {name}: {reading.accuracy:.2%} ({per_tier}), {reading.milliseconds:.2f} ms a drawing",
            f"  calibration error {reading.calibration_error:.3f}, at temperature {reading.temperature:.2f} "
            f"(× {reading.factor}) {reading.calibration_error_tempered:.3f} "
            f"(best temperature {reading.best_temperature:.2f})",
            f"  sure of {reading.sure:.1%}, {reading.right_among_sure:.1%} of them right; "
            f"{reading.flagged_far:.1%} of the digits warned of",
        ]
        for kind, other in reading.others.items():
            passing = sorted(other.sure_by_label.items(), key=lambda item: -item[1])
            most = " ".join(f"{label} {share:.0%}" for label, share in passing[:12] if share and len(passing) > 1)
            shares = f"AUROC {other.auroc:.3f}, warned of {other.warned:.1%}, sure {other.sure:.1%}"
            lines.append(f"  {kind}: {shares} {most}".rstrip())
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement from the command line: a table, or one JSON document with --json."""
    parser = argparse.ArgumentParser(description="Measure how real drawings are read.")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="digits as JSON")
    parser.add_argument("--others", type=Path, metavar="FILE", help="drawings that are no digits as JSON")
    parser.add_argument("--features", choices=FEATURES, default="normalised")
    parser.add_argument("--model", choices=MODELS, default="softmax")
    parser.add_argument("--styles", action="store_true", help="train on other ways to write as well")
    parser.add_argument("--iterations", type=int, default=ITERATIONS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    arguments = parser.parse_args(argv)
    names = ("features", "model", "styles", "iterations", "seed")
    chosen: dict[str, Any] = {name: getattr(arguments, name) for name in names}
    report = measure(arguments.files, changed(Settings(), **chosen), arguments.others)
    sys.stdout.write((json.dumps(asdict(report)) if arguments.json else as_text(report)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
