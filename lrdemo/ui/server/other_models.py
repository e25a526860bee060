"""The visitor's other trained models, which can be asked about the same images as the run."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any

from lrdemo.ui.server.visitor import Visitor

LANE_ANSWERS, KEPT_ANSWERS = "lrdemo.answers.mistakes:lane_answers", "lrdemo.answers.mistakes:kept_answers"


@dataclass(frozen=True)
class OtherModel:
    """One of them: how it is chosen, its name, how its images are prepared, and how it is asked for its answers."""

    key: str
    name: str
    features: str
    version: Hashable
    """Differs whenever it has trained on or begun again."""
    ask: Callable[..., dict[str, Any]]
    """Takes `images` as the model gets them, [N, D], or nothing for the test images; see lrdemo.answers.mistakes."""


def other_models(visitor: Visitor) -> list[OtherModel]:
    """Return those that are trained: kept runs, and the models of the visitor's comparison, once it has begun."""
    return [*_kept(visitor), *_compared(visitor)]


def _kept(visitor: Visitor) -> list[OtherModel]:
    found = []
    for one in visitor.kept:
        kept = one.run
        if kept.diverged:
            continue
        given = {"parameters": kept.parameters, "features": kept.settings.features, "iteration": kept.iteration}
        ask = partial(visitor.run.ask, KEPT_ANSWERS, **given)
        found.append(OtherModel(f"kept {one.number}", f"kept: {one.name}", kept.settings.features, one.number, ask))
    return found


def _compared(visitor: Visitor) -> list[OtherModel]:
    comparison = visitor.comparison
    if comparison is None:
        return []
    revision, iteration = comparison.board.progress
    if not iteration:
        return []
    version = (comparison.number, revision, iteration)
    return [
        OtherModel(one.label, one.label, one.features, version, partial(comparison.ask, LANE_ANSWERS, lane=lane))
        for lane, one in enumerate(comparison.candidates)
    ]
