"""How many digits in other ways to write each lane of a comparison reads: variations that none was trained on."""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from lrdemo.answers.predict import logits
from lrdemo.answers.robustness import parameters_vector
from lrdemo.arrays import Float32s
from lrdemo.features import inputs
from lrdemo.styles import STYLES, variants

if TYPE_CHECKING:
    from lrdemo.comparison import Comparison

EACH, SEED = 10, 1
"""Variations of each way, and the seed that makes them others than those trained on."""


def read(comparison: Comparison) -> Generator[None, None, dict[str, Any]]:
    """Return the share (0 … 1) that each lane reads where its images are normalised or directions, else None.

    These are drawings in place and size already: a model of plain pixels gets other images. A piece for each way.
    """
    for place in range(len(STYLES)):
        unseen(place)
        yield
    images = np.concatenate([unseen(place) for place in range(len(STYLES))])
    labels = np.repeat([style.label for style in STYLES], EACH)
    shares: list[float | None] = []
    for lane in comparison.lanes:
        settings = lane.settings
        if not settings.styles_possible:
            shares.append(None)
            continue
        answers = logits(parameters_vector(lane), inputs(images, settings.features)).argmax(axis=1)
        shares.append(float((answers == labels).mean()))
    return {"iteration": comparison.iteration, "of": len(labels), "shares": shares}


@lru_cache(maxsize=len(STYLES))
def unseen(place: int) -> Float32s:
    """Return variations of a way to write, by its place in the table: [10, 28, 28] in 0 … 1."""
    return variants(STYLES[place], EACH, SEED)
