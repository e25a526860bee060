"""What a visitor asks about an answer while looking at it, and what a frame says to that.

The weights' own float32 numbers in double precision; softmax regression only, since only there the parts add up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np
import numpy.typing as npt

from lrdemo.answers.explain import Evidence, duel, evidence, smallest_flip
from lrdemo.answers.predict import logits
from lrdemo.arrays import Float32s, Float64s
from lrdemo.probability import softmax
from lrdemo.shapes import FORMS, layers

Kind = Literal["evidence", "duel", "change"]


@dataclass(frozen=True)
class Question:
    """Ask for the evidence for a digit, for the duel of the answer with it, or for the smallest change that makes it.

    Without a digit the evidence is that for the answer, the duel that with the runner-up, and the change the smallest
    of all. `push` is how far to go with the change, 0 … 1. `on_pad` asks where the image's pixels are on the pad, too.
    """

    kind: Kind
    digit: int | None = None
    push: float = 0.0
    on_pad: bool = False

    @classmethod
    def read(cls, message: Any) -> Question | None:
        """Return the question in a browser's message, None for none; raises ValueError for anything else."""
        if message is None:
            return None
        if not isinstance(message, dict) or message.get("kind") not in get_args(Kind):
            raise ValueError("A question is about the evidence, a duel or a change.")
        digit, push = message.get("digit"), message.get("push", 0)
        if digit is not None and (type(digit) is not int or not 0 <= digit <= 9):
            raise ValueError("A digit goes from 0 to 9.")
        if type(push) not in (int, float) or not 0 <= push <= 1:
            raise ValueError("A change goes from 0 to 1.")
        return cls(cast(Kind, message["kind"]), digit, float(push), message.get("onPad") is True)


def explained(
    parameters: Float32s, image: Float32s, temperature: float, question: Question
) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Return the numbers and the arrays that answer a question about an image, as the model gets it [D].

    "evidence" and "duel": `parts` [D] as bytes −127 … 127 of `limit`, one scale for all digits of a picture, and the
    addition; "change": `parts` is as much of the change as is asked for, beside the image with it and what that gives.
    """
    model = layers(parameters)
    if len(model) > 1:
        return {"kind": question.kind, "linear": False}, {}
    found: dict[str, Any] = {"kind": question.kind, "linear": True, "known": bool(np.isfinite(parameters).all())}
    if not found["known"]:
        return found, {}
    weight, bias = model[0]
    first, second = np.argsort(-logits(parameters, image.reshape(1, -1))[0], kind="stable")[:2].tolist()
    if question.kind == "change":
        return _change(found, parameters, image, temperature, question, first)
    if question.kind == "evidence":
        digit = first if question.digit is None else question.digit
        addition = evidence(image, weight, bias, digit)
        found |= {"first": digit}
    else:
        rival = second if question.digit in (None, first) else question.digit
        addition = duel(image, weight, bias, first, rival)
        found |= {"first": first, "second": rival, "times": math.exp(min(addition.logit / temperature, 700))}
    limit = float(np.abs(image.reshape(-1).astype(np.float64) * weight).max()) or 1.0
    totals = weight.astype(np.float64) @ image.reshape(-1).astype(np.float64)
    found |= {"limit": limit, "totals": totals.tolist(), "biases": bias.tolist()}
    return found | _addition(addition), {"parts": _bytes(addition.parts, limit)}


def _addition(found: Evidence) -> dict[str, float]:
    favour = float(found.parts[found.parts > 0].sum())
    return {
        "favour": favour,
        "against": found.total - favour,
        "total": found.total,
        "bias": found.bias,
        "logit": found.logit,
        "error": found.error,
    }


def _bytes(values: Float64s, limit: float) -> npt.NDArray[np.int8]:
    return np.round(np.clip(values / limit, -1, 1) * 127).astype(np.int8).reshape(-1)


def _change(
    found: dict[str, Any], parameters: Float32s, image: Float32s, temperature: float, question: Question, answer: int
) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    weight, bias = layers(parameters)[0]
    form = FORMS[weight.shape[1]]
    flip = smallest_flip(image, weight, bias, None if question.digit == answer else question.digit, form.most)
    found |= {
        "first": flip.answer,
        "second": flip.target,
        "push": question.push,
        "formula": flip.size,
        "enough": flip.clipped_flips,
        "size": flip.real_size,
        "whole": float(np.linalg.norm(image.astype(np.float64))),
    }
    if flip.real is None:
        return found, {}
    change = flip.real - image
    most = found["most"] = float(np.abs(change).max()) or 1.0
    moved = (image + question.push * change).astype(np.float32)
    scores = logits(parameters, moved.reshape(1, -1))[0]
    return found, {
        "parts": _bytes(question.push * change, most),
        "changedImage": form.packed(moved).reshape(-1),
        "changedLogits": scores,
        "changedProbabilities": softmax(scores, temperature).astype(np.float32),
    }
