"""The chapter "Yes or no": figures, formulas and claims against NumPy and scikit-learn."""

import inspect
import json

import numpy as np
import pytest
from reading import again, latex, words
from sklearn.linear_model import LinearRegression

from lrdemo.lesson import line
from lrdemo.ui.lesson.fever import OUTLIERS, SCORES, celsius, place_of

OUTLIER = {temperature: place_of(OUTLIERS, temperature) for temperature in (10, 100, 300)}


@pytest.fixture
def page(open_app):
    return again(open_app("pages/yes_or_no.py"))


@pytest.fixture
def charts(page):
    """Return both charts as the script gets them."""
    return [json.loads(part.proto.json) for part in page.get("bidi_component") if "curves" in part.proto.json]


@pytest.fixture
def fever(charts):
    return charts[0]


@pytest.fixture
def s_curve(charts):
    return charts[1]


def part(chart, kind, name):
    (found,) = [one for one in chart[kind] if one["name"] == name]
    return found


def missed(chart, outlier):
    xs = part(chart, "dots", "missed by the line")["x"][OUTLIER[outlier]]
    return [x for x in xs if x is not None]


def at_least_squares(outlier, wanted):
    x, t = line.patients(outlier)
    return LinearRegression().fit(x[:, None], t).predict(np.reshape(wanted, (-1, 1)))


def test_a_very_hot_patient_breaks_the_line_and_not_the_curve(fever):
    told = fever["handle"]["words"]

    assert told[OUTLIER[100]].split("\n") == [
        "Last patient: 100, which is 38.00\u00a0°C.",
        "Straight line: 9 of 9 correct, answers from −0.06 to 1.27.",
        "S-curve: 9 of 9 correct.",
    ]
    assert told[OUTLIER[300]].split("\n") == [
        "Last patient: 300, which is 40.00\u00a0°C.",
        "Straight line: 6 of 9 correct, answers from 0.23 to 1.30.",
        "S-curve: 9 of 9 correct.",
    ]
    assert (missed(fever, 100), missed(fever, 300)) == ([], [50, 70, 75])


def test_with_the_last_patient_at_10_no_rule_gets_all_three_at_10(page, fever):
    at_10 = [fever["handle"]["x"][OUTLIER[10]], *part(fever, "dots", "no fever")["x"]].count(10)
    curve = part(fever, "curves", "S-curve")
    chance = curve["y"][OUTLIER[10]][curve["x"].index(10)]

    assert at_10 == 3
    assert f"its answer for them is {chance:.2f}, neither 0 nor 1" in words(page)
    assert fever["handle"]["words"][OUTLIER[10]].endswith("S-curve: 8 of 9 correct.")


@pytest.mark.parametrize("outlier", [10, 100, 300])
def test_the_line_and_the_curve_are_those_of_the_fits(fever, outlier):
    place = OUTLIER[outlier]
    straight, curve = (part(fever, "curves", name) for name in ("straight line", "S-curve"))
    w, b = line.logistic_fit(*line.patients(outlier))

    assert straight["y"][place] == pytest.approx(at_least_squares(outlier, straight["x"]), abs=1e-4)
    chances = 1 / (1 + np.exp(-(w * np.array(curve["x"]) + b)))
    assert curve["y"][place] == pytest.approx(chances, abs=1e-4)


@pytest.mark.parametrize("outlier", [10, 100, 300])
def test_a_dotted_line_leads_down_from_where_the_line_reaches_one_half(fever, outlier):
    dotted = part(fever, "curves", "")
    (limit, same) = dotted["x"][OUTLIER[outlier]]

    assert limit == same
    assert at_least_squares(outlier, limit) == pytest.approx(0.5, abs=1e-3)
    assert dotted["y"] == [-0.5, 0.5]


def test_at_first_the_last_patient_is_at_100_and_the_score_is_1(fever, s_curve):
    assert fever["handle"]["x"][fever["place"]] == 100
    assert s_curve["handle"]["x"][s_curve["place"]] == 1


def test_the_nine_patients_are_shown_by_their_targets(fever, s_curve):
    assert part(fever, "dots", "no fever")["x"] == [1, 5, 10, 10, 25]
    assert part(fever, "dots", "fever")["x"] == [50, 70, 75]
    assert set(part(fever, "dots", "no fever")["y"]) == {0} and set(part(fever, "dots", "fever")["y"]) == {1}
    # The one at 100 has a score outside the chart.
    assert len(part(s_curve, "dots", "no fever")["x"]) == 5 and len(part(s_curve, "dots", "fever")["x"]) == 3


def test_a_lower_threshold_saves_the_line_as_the_answer_to_the_question_says(page):
    x, t = line.patients(300)

    assert "at 0.35 it is correct for all nine again" in words(page)
    assert ((at_least_squares(300, x) > 0.35) == (t == 1)).all()


def test_the_logistic_function_with_its_numbers(s_curve):
    told = s_curve["handle"]["words"]

    assert told[place_of(SCORES, 1)].endswith("\nσ(1.0) = 1 / (1 + 0.3679) = 0.7311")
    assert told[0].endswith("\nσ(−8.0) = 1 / (1 + 2,980.9580) = 0.0003")
    curve = part(s_curve, "curves", "S-curve")
    assert (curve["x"], curve["y"]) == (s_curve["handle"]["x"], s_curve["handle"]["y"])
    assert curve["y"] == pytest.approx(1 / (1 + np.exp(-np.array(curve["x"]))), abs=1e-4)


def test_scores_belong_to_temperatures(page, s_curve):
    w, b = line.logistic_fit(*line.patients())
    zero = s_curve["handle"]["words"][place_of(SCORES, 0)]

    assert zero.startswith(f"At {celsius(-b / w)} the score z is 0.0.")
    assert celsius(-b / w) == f"{37 - b / w / 100:.2f}\u00a0°C"
    told = words(page)
    assert f"w* = {w:.3f}" in told and f"b* = −{-b:.3f}" in told
    assert f"37.50 °C, *x* = 50, has score {50 * w + b:.3f}" in told


def test_without_the_penalty_the_curve_becomes_a_cliff_between_the_two_groups():
    x, t = line.patients()
    fits = [line.logistic_fit(x, t, penalty) for penalty in (1, 1e-2, 1e-4, 1e-6)]
    slopes = [w for w, _ in fits]

    assert slopes == sorted(slopes) and slopes[-1] > 5 * slopes[0]
    assert all(25 < -b / w < 50 for w, b in fits)


def test_the_formulas_use_one_letter_for_one_thing(page):
    assert r"&t_i \log p_i \\ + (1 - t_i) &\log(1 - p_i)" in latex(page)
    assert r"$$\sigma(z) = \dfrac{1}{1 + e^{-z}}$$" in words(page)


def test_what_the_chapter_leaves_to_later_ones_is_not_mentioned(page):
    told = words(page).lower()
    assert not [word for word in ("softmax", "cross-entropy", "logit ", "argmax", "gradient", "nats") if word in told]


def test_the_code_on_the_page_is_the_code_that_ran(page):
    shown = "\n".join(block.value for block in page.code)

    assert all(inspect.getsource(function).rstrip() in shown for function in (line.least_squares, line.logistic_fit))


def test_the_chapter_ends_with_a_prediction(page):
    assert len(page.get("button_group")) == 1
