"""Nine patients, a straight line and an S-shaped curve: why yes-or-no answers need more than a line.

The numbers are a worked example, not medical data.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lrdemo.probability import sigmoid

Floats = npt.NDArray[np.float64]

TEMPERATURES = (1.0, 5.0, 10.0, 10.0, 25.0, 50.0, 70.0, 75.0, 100.0)
FEVER = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0)
PENALTY = 1.0
_SCALE = 50.0


def patients(outlier: float = 100.0) -> tuple[Floats, Floats]:
    """Return temperatures [9] and labels [9] (1 = fever), the last temperature replaced by `outlier`."""
    return np.array([*TEMPERATURES[:-1], outlier]), np.array(FEVER)


def least_squares(x: Floats, y: Floats) -> tuple[float, float]:
    """Return slope and intercept of the line with the smallest sum of squared vertical distances to the points."""
    x_away, y_away = x - x.mean(), y - y.mean()
    slope = float((x_away * y_away).sum() / (x_away**2).sum())
    return slope, float(y.mean() - slope * x.mean())


def logistic_fit(x: Floats, y: Floats, penalty: float = PENALTY) -> tuple[float, float]:
    """Return slope w and intercept b of sigmoid(w x + b) with the smallest mean cross-entropy + ½ penalty w².

    Without the penalty the slope would grow without end here, as a vertical cliff between the two groups costs
    nothing. Newton's method, halving a step that does not help (Boyd and Vandenberghe, 2004, section 9.5).
    """
    # Both unknowns are of order one in this unit, which keeps the 2 × 2 system well behaved.
    inputs = np.stack([x / _SCALE, np.ones_like(x)])
    weights = np.array([penalty / _SCALE**2, 0.0])

    def cost(parameters: Floats) -> float:
        y_hat = parameters @ inputs
        return float(np.mean(np.logaddexp(0, y_hat) - y * y_hat) + 0.5 * weights @ parameters**2)

    parameters = np.zeros(2)
    for _ in range(100):
        p = sigmoid(parameters @ inputs)
        gradient = inputs @ (p - y) / len(x) + weights * parameters
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


def right_answers(answers: Floats, y: Floats, threshold: float) -> int:
    """Count the points for which "answer above the threshold" agrees with the label."""
    return int(((answers > threshold) == (y > 0.5)).sum())
