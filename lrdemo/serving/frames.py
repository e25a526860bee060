"""Turn a snapshot into one small binary frame for the live view.

A frame is a little-endian length, a JSON header of that length, and the arrays that the header lists, in order.
Curves are thinned to about 300 points and templates sent as one byte per pixel: about 15 KB a frame.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lrdemo.answers.predict import logits
from lrdemo.arrays import Bytes, Float32s, Float64s, Ints
from lrdemo.history import smoothed, thinned
from lrdemo.pictures import UNITS_SHOWN, limit_of
from lrdemo.probability import softmax
from lrdemo.serving.board import Snapshot
from lrdemo.serving.why import Question, explained
from lrdemo.settings import TEST_SIZE
from lrdemo.shapes import FORMS, IMAGE, layers
from lrdemo.verdict import Verdict

RACE_POINTS = 150
TYPES = {"f": "float32", "B": "uint8", "b": "int8"}
"""The names of the arrays' types; NumPy composes them anew each time, which takes as long as a curve."""


@dataclass(frozen=True, eq=False)
class Shown:
    """The image that the model is asked about: prepared [28, 28] in [0, 1], and what the model gets of it, [D].

    The logits of a drawing are divided by `factor` times the temperature of the run's last test; those of a test image,
    whose factor is None, stay as they are. `nearest` is the digit whose usual shapes a drawing is nearest to, None
    while that is not known, and `unusual` says that it is none of them. A `warning` says why the answer should not be
    relied on, `advice` how to draw better. Below `threshold` the answer is "I don't know". `back` [3, 3] takes a place
    (x, y, 1) on the image, pixel edges at whole numbers, to its place on the pad, whose side is 1. A test image has its
    `index`, its `label`, and `pixels` [28, 28] as they are before they are prepared.
    """

    image: Float32s
    inputs: Float32s
    title: str
    factor: float | None = None
    nearest: int | None = None
    unusual: bool = False
    warning: str | None = None
    threshold: float = 0.0
    advice: str | None = None
    back: Float64s | None = None
    index: int | None = None
    label: int | None = None
    pixels: Bytes | None = None


@np.errstate(over="ignore", invalid="ignore")
def encode(
    snapshot: Snapshot | None,
    status: dict[str, Any],
    parts: frozenset[str],
    shown: Shown | None,
    question: Question | None = None,
    verdicts: Sequence[Verdict] = (),
    given: Sequence[Float32s | None] = (),
    beside: Mapping[str, npt.NDArray[Any]] | None = None,
) -> bytes:
    """Return one frame with the status and the wanted parts.

    These are "curves", "templates", "answer", "pad", "race", "comparison". Without a snapshot the frame says that the
    worker is still starting. A question is answered beside the answer. A race is shown with a verdict on each lane, a
    comparison with the answer of each lane to what it is `given` of the image, [D]. What the status tells of may have
    arrays `beside` it.
    """
    if snapshot is None:
        return _pack({**status, "state": "starting"}, {})
    header = {**status, **_numbers(snapshot)}
    arrays: dict[str, npt.NDArray[Any]] = dict(beside or {})
    if "race" in parts:
        header["limit"], header["lanes"], found = _race(snapshot, verdicts)
        arrays |= found
    if "comparison" in parts:
        header |= {"shown": shown.title, "label": shown.label} if shown else {}
        header["lanes"], found = _comparison(snapshot, given)
        arrays |= found
    if "curves" in parts:
        arrays |= _curves(snapshot)
    if "templates" in parts:
        header["limit"], arrays["templates"] = templates(snapshot.lane.parameters)
        header["hiddenUnits"] = len(layers(snapshot.lane.parameters)) > 1
        arrays["biases"] = layers(snapshot.lane.parameters)[0][1][:UNITS_SHOWN]
    if "answer" in parts and shown is None:
        header["blank"] = True
    # While a change of the features is on its way, the picture is prepared for the model to come: no answer yet.
    elif "answer" in parts and shown is not None and _fits(snapshot, shown):
        scores = logits(snapshot.lane.parameters, shown.inputs[None])[0]
        temperature = 1.0 if shown.factor is None else shown.factor * snapshot.temperature
        header |= {
            "shown": shown.title,
            "warning": shown.warning,
            "hint": shown.advice,
            "threshold": shown.threshold,
            "temperature": temperature,
            "drawn": shown.factor is not None,
            "nearest": shown.nearest,
            "unusual": shown.unusual,
            "testImage": shown.index,
            "label": shown.label,
        }
        if "pad" in parts and shown.pixels is not None:
            arrays["onPadPixels"] = shown.pixels.reshape(-1)
        form = FORMS[len(shown.inputs)]
        arrays["image"] = form.packed(shown.inputs)
        if form is not IMAGE:
            arrays["picture"] = IMAGE.packed(shown.image).reshape(-1)
        arrays["logits"] = scores
        arrays["probabilities"] = softmax(scores, temperature).astype(np.float32)
        if question is not None:
            header["why"], found = explained(snapshot.lane.parameters, shown.inputs, temperature, question)
            arrays |= found
            if question.on_pad and shown.back is not None:
                # a, b, c, d, e, f as in setTransform: x' = a·x + c·y + e, y' = b·x + d·y + f.
                header["onPad"] = shown.back[:2].T.reshape(-1).tolist()
    return _pack(header, arrays)


def _fits(snapshot: Snapshot, shown: Shown) -> bool:
    weight, _bias = layers(snapshot.lane.parameters)[0]
    return bool(weight.shape[1] == len(shown.inputs))


def templates(parameters: Float32s, limit: float | None = None) -> tuple[float, npt.NDArray[np.int8]]:
    """Return the limit of the colour scale and the first layer's templates as bytes −127 … 127, [units · D]."""
    weight = layers(parameters)[0][0][:UNITS_SHOWN]
    limit = limit_of(weight) if limit is None else limit
    shown = np.nan_to_num(np.clip(weight, -limit, limit)) * (127 / limit)
    return limit, np.round(shown).astype(np.int8).reshape(-1)


def _numbers(snapshot: Snapshot) -> dict[str, Any]:
    lane, test, moment = snapshot.lane, snapshot.test, snapshot.moment
    loss = lane.loss[:moment]
    return {
        "state": snapshot.state,
        "revision": snapshot.revision,
        "iteration": moment,
        "reached": snapshot.iteration,
        "wanted": snapshot.wanted,
        "iterations": snapshot.iterations,
        "epoch": snapshot.epoch,
        "iterationsPerEpoch": snapshot.iterations_per_epoch,
        "learningRate": lane.learning_rate,
        "pace": snapshot.pace,
        "gradientDifference": _number(snapshot.gradient_difference),
        "speed": snapshot.speed,
        "loss": _number(smoothed(loss, np.array([len(loss) - 1]))[0]) if len(loss) else None,
        "testLoss": _number(test.loss) if test else None,
        "testAccuracy": _number(test.accuracy) if test else None,
        "testIteration": test.iteration if test else None,
        "testedOn": "held-out" if snapshot.held_out else "test",
        "testedImages": snapshot.held_out or TEST_SIZE,
    }


def _curves(snapshot: Snapshot) -> dict[str, Float32s]:
    lane = snapshot.lane
    at = thinned(len(lane.loss))
    curves = {
        "x": at + 1,
        "rawLoss": lane.loss[at],
        "smoothLoss": smoothed(lane.loss, at),
        "smoothAccuracy": smoothed(lane.accuracy, at),
    }
    kept = thinned(len(lane.test_table))
    tests = lane.test_table[kept]
    curves |= {"testX": tests[:, 0], "testLosses": tests[:, 1], "testAccuracies": tests[:, 2]}
    return {name: np.asarray(values, dtype=np.float32) for name, values in curves.items()}


def _race(
    snapshot: Snapshot, verdicts: Sequence[Verdict]
) -> tuple[float, list[dict[str, Any]], dict[str, npt.NDArray[Any]]]:
    """Return the limit of all templates, what is said of each lane, and per lane its curves and templates."""
    at = thinned(snapshot.iteration, RACE_POINTS)
    kept = thinned(len(snapshot.lane.test_table), RACE_POINTS)
    arrays: dict[str, npt.NDArray[Any]] = {
        "x": (at + 1).astype(np.float32),
        "testX": snapshot.lane.test_table[kept, 0],
    }
    # Of the lanes that learn: one that overshoots would pale all others, and saturates on their scale.
    limits = [limit_of(layers(lane.parameters)[0][0]) for lane in snapshot.lanes]
    fair = [limit for limit, verdict in zip(limits, verdicts, strict=True) if not verdict.too_large]
    limit = max(fair or [min(limits)])
    lanes = []
    for index, (lane, verdict) in enumerate(zip(snapshot.lanes, verdicts, strict=True)):
        arrays[f"loss{index}"] = _smoothed_while_finite(lane.loss, at)
        arrays[f"accuracy{index}"] = lane.test_table[kept, 2]
        arrays[f"templates{index}"] = templates(lane.parameters, limit)[1]
        lanes.append(
            {
                "learningRate": lane.learning_rate,
                "testAccuracy": _number(lane.tests[-1].accuracy) if len(lane.test_table) else None,
                "winner": verdict.winner,
                "mark": verdict.mark,
                "words": verdict.words,
            }
        )
    return limit, lanes, arrays


def _comparison(
    snapshot: Snapshot, given: Sequence[Float32s | None]
) -> tuple[list[dict[str, Any]], dict[str, npt.NDArray[Any]]]:
    """Return what is said of each lane, and per lane its curve, its templates and its image.

    The limit of the templates is each lane's own: weights of pixels and of edges are not in the same unit.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    lanes = []
    for index, (lane, inputs) in enumerate(zip(snapshot.lanes, given, strict=True)):
        tests = lane.test_table[thinned(len(lane.test_table), RACE_POINTS)]
        arrays[f"testX{index}"], arrays[f"accuracy{index}"] = tests[:, 0], tests[:, 2]
        limit, arrays[f"templates{index}"] = templates(lane.parameters)
        lanes.append(
            {
                "limit": limit,
                "testAccuracy": _number(tests[-1, 2]) if len(tests) else None,
                "testIteration": int(tests[-1, 0]) if len(tests) else None,
                "digit": None,
            }
        )
        if inputs is not None:
            arrays[f"image{index}"] = FORMS[len(inputs)].packed(inputs)
            scores = logits(lane.parameters, inputs[None])[0]
            lanes[-1]["digit"] = int(scores.argmax()) if np.isfinite(scores).all() else None
    return lanes, {"x": arrays["testX0"], **arrays}


def _smoothed_while_finite(loss: Float32s, at: Ints) -> Float32s:
    """Smooth a lane's losses, nan from where they are not finite: a window must not spread that to the left."""
    finite = np.isfinite(loss)
    good = len(loss) if finite.all() else int(finite.argmin())
    found = np.full(len(at), np.nan, np.float32)
    found[at < good] = smoothed(loss[:good], at[at < good])
    return found


def _number(value: float) -> float | None:
    # JSON has no nan and no infinity.
    return float(value) if math.isfinite(value) else None


def _pack(header: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> bytes:
    # Four-byte arrays first, so that all of them start where a typed array may start.
    ordered = sorted(arrays.items(), key=lambda item: -item[1].itemsize)
    header["arrays"] = [[name, TYPES[array.dtype.char], array.size] for name, array in ordered]
    text = json.dumps(header, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([struct.pack("<I", len(text)), text, *(array.tobytes() for _, array in ordered)])
