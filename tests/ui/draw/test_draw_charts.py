"""The charts of the Draw page and the Input lab by data, colours, axes and words, worked out by hand."""

import numpy as np
import pytest

from lrdemo.formats import NO_BREAK_SPACE
from lrdemo.ui.charts import BLUE, ORANGE
from lrdemo.ui.draw.charts import accuracies, coverage

CONFIDENCE = np.array([0.505, 0.955, 0.705, 0.205], np.float32)
RIGHT = np.array([False, True, True, False])


def test_what_is_answered_and_what_of_it_is_correct_by_threshold():
    answered, correct = coverage(CONFIDENCE, RIGHT, 0.6).option["series"]

    at = {x: y for x, y in answered["data"]}
    assert [at[x] for x in (0, 20, 21, 50, 51, 70, 71, 95, 96, 99)] == [100, 100, 75, 75, 50, 50, 25, 25, 0, 0]
    of_these = {x: y for x, y in correct["data"]}
    assert [of_these[x] for x in (0, 20, 50, 70, 95)] == [50, 50, pytest.approx(66.6667, abs=1e-4), 100, 100]
    assert of_these[21] == pytest.approx(66.6667, abs=1e-4)
    # Above the highest confidence nothing is answered, so nothing can be correct.
    assert max(of_these) == 95 and max(at) == 99


def test_the_two_curves_have_their_names_colours_dashes_and_the_threshold_marked():
    answered, correct = coverage(CONFIDENCE, RIGHT, 0.6).option["series"]

    assert (answered["name"], answered["lineStyle"]["color"], answered["lineStyle"]["type"]) == (
        "answered", BLUE, "solid"
    )  # fmt: skip
    assert (correct["name"], correct["lineStyle"]["color"], correct["lineStyle"]["type"]) == (
        "correct among answered", ORANGE, "dashed"
    )  # fmt: skip
    assert answered["markLine"]["data"] == correct["markLine"]["data"] == [{"xAxis": 60}]


def test_the_axes_are_in_per_cent_and_begin_below_the_lowest_value():
    chart = coverage(CONFIDENCE, RIGHT, 0.6)
    high = coverage(np.ones(4, np.float32), np.array([True, True, True, False]), 0.0)

    assert [chart.option["xAxis"][part] for part in ("name", "min", "max")] == ["threshold, %", 0, 100]
    assert [chart.option["yAxis"][part] for part in ("name", "min", "max")] == ["per cent", 0, 100]
    assert high.option["yAxis"]["min"] == 70
    assert chart.title == "Answering less, erring less"
    assert chart.alt.replace(NO_BREAK_SPACE, " ") == "At 60 %: 50.0 % answered."


def test_the_accuracies_are_bars_in_per_cent_with_all_their_names():
    chart = accuracies(["as trained", "inverted"], [91.44, 7.3])

    (bars,) = chart.option["series"]
    assert [bar["value"] for bar in bars["data"]] == [91.4, 7.3]
    assert chart.option["yAxis"]["data"] == ["as trained", "inverted"] and chart.option["yAxis"]["inverse"]
    assert chart.option["yAxis"]["axisLabel"] == {"interval": 0, "fontSize": 14}
    assert [chart.option["xAxis"][part] for part in ("name", "min", "max")] == ["accuracy, %", 0, 100]
    assert (bars["label"]["position"], bars["label"]["fontSize"]) == ("right", 14)
    assert chart.title == "Test accuracy in %, same model, other input"
    assert chart.alt.replace(NO_BREAK_SPACE, " ") == "as trained 91 %, inverted 7 %"
