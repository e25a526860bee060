"""The edge of stability: the learning rate from which on steps overshoot where the loss is curved so much."""

from __future__ import annotations

import math

from lrdemo.settings import Settings


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
