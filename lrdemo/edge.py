"""The edge of stability: the learning rate from which on steps overshoot where the loss is curved so much."""

from __future__ import annotations

import math
from dataclasses import replace

from lrdemo.settings import TABLE, Settings, planned_text


def has_edge(settings: Settings) -> bool:
    """Return whether the curvature alone gives an edge: not for Adam, which sizes every weight's step by itself."""
    return settings.optimiser != "adam"


def edge(eigenvalue: float, settings: Settings) -> float:
    """Return the edge on a quadratic whose largest eigenvalue is λ: what lies below converges, what lies above grows.

    2/λ for gradient descent; 2(1 + β)/λ with momentum β, v ← βv + ∇L and θ ← θ − ηv; 2(1 + β)/(λ(1 + 2β)) with
    Nesterov's, θ ← θ − η(∇L + βv). Infinite where nothing curves upwards. Raises ValueError where there is none.
    """
    if not has_edge(settings):
        raise ValueError("Adam has no edge of this kind.")
    if eigenvalue <= 0:
        return math.inf
    momentum = settings.momentum
    found = 2 * (1 + momentum) / eigenvalue
    return found / (1 + 2 * momentum) if settings.optimiser == "nesterov" else found


SHARES = (0.9, 1.1, 1.5)
SETTLED_EDGE = 0.52
"""The edge of the trial below where its rate changes: 0.515 … 0.528 with other seeds."""
_TRIAL = Settings(
    batch_size=4_000, weight_decay=TABLE["weight_decay"].high or 0.0, learning_rate=0.3, iterations=160
)
_SETTLED = 60


def trial(share: float, seed: int) -> Settings:
    """Return settings that let a run settle below the edge, and then train it at so many times the edge.

    So much weight decay, and so many images in each minibatch, make a valley whose curvature stays about the same. In
    a valley that gets flatter on the way, as without weight decay, a run goes on above the edge of the moment until its
    rate is below that of where it has come to.
    """
    return replace(_TRIAL, seed=seed, changes=planned_text({_SETTLED: float(f"{share * SETTLED_EDGE:.2g}")}))
