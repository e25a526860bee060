import numpy as np
import pytest
from scipy.optimize import minimize

from lrdemo.lesson.line import crossing, least_squares, logistic_fit, patients, right
from lrdemo.probability import sigmoid, two_class_cross_entropy


@pytest.mark.parametrize("outlier", [10, 100, 170, 300])
def test_the_line_is_numpys_least_squares_line(outlier: int) -> None:
    x, y = patients(outlier)
    expected = np.linalg.lstsq(np.stack([x, np.ones_like(x)], axis=1), y, rcond=None)[0]
    assert least_squares(x, y) == pytest.approx(tuple(expected))


@pytest.mark.parametrize("outlier", [10, 47, 100, 300])
def test_no_curve_costs_less_than_the_logistic_fit(outlier: int) -> None:
    x, y = patients(outlier)

    def cost(parameters):
        slope, intercept = parameters
        p = np.clip(sigmoid(slope * x + intercept), 1e-15, 1 - 1e-15)
        return two_class_cross_entropy(p, y).mean() + 0.5 * slope**2

    found = logistic_fit(x, y)
    assert cost(found) <= minimize(cost, (0.1, -3.0), method="Nelder-Mead").fun + 1e-9


def test_the_line_leaves_zero_to_one_and_the_outlier_flattens_it_but_not_the_curve() -> None:
    x, y = patients(100)
    slope, intercept = least_squares(x, y)
    line = slope * x + intercept
    assert line.min() < 0 and line.max() > 1
    assert right(line, y).all()

    far, _ = patients(300)
    flat_slope, flat_intercept = least_squares(far, y)
    assert flat_slope < slope / 3
    assert right(flat_slope * far + flat_intercept, y).sum() == 6
    assert crossing(flat_slope, flat_intercept, 0.5) == pytest.approx(76.2, abs=0.1)

    w, b = logistic_fit(far, y)
    assert (w, b) == pytest.approx(logistic_fit(x, y), rel=0.01)
    assert right(sigmoid(w * far + b), y).all()


def test_an_answer_at_the_threshold_is_no() -> None:
    answers, targets = np.array([0.2, 0.5, 0.5, 0.9]), np.array([0.0, 0.0, 1.0, 1.0])
    assert right(answers, targets).tolist() == [True, True, False, True]
    assert right(answers, targets, 0.4).tolist() == [True, False, True, True]
    assert right(answers, targets, 0.1).tolist() == [False, False, True, True]


def test_five_patients_without_and_four_with_fever() -> None:
    x, y = patients(120)
    assert x.tolist() == [1, 5, 10, 10, 25, 50, 70, 75, 120] and y.tolist() == [0] * 5 + [1] * 4
    assert patients()[0][-1] == 100
