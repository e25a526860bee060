import math

import pytest
import torch

from lrdemo.evaluate import evaluate, evaluate_lanes
from lrdemo.minibatches import resident
from lrdemo.model import SoftmaxRegression, build_model


@pytest.mark.parametrize("init", ["normal", "linear", "xavier", "zeros"])
def test_the_start_is_as_good_as_guessing(digits, init):
    tensors = resident(digits, "cpu")

    loss, accuracy = evaluate(build_model("softmax", init, 0), tensors.test_images, tensors.test_labels)

    assert loss == pytest.approx(math.log(10), abs=0.2)
    assert 0.02 < accuracy < 0.25


def test_the_same_seed_draws_the_same_start_and_leaves_the_global_generator_alone():
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)

    one, two, other = (build_model("mlp", "linear", seed).layers[0].weight for seed in (5, 5, 6))

    assert torch.equal(one, two) and not torch.equal(one, other)
    assert torch.equal(torch.rand(3), expected)


def test_numbers_of_parameters():
    count = {kind: sum(p.numel() for p in build_model(kind, "normal", 0).parameters()) for kind in ("softmax", "mlp")}

    assert count == {"softmax": 7_850, "mlp": 784 * 256 + 256 + 256 * 100 + 100 + 100 * 10 + 10}


def test_dropout_keeps_the_mean_and_is_off_in_evaluation():
    model = build_model("mlp", "linear", 0)
    dropout, ones = model.layers[2], torch.ones(100_000)

    dropped = dropout(ones)

    assert sorted(dropped.unique().tolist()) == pytest.approx([0, 1 / 0.75])
    assert dropped.mean() == pytest.approx(1, abs=0.01)
    assert torch.equal(dropout.eval()(ones), ones)


def test_lanes_are_measured_as_single_models_are(digits):
    tensors = resident(digits, "cpu")
    models = [build_model("softmax", init, 3) for init in ("normal", "xavier")]
    assert all(isinstance(model, SoftmaxRegression) for model in models)

    loss, accuracy = evaluate_lanes(
        torch.cat([model.weight for model in models]),
        torch.cat([model.bias for model in models]),
        tensors.test_images,
        tensors.test_labels,
    )

    for lane, model in enumerate(models):
        expected = evaluate(model, tensors.test_images, tensors.test_labels)
        assert (loss[lane], accuracy[lane]) == pytest.approx(expected, abs=1e-6)
