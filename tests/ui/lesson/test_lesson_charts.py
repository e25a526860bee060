"""The lesson's charts by data, colours, axes and words, against figures worked out by hand."""

import numpy as np
import pytest

from lrdemo.ui.charts import BLUE, GREEN, GREY, ORANGE, RED
from lrdemo.ui.lesson.charts import class_counts, cost, fever, matches, probabilities, s_curve, scores


def series(chart, name):
    (found,) = [one for one in chart.option["series"] if one["name"] == name]
    return found


def opaque(colour):
    return {"color": colour, "opacity": 1}


def ends(axis):
    return axis["name"], axis["min"], axis["max"]


@pytest.fixture
def patients():
    """Chart four patients with a line that crosses ½ at 50 and a curve that does at 40."""
    x, t = np.array([0.0, 20.0, 60.0, 100.0]), np.array([0.0, 1.0, 1.0, 1.0])
    return fever(x, t, (0.01, 0.0), (0.1, -4.0), 0.5)


def test_the_fever_chart_shows_each_patient_by_label(patients):
    assert series(patients, "no fever")["data"] == [[0, 0]]
    assert series(patients, "fever")["data"] == [[20, 1], [60, 1], [100, 1]]
    for name, colour, symbol in (("no fever", GREY, "circle"), ("fever", GREEN, "triangle")):
        assert (series(patients, name)["itemStyle"], series(patients, name)["symbol"]) == (opaque(colour), symbol)


def test_the_fever_chart_rings_the_patients_whom_the_line_misses(patients):
    missed = series(patients, "line is wrong")

    assert missed["data"] == [[20, 1]]
    assert (missed["symbol"], missed["symbolSize"], missed["itemStyle"]["color"]) == ("emptyCircle", 24, RED)


def test_the_line_is_straight_orange_and_dashed_and_the_curve_blue(patients):
    straight, curve = series(patients, "straight line"), series(patients, "S-curve")

    assert (straight["lineStyle"]["color"], straight["lineStyle"]["type"]) == (ORANGE, "dashed")
    assert (curve["lineStyle"]["color"], curve["lineStyle"]["type"]) == (BLUE, "solid")
    assert (straight["data"][0], straight["data"][-1]) == ([0, 0], [310, 3.1])
    assert curve["data"][0] == [0, pytest.approx(1 / (1 + np.e**4), abs=1e-6)]
    assert curve["data"][20] == [40, 0.5]


def test_both_rules_are_marked_where_they_cross_the_threshold(patients):
    x, t = np.array([0.0, 100.0]), np.array([0.0, 1.0])
    higher = fever(x, t, (0.01, 0.0), (0.1, -4.0), 0.9)

    for chart, line, curve in ((patients, 50, 40), (higher, 90, 40 + 10 * np.log(9))):
        assert series(chart, "straight line")["markLine"]["data"] == [{"xAxis": pytest.approx(line)}]
        assert series(chart, "S-curve")["markLine"]["data"] == [{"xAxis": pytest.approx(curve)}]
    assert series(patients, "threshold")["data"] == [[0, 0.5], [310, 0.5]]
    assert series(higher, "threshold")["data"] == [[0, 0.9], [310, 0.9]]


def test_the_fever_chart_greys_what_is_no_probability_and_names_its_axes(patients):
    grey = series(patients, "threshold")["markArea"]

    assert grey["data"] == [[{"yAxis": -0.5}, {"yAxis": 0}], [{"yAxis": 1}, {"yAxis": 1.5}]]
    assert grey["itemStyle"] == {"color": GREY, "opacity": 0.12}
    assert ends(patients.option["xAxis"]) == ("temperature x, hundredths of a degree above 37 °C", 0, 310)
    assert ends(patients.option["yAxis"]) == ("answer", -0.5, 1.5)
    assert patients.option["legend"]["data"] == ["no fever", "fever", "line is wrong", "straight line", "S-curve"]


def test_the_fever_chart_says_how_many_each_rule_gets(patients):
    assert patients.title == "Line and S-curve for the same nine patients"
    assert patients.alt == (
        "Nine patients. At threshold 0.50 the straight line is correct for 3 of 9, the S-curve for 3 of 9. "
        "The line's answers range from 0.00 to 1.00."
    )


def test_the_s_curve_is_the_logistic_function_with_the_score_marked():
    chart = s_curve(-1.0)

    curve, here = series(chart, "S-curve"), series(chart, "here")
    assert (curve["data"][0][0], curve["data"][80], curve["data"][-1][0]) == (-8, [0, 0.5], 8)
    assert curve["data"][90] == [1, 0.7310586]
    assert curve["lineStyle"]["color"] == BLUE
    assert here["data"] == [[-1, pytest.approx(0.2689414)]]
    assert curve["markLine"]["data"] == [{"xAxis": -1}]
    assert (ends(chart.option["xAxis"]), ends(chart.option["yAxis"])) == (("score z", -8, 8), ("probability", 0, 1))
    assert (chart.title, chart.alt) == ("Logistic function", "At score −1.0 the logistic function is 0.2689.")


def test_the_cost_is_minus_the_logarithm_with_the_probability_marked():
    chart = cost(0.1)

    curve, here = series(chart, "cost"), series(chart, "here")
    assert curve["data"][0] == [0.00001, pytest.approx(11.512925)]
    assert curve["data"][-1] == [1, 0]
    assert all(height == pytest.approx(-np.log(p), abs=1e-2) for p, height in curve["data"])
    assert here["data"] == [[0.1, pytest.approx(2.302585)]]
    assert ends(chart.option["xAxis"]) == ("probability given to the right class", 0, 1)
    assert ends(chart.option["yAxis"]) == ("cost", 0, 12)
    assert chart.title == "Cost of an answer"
    assert chart.alt == "Probability 0.10000 costs 2.30259. The cost falls from 11.51 at 0.00001 to 0 at 1."


def test_the_probabilities_are_bars_from_0_to_1():
    chart = probabilities([0.25, 0.75])

    assert chart.option["xAxis"]["data"] == ["class 1", "class 2"]
    assert chart.option["series"][0]["data"] == [0.25, 0.75]
    assert ends(chart.option["yAxis"]) == ("probability", 0, 1)
    assert (chart.title, chart.alt) == ("Probabilities", "class 1: 0.250; class 2: 0.750")


def test_the_class_counts_are_bars_per_digit():
    chart = class_counts(np.array([5923, 6742]))

    assert (chart.option["xAxis"]["name"], chart.option["xAxis"]["data"]) == ("digit", ["0", "1"])
    assert chart.option["series"][0]["data"] == [5923, 6742]
    assert ends(chart.option["yAxis"]) == ("training images", 0, 8000)
    assert (chart.title, chart.alt) == ("How often each digit occurs", "0: 5,923, 1: 6,742")


def test_the_answers_score_stands_out_and_is_named():
    chart = scores(np.array([-1.234, 2.5, 0.0], np.float32), 1)

    (bars,) = chart.option["series"]
    assert [bar["value"] for bar in bars["data"]] == [-1.23, 2.5, 0]
    assert [bar["itemStyle"]["color"] for bar in bars["data"]] == [BLUE, ORANGE, BLUE]
    assert [bar.get("label", {}).get("formatter") for bar in bars["data"]] == [None, "argmax\n{c}", None]
    assert (chart.option["xAxis"]["name"], chart.option["xAxis"]["data"]) == ("digit", ["0", "1", "2"])
    assert chart.option["yAxis"]["name"] == "score"
    assert (chart.title, chart.alt) == ("Scores (logits) of this image", "The largest score is that of 1.")


@pytest.mark.parametrize(
    "values, seen", [([-9.994, 1], [-9.99, 1]), ([-67.89, 12.34], [-67.9, 12.3]), ([-267.58, 8.46], [-268, 8])]
)
def test_scores_have_three_figures_at_most(values, seen):
    (bars,) = scores(np.array(values, np.float32), 1).option["series"]
    assert [bar["value"] for bar in bars["data"]] == seen


def test_the_matches_are_dots_and_the_chosen_batch_is_marked():
    chart = matches(np.array([90, 80, 95]), 2)

    dots, chosen = series(chart, "matches"), series(chart, "this batch")
    assert dots["data"] == [[0, 90], [1, 80], [2, 95]]
    assert chosen["data"] == [[2, 95]]
    assert (dots["itemStyle"], dots["symbolSize"]) == (opaque(BLUE), 6)
    assert (chosen["itemStyle"], chosen["symbol"], chosen["symbolSize"]) == (opaque(ORANGE), "diamond", 16)
    assert (ends(chart.option["xAxis"]), ends(chart.option["yAxis"])) == (("batch", 0, 3), ("matches of 100", 0, 100))
    assert chart.title == "Matches in each batch of 100 test images"
    assert chart.alt == "From 80 to 95 of 100, 265 in all."
