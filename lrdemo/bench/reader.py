"""Drawings read by one trained model as the app reads them, from their pixels and from their strokes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lrdemo.answers.confidence import is_sure
from lrdemo.answers.predict import logits
from lrdemo.arrays import Bytes, Float32s, Float64s
from lrdemo.bench.strokes import Drawing
from lrdemo.digit import Finding, even_from_rgba, findings, given
from lrdemo.drawings.spaces import DigitSpaces, is_far, is_unusual
from lrdemo.features import Features
from lrdemo.probability import softmax
from lrdemo.shapes import EDGES, form_of

WAYS = (False, True)
"""Read from strokes or not."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says of drawings, read in one way: logits [N, 10], distances from the digits [N, 10].

    `warned` [N] says which are warned of, and `milliseconds` is the processor time from a canvas to these numbers.
    """

    scores: Float32s
    distances: Float32s
    warned: npt.NDArray[np.bool_]
    milliseconds: float

    def sure(self, temperature: float) -> npt.NDArray[np.bool_]:
        """Return which answers are called sure [N]."""
        given = zip(softmax(self.scores, temperature), self.distances, strict=True)
        sure = [is_sure(shares, int(far.argmin()), bool(is_unusual(far.min()))) for shares, far in given]
        return np.array(sure) & ~self.warned


@dataclass(frozen=True, eq=False)
class Reader:
    """One trained model, and the spaces of the digits."""

    parameters: Float32s
    features: Features
    spaces: DigitSpaces

    def answers(self, drawings: Sequence[Drawing]) -> tuple[dict[bool, Answers], list[Finding]]:
        """Return what is said of drawings by whether they are read from their strokes, and what is odd about them."""
        odd: list[tuple[Finding, ...]] = []
        said: dict[bool, list[tuple[Float32s, Float32s]]] = {way: [] for way in WAYS}
        seconds = dict.fromkeys(WAYS, 0.0)
        for drawing in drawings:
            rgba = drawing.rgba()
            odd.append(findings(rgba))
            for from_strokes in WAYS:
                start = time.thread_time()
                said[from_strokes].append(self._answer(rgba, drawing.strokes if from_strokes else None))
                seconds[from_strokes] += time.thread_time() - start
        answers = {}
        for from_strokes in WAYS:
            scores, distances = map(np.stack, zip(*said[from_strokes], strict=True))
            warned = np.array([bool(one) for one in odd]) | is_far(distances.min(axis=1), from_strokes)
            milliseconds = 1000 * seconds[from_strokes] / len(drawings)
            answers[from_strokes] = Answers(scores, distances, warned, milliseconds)
        return answers, [finding for one in odd for finding in one]

    def _answer(self, rgba: Bytes, strokes: Sequence[Float64s] | None) -> tuple[Float32s, Float32s]:
        even = even_from_rgba(rgba, strokes=strokes)
        found = None if even is None else given(even.prepared, self.features)
        # An empty canvas is asked about all the same.
        numbers = np.zeros(form_of(self.features).size, np.float32) if found is None else found.inputs
        edges = np.zeros(EDGES.size, np.float32) if found is None else found.edges
        return logits(self.parameters, numbers[None])[0], self.spaces.distances(edges)
