"""The page "From a line to a probability": figures, formulas and claims against NumPy."""

import inspect

import numpy as np
import pytest
from reading import again, chart, latex, metrics, words

from lrdemo import probability
from lrdemo.lesson import line
from lrdemo.ui.figures import darker_words
from lrdemo.ui.lesson import charts

CORRECT = ("Straight line", "S-curve")


@pytest.fixture
def page(open_app):
    return again(open_app("pages/line_to_probability.py"))


def correct(app):
    return [metrics(app)[name] for name in CORRECT]


def shown(app, key):
    option, _ = chart(app, key)
    return {one.get("name"): one for one in option["series"]}


def test_an_outlier_breaks_the_line_and_not_the_curve(page):
    assert correct(page) == ["9 of 9 correct", "9 of 9 correct"]
    page.slider(key="fever_outlier").set_value(300)
    assert correct(again(page)) == ["6 of 9 correct", "9 of 9 correct"]
    assert shown(page, "fever_chart")["line is wrong"]["data"] == [[50, 1], [70, 1], [75, 1]]
    page.slider(key="fever_threshold").set_value(0.35)
    assert correct(again(page)) == ["9 of 9 correct", "9 of 9 correct"]


def test_with_the_last_patient_at_10_no_rule_gets_all_three_at_10(page):
    page.slider(key="fever_outlier").set_value(10)
    again(page)

    at_10 = [label for label in ("fever", "no fever") for x, _ in shown(page, "fever_chart")[label]["data"] if x == 10]
    assert at_10 == ["fever", "no fever", "no fever"]
    curve = dict(map(tuple, shown(page, "fever_chart")["S-curve"]["data"]))
    assert 0.05 < curve[10] < 0.95
    assert correct(page)[1] == "8 of 9 correct"


def test_the_fever_chart_and_the_ranges_are_those_of_the_fits(page):
    x, t = line.patients(100)
    straight, curve = line.least_squares(x, t), line.logistic_fit(x, t)

    expected = charts.fever(x, t, straight, curve, 0.5)
    assert chart(page, "fever_chart") == (darker_words(expected.option), expected.alt)
    answers, chances = straight[0] * x + straight[1], 1 / (1 + np.exp(-curve[0] * x - curve[1]))
    ranges = [f"Its answers range from {part.min():.3f} to {part.max():.3f}." for part in (answers, chances)]
    assert [caption.value.replace("−", "-") for caption in page.caption if "range" in caption.value] == ranges
    assert answers.min() < 0 and answers.max() > 1


def test_the_s_curve_follows_the_score(page):
    assert r"\sigma(1.0) = \frac{1}{1 + 0.3679} = 0.7311" in latex(page)
    page.slider(key="s_curve_score").set_value(-8.0)

    assert r"\sigma(−8.0) = \frac{1}{1 + 2980.9580} = 0.0003" in latex(again(page))
    assert shown(page, "s_curve_chart")["here"]["data"] == [[-8, pytest.approx(1 / (1 + np.exp(8)))]]


def test_softmax_of_the_four_scores_and_of_edited_ones(page):
    assert "0.017 + 0.015 + 0.412 + 0.556 = 1.000" in latex(page)
    assert "Scores 1 and 0, for example, become 0.7311 and 0.2689." in words(page)

    page.number_input(key="softmax_1").set_value(4.8)
    page.slider(key="softmax_temperature").set_value(2.0)
    again(page)

    powers = np.exp(np.array([4.8, 1.2, 4.5, 4.8]) / 2)
    (bars,) = chart(page, "softmax_chart")[0]["series"]
    assert bars["data"] == pytest.approx(powers / powers.sum(), abs=6e-4)


def test_adding_1_to_all_scores_changes_nothing_and_only_differences_count(page):
    before = chart(page, "softmax_chart")
    for place, score in enumerate((2.3, 2.2, 5.5, 5.8), 1):
        page.number_input(key=f"softmax_{place}").set_value(score)

    assert chart(again(page), "softmax_chart") == before


def test_almost_certain_and_wrong_costs_eleven_and_a_half(page):
    for chance, cost in ((0.00001, "11.51"), (0.5, "0.69"), (0.99999, "0.00001")):
        page.select_slider(key="cost_chance").set_value(chance)
        assert metrics(again(page))["Cost −log p"] == cost
        assert shown(page, "cost_chart")["here"]["data"] == [[chance, pytest.approx(-np.log(chance))]]
    assert page.select_slider(key="cost_chance").options[0] == "0.00001"


def test_the_formulas_use_one_letter_for_one_thing(page):
    formulas = (
        r"\frac{1}{1 + e^{-z}}", r"p_i = \frac{e^{\,z_i / T}}", r"t \log p + (1-t) \log(1-p)", r"\sum_{i} t_i \log p_i"
    )  # fmt: skip

    assert all(formula in latex(page) for formula in formulas)


def test_the_code_on_the_page_is_the_code_that_ran(page):
    functions = (line.least_squares, line.logistic_fit, probability.softmax, probability.two_class_cross_entropy,
                 probability.cross_entropy)  # fmt: skip
    shown = "\n".join(block.value for block in page.code)

    assert all(inspect.getsource(function).rstrip() in shown for function in functions)
