"""The lesson's charts by data, colours, axes and words, against figures worked out by hand."""

import numpy as np
import pytest

from lrdemo.ui.charts import BLUE, GREEN, GREY, ORANGE
from lrdemo.ui.lesson.charts import class_counts, costs, matches, probabilities, scores


def series(chart, name):
    (found,) = [one for one in chart.option["series"] if one["name"] == name]
    return found


def opaque(colour):
    return {"color": colour, "opacity": 1}


def ends(axis):
    return axis["name"], axis["min"], axis["max"]


def test_the_costs_are_ordered_and_their_mean_is_a_line():
    chart = costs(np.array([0.1, 2.0, 0.3]))

    assert series(chart, "cost")["data"] == [[1, 2.0], [2, 0.3], [3, 0.1]]
    assert series(chart, "mean: the loss")["data"] == [[0, pytest.approx(0.8)], [3, pytest.approx(0.8)]]
    assert chart.option["xAxis"]["name"] == "images, from the highest cost to the lowest"
    assert chart.option["yAxis"]["name"] == "cost"
    assert chart.alt == "3 images cost from 0.100 to 2.000; their mean, the loss, is 0.800."


def test_the_probabilities_are_bars_from_0_to_1():
    chart = probabilities([0.25, 0.75])

    assert chart.option["xAxis"]["data"] == ["class 1", "class 2"]
    assert [bar["value"] for bar in chart.option["series"][0]["data"]] == [0.25, 0.75]
    assert ends(chart.option["yAxis"]) == ("probability", 0, 1)
    assert (chart.title, chart.alt) == ("Probabilities", "class 1: 0.250; class 2: 0.750")


def test_the_class_counts_are_bars_per_digit():
    chart = class_counts(np.array([5923, 6742]))

    assert (chart.option["xAxis"]["name"], chart.option["xAxis"]["data"]) == ("digit", ["0", "1"])
    assert [bar["value"] for bar in chart.option["series"][0]["data"]] == [5923, 6742]
    assert [bar["label"]["formatter"] for bar in chart.option["series"][0]["data"]] == ["5,923", "6,742"]
    assert ends(chart.option["yAxis"]) == ("training images", 0, 8000)
    assert (chart.title, chart.alt) == ("How often each digit occurs", "0: 5,923, 1: 6,742")


def test_the_answer_s_score_has_a_frame_and_is_named():
    chart = scores(np.array([-1.234, 2.5, 0.0], np.float32), 1)

    (bars,) = chart.option["series"]
    assert [bar["value"] for bar in bars["data"]] == pytest.approx([-1.234, 2.5, 0])
    assert bars["itemStyle"] == {"color": GREEN}
    assert [bar.get("itemStyle") for bar in bars["data"]] == [None, {"borderColor": GREY, "borderWidth": 3}, None]
    assert [bar["label"]["formatter"] for bar in bars["data"]] == ["−1.23", "argmax\n2.50", "0.00"]
    assert (chart.option["xAxis"]["name"], chart.option["xAxis"]["data"]) == ("digit", ["0", "1", "2"])
    assert (chart.option["yAxis"]["name"], chart.option["yAxis"]["axisLabel"]["show"]) == ("score z", False)
    assert (chart.title, chart.alt) == ("Scores z of this image", "The largest score is that of 1.")


@pytest.mark.parametrize(
    "values, seen",
    [([-9.994, 1], ["−9.99", "1.00"]), ([-67.89, 12.34], ["−67.9", "12.3"]), ([-267.58, 8.46], ["−268", "8"])],
)
def test_scores_have_three_figures_at_most(values, seen):
    (bars,) = scores(np.array(values, np.float32), 1).option["series"]
    assert [bar["label"]["formatter"].removeprefix("argmax\n") for bar in bars["data"]] == seen


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
