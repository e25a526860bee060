"""Nine patients, a straight line and an S-shaped curve: why yes-or-no answers need more than a line.

A worked example, not medical data: temperatures x are hundredths of a degree above 37 °C, targets t are 1 for fever.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Float64s
from lrdemo.probability import sigmoid

TEMPERATURES = (1.0, 5.0, 10.0, 10.0, 25.0, 50.0, 70.0, 75.0, 100.0)
FEVER = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0)
PENALTY = 1.0
THRESHOLD = 0.5
"""An answer above it counts as fever."""
_SCALE = 50.0


def patients(outlier: float = 100.0) -> tuple[Float64s, Float64s]:
    """Return temperatures x [9] and targets t [9] (1 = fever), the last patient's temperature being `outlier`."""
    return np.array([*TEMPERATURES[:-1], outlier]), np.array(FEVER)


def least_squares(x: Float64s, t: Float64s) -> tuple[float, float]:
    """Return slope and intercept of the line with the smallest sum of squared vertical distances to the points."""
    x_away, t_away = x - x.mean(), t - t.mean()
    slope = float((x_away * t_away).sum() / (x_away**2).sum())
    return slope, float(t.mean() - slope * x.mean())


def logistic_fit(x: Float64s, t: Float64s, penalty: float = PENALTY) -> tuple[float, float]:
    """Return w and b of sigmoid(w x + b) with the smallest mean of −log(probability of the target) + ½ penalty w².

    Without the penalty the slope would grow without end: a vertical cliff between the two groups costs nothing.
    Newton's method, halving a step that does not help (Boyd and Vandenberghe, 2004, section 9.5).
    """
    # In this unit both unknowns are of order one, which keeps the 2 × 2 system well behaved.
    inputs = np.stack([x / _SCALE, np.ones_like(x)])
    weights = np.array([penalty / _SCALE**2, 0.0])

    def cost(parameters: Float64s) -> float:
        z = parameters @ inputs
        return float(np.mean(np.logaddexp(0, z) - t * z) + 0.5 * weights @ parameters**2)

    parameters = np.zeros(2)
    for _ in range(100):
        p = sigmoid(parameters @ inputs)
        gradient = inputs @ (p - t) / len(x) + weights * parameters
        curvature = (inputs * (p * (1 - p))) @ inputs.T / len(x) + np.diag(weights)
        step = np.linalg.solve(curvature, gradient)
        size = 1.0
        while size > 1e-8 and cost(parameters - size * step) > cost(parameters):
            size /= 2
        parameters = parameters - size * step
        if np.abs(step).max() < 1e-10:
            break
    return float(parameters[0] / _SCALE), float(parameters[1])


def crossing(slope: float, intercept: float, height: float) -> float:
    """Return the x at which slope · x + intercept reaches the height."""
    return (height - intercept) / slope


def right(answers: Float64s, t: Float64s, threshold: float = THRESHOLD) -> npt.NDArray[np.bool_]:
    """Return for each point whether its answer is above the threshold exactly when its target is 1."""
    return np.asarray((answers > threshold) == (t > 0.5))
