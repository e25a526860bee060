"""The chapter on the cost: the curve against PyTorch, the loss of the run against the same run trained beside it."""

import numpy as np
import pytest
import torch
from reading import again, chart, words
from torch.nn import functional as F

from lrdemo.settings import Settings
from lrdemo.trainer import Trainer
from lrdemo.ui.lesson.cost_sections import CHANCES, cost_curve

PAGE = "pages/the_cost.py"
LONG = 60.0


def test_the_handle_lies_on_the_curve_and_says_what_each_probability_costs():
    made = cost_curve()

    chances = torch.tensor(CHANCES, dtype=torch.float64)
    costs = F.binary_cross_entropy(chances, torch.ones_like(chances), reduction="none")
    assert made.handle.points[:, 0] == pytest.approx(chances.numpy())
    assert made.handle.points[:, 1] == pytest.approx(costs.numpy())
    assert made.handle.words[0] == "Probability of the right digit: 0.00001. Cost: 11.51"
    assert made.handle.words[CHANCES.index(0.5)] == "Probability of the right digit: 0.5. Cost: 0.69"
    assert made.handle.words[-1] == "Probability of the right digit: 0.99999. Cost: 0.00001"
    (curve,) = made.curves
    assert curve.points[:, 1] == pytest.approx(-np.log(curve.points[:, 0]))


def test_the_loss_of_100_test_images_is_pytorch_s(open_app, digits):
    beside = Trainer(Settings(iterations=600, pace=0), digits)
    beside.advance(600)
    app = open_app(PAGE, iterations="600", pace="0")
    run = app.session_state["visitor"].run
    run.start()
    run.wait(LONG, lambda snapshot: snapshot.state == "finished")
    again(app)

    with torch.no_grad():
        scores = beside.model(beside.tensors.test_images[:100])
        costs = F.cross_entropy(scores, beside.tensors.test_labels[:100], reduction="none").numpy()
    assert f"your run has a loss of **{costs.mean():.3f}**, at iteration 600." in words(app)
    option, alt = chart(app, "costs_chart")
    dots, mean = option["series"]
    assert [y for _, y in dots["data"]] == pytest.approx(np.sort(costs)[::-1], abs=1e-3)
    assert [y for _, y in mean["data"]] == pytest.approx([costs.mean()] * 2, abs=1e-4)
    assert f"their mean, the loss, is {costs.mean():.3f}." in alt
    # "Often a few images cost more than all the others together."
    assert np.sort(costs)[-10:].sum() > costs.sum() / 2


def test_the_prediction_of_the_chapter_before_is_answered(open_app):
    app = open_app(PAGE)
    app.session_state["predicted_mistake"] = "2.5 times as much"
    again(app)

    assert "You predicted “2.5 times as much”, and so it is. A probability of 0.01" in words(app)
    cheap, dear = (-float(torch.log(torch.tensor(p, dtype=torch.float64))) for p in (0.01, 0.00001))
    assert f"costs {cheap:.2f}, one of 0.00001 costs {dear:.2f}" in words(app)
    assert dear / cheap == pytest.approx(2.5)


def test_guessing_costs_the_logarithm_of_ten(open_app):
    guessing = float(F.cross_entropy(torch.zeros(1, 10), torch.tensor([3])))
    assert f"log 10 = **{guessing:.3f}**" in words(again(open_app(PAGE)))
