"""How sure: the threshold, what it answers and what of it is correct, against the same run trained beside it."""

from __future__ import annotations

import numpy as np
import pytest
from drawing import FOUR, drawn, section, trained, visitor
from reading import again, chart, metrics, number, words

from lrdemo.answers.confidence import FROM_STROKES
from lrdemo.answers.robustness import test_answers as answers_of
from lrdemo.formats import short
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

PAGE = "pages/draw.py"


@pytest.fixture(scope="module")
def answers(digits):
    trainer = Trainer(Settings(iterations=600, pace=0), digits)
    trainer.advance(600)
    return answers_of(trainer)


@pytest.fixture
def page(open_app):
    return section(trained(open_app(PAGE)), "How sure?")


@pytest.mark.parametrize("threshold", [0, 50, 90, 99])
def test_the_threshold_trades_answers_for_accuracy(page, answers, threshold):
    drawn(page, FOUR)
    page.slider(key="threshold").set_value(threshold)
    shown = metrics(again(page))

    answered = answers["confidence"] >= threshold / 100
    right = answers["right"]
    assert number(shown["Answered"]) == pytest.approx(100 * answered.mean(), abs=0.051)
    assert number(shown["Correct among answered"]) == pytest.approx(100 * right[answered].mean(), abs=0.0051)
    assert number(shown["Correct if it must always answer"]) == pytest.approx(100 * right.mean(), abs=0.0051)
    assert visitor(page).shown.threshold == threshold / 100
    assert "On all 10,000 test images, at iteration 600." in words(page)
    curves = {one["name"]: dict(map(tuple, one["data"])) for one in chart(page, "coverage_chart")[0]["series"]}
    assert curves["answered"][threshold] == pytest.approx(100 * answered.mean(), abs=0.02)
    assert curves["correct among answered"][threshold] == pytest.approx(100 * right[answered].mean(), abs=0.02)
    assert chart(page, "coverage_chart")[0]["series"][0]["markLine"]["data"] == [{"xAxis": threshold}]


@pytest.mark.parametrize("model", ["softmax", "mlp"])
def test_it_is_said_what_tempers_a_drawing_what_sure_means_and_what_looks_like_a_digit(open_app, model):
    text = words(section(again(open_app(PAGE, features="normalised", model=model)), "How sure?"))

    factor = short(FROM_STROKES["normalised", False])
    assert f"divided by a **temperature**: {factor} times the one that suits the run's own test images best" in text
    assert "*Sure* means 90 % or more for a digit of a usual shape" in text
    assert "O, o and D from 0; I, l, | and / from 1" in text


def test_nothing_answered_has_no_accuracy(open_app):
    page = section(again(open_app(PAGE, init="zeros")), "How sure?")
    page.slider(key="threshold").set_value(99)
    shown = metrics(again(page))

    assert (shown["Answered"].replace("\N{NO-BREAK SPACE}", " "), shown["Correct among answered"]) == ("0.0 %", "–")
    assert np.isfinite(number(shown["Correct if it must always answer"]))
