"""What is said about an answer, against NumPy in double precision; and which questions are understood."""

from __future__ import annotations

import numpy as np
import pytest

from lrdemo.answers.predict import logits
from lrdemo.features import inputs
from lrdemo.serving.why import Question, explained
from lrdemo.settings import Settings
from lrdemo.shapes import layers
from lrdemo.trainer import Trainer


@pytest.fixture(scope="module")
def model(digits):
    trainer = Trainer(Settings(iterations=200, pace=0), digits)
    trainer.advance(200)
    return np.concatenate([value.detach().numpy().reshape(-1) for value in trainer.model.parameters()])


@pytest.fixture(scope="module")
def image(digits):
    return np.asarray(digits.test_images[4] / 255, np.float32).reshape(-1)


def doubles(parameters, image):
    (weight, bias), = layers(parameters)
    return image.reshape(-1).astype(float), weight.astype(float), bias.astype(float)


def ranked(parameters, image):
    x, weight, bias = doubles(parameters, image)
    return [int(digit) for digit in np.argsort(-(weight @ x + bias))]


@pytest.mark.parametrize("digit", [None, 8, 1])
def test_the_evidence_and_the_bias_add_up_to_the_logit(model, image, digit):
    found, arrays = explained(model, image, 1.0, Question("evidence", digit))

    x, weight, bias = doubles(model, image)
    asked = ranked(model, image)[0] if digit is None else digit
    each = x * weight[asked]
    assert found["first"] == asked
    for name, value in {
        "favour": each[each > 0].sum(), "against": each[each < 0].sum(), "total": each.sum(), "bias": bias[asked],
        "logit": each.sum() + bias[asked],
    }.items():  # fmt: skip
        assert found[name] == pytest.approx(value, abs=1e-9)
    assert found["error"] == pytest.approx(0, abs=1e-5)
    assert found["totals"] == pytest.approx(weight @ x) and found["biases"] == pytest.approx(bias)
    assert found["limit"] == pytest.approx(np.abs(x * weight).max())
    assert arrays["parts"].dtype == np.int8
    np.testing.assert_allclose(arrays["parts"] / 127 * found["limit"], each, atol=found["limit"] / 250)


@pytest.mark.parametrize("temperature", [1.0, 1.3])
def test_the_duel_is_the_difference_of_two_logits_and_gives_the_ratio_of_their_probabilities(
    model, image, temperature
):
    x, weight, bias = doubles(model, image)
    first, second, third = ranked(model, image)[:3]

    for asked, rival in ((None, second), (first, second), (third, third)):
        found, arrays = explained(model, image, temperature, Question("duel", asked))
        assert (found["first"], found["second"]) == (first, rival)
        each = x * (weight[first] - weight[rival])
        lead = each.sum() + bias[first] - bias[rival]
        assert (found["total"], found["logit"]) == (pytest.approx(each.sum()), pytest.approx(lead))
        assert found["times"] == pytest.approx(np.exp(lead / temperature))
        shown = np.clip(each / found["limit"], -1, 1)
        np.testing.assert_allclose(arrays["parts"] / 127, shown, atol=1 / 250)


def test_the_smallest_change_goes_from_the_picture_to_just_past_the_flip(model, image):
    x, weight, bias = doubles(model, image)
    first, target = ranked(model, image)[0], ranked(model, image)[2]
    seen = [explained(model, image, 1.3, Question("change", target, push)) for push in (0.0, 0.5, 1.0)]

    (start, before), (_, half), (end, after) = seen
    assert (start["first"], start["second"], end["push"]) == (first, target, 1.0)
    np.testing.assert_array_equal(before["changedImage"], np.rint(255 * x))
    np.testing.assert_array_equal(before["changedLogits"], logits(model, image.reshape(1, -1))[0])
    lead = [float(one["changedLogits"][first] - one["changedLogits"][target]) for one in (before, half, after)]
    assert lead[1] == pytest.approx(lead[0] / 2, abs=1e-3)
    assert -1e-3 < lead[2] < 0
    powers = np.exp(after["changedLogits"].astype(float) / 1.3)
    np.testing.assert_allclose(after["changedProbabilities"], powers / powers.sum(), atol=1e-6)
    moved = after["parts"] / 127 * end["most"]
    assert np.linalg.norm(moved) == pytest.approx(end["size"], rel=0.02)
    np.testing.assert_allclose(x + moved, after["changedImage"] / 255, atol=end["most"] / 250 + 1 / 500)
    assert end["whole"] == pytest.approx(np.linalg.norm(x))
    difference = weight[first] - weight[target]
    assert end["formula"] == pytest.approx((lead[0] + 1e-4) / np.linalg.norm(difference), rel=1e-3)
    # No change of real pixels can be smaller than the one that may leave them.
    assert end["size"] >= end["formula"] * (1 - 1e-6)


def test_what_is_said_of_edges_adds_up_and_the_change_stays_within_what_edges_can_be(digits):
    numbers = np.random.default_rng(0)
    parameters = numbers.normal(0, 0.1, 8_010).astype(np.float32)
    edges = inputs(np.asarray(digits.test_images[4:5] / 255, np.float32), "directions")[0]
    x, weight, bias = doubles(parameters, edges)
    first, second = ranked(parameters, edges)[:2]

    found, arrays = explained(parameters, edges, 1.0, Question("evidence"))
    assert found["total"] + found["bias"] == pytest.approx(weight[first] @ x + bias[first], abs=1e-9)
    np.testing.assert_allclose(arrays["parts"] / 127 * found["limit"], x * weight[first], atol=found["limit"] / 250)

    found, arrays = explained(parameters, edges, 1.0, Question("change", second, 1.0))
    changed = arrays["changedImage"] / 100
    assert -1e-3 < arrays["changedLogits"][first] - arrays["changedLogits"][second] < 0
    assert 0 <= changed.min() and changed.max() <= 2.55
    np.testing.assert_allclose(changed, x + arrays["parts"] / 127 * found["most"], atol=found["most"] / 250 + 1 / 190)


def test_without_a_digit_the_change_is_the_smallest_of_all(model, image):
    answer, *others = ranked(model, image)
    sizes = {digit: explained(model, image, 1.0, Question("change", digit))[0]["formula"] for digit in others}

    for asked in (None, answer):
        assert explained(model, image, 1.0, Question("change", asked))[0]["formula"] == min(sizes.values())


def test_where_no_picture_can_flip_the_answer_none_is_shown(image):
    parameters = np.zeros(7850, np.float32)
    parameters[-10:] = [5, *[0] * 9]

    found, arrays = explained(parameters, image, 1.0, Question("change", 3, 0.5))

    assert found["size"] is None and arrays == {}


def test_a_multilayer_perceptron_and_numbers_that_are_none_are_not_explained(image):
    hidden = np.zeros(784 * 256 + 256 + 256 * 100 + 100 + 100 * 10 + 10, np.float32)
    assert explained(hidden, image, 1.0, Question("evidence")) == ({"kind": "evidence", "linear": False}, {})

    found, arrays = explained(np.full(7850, np.nan, np.float32), image, 1.0, Question("duel"))
    assert (found["linear"], found["known"], arrays) == (True, False, {})


def test_a_message_is_read_as_a_question():
    assert Question.read(None) is None
    assert Question.read({"kind": "evidence"}) == Question("evidence")
    assert Question.read({"kind": "duel", "digit": 9, "push": 0}) == Question("duel", 9, 0.0)
    assert Question.read({"kind": "change", "digit": 0, "push": 1}) == Question("change", 0, 1.0)
    assert Question.read({"kind": "change", "digit": None, "push": 0.25}) == Question("change", None, 0.25)
    assert Question.read({"kind": "evidence", "onPad": True}) == Question("evidence", on_pad=True)
    assert Question.read({"kind": "evidence", "onPad": False}) == Question("evidence")


@pytest.mark.parametrize(
    "message",
    [
        5, [], "duel", {}, {"kind": "soul"}, {"kind": ["duel"]}, {"kind": "duel", "digit": 10},
        {"kind": "duel", "digit": -1}, {"kind": "duel", "digit": True}, {"kind": "duel", "digit": 3.0},
        {"kind": "change", "push": 1.01}, {"kind": "change", "push": -0.01}, {"kind": "change", "push": "1"},
        {"kind": "change", "push": float("nan")}, {"kind": "change", "push": None},
    ],
)  # fmt: skip
def test_anything_else_is_refused(message):
    with pytest.raises(ValueError, match="."):
        Question.read(message)
