import math

import pytest
import torch

from lrdemo.evaluate import evaluate, evaluate_lanes
from lrdemo.minibatches import resident
from lrdemo.model import SoftmaxRegression, available_devices, build_model, initialise


def linear_layers(model):
    return [module for module in model.modules() if isinstance(module, torch.nn.Linear)]


BOUND = {"linear": 1 / math.sqrt(784), "xavier": math.sqrt(6 / (784 + 10))}


def test_the_normal_start_has_the_spread_of_one_over_the_root_of_the_inputs():
    for layer in linear_layers(build_model("mlp", "normal", 3)):
        scaled = layer.weight.detach() * math.sqrt(layer.in_features)
        assert float(scaled.std()) == pytest.approx(1, abs=0.05)
        assert float(scaled.mean()) == pytest.approx(0, abs=0.05)
        assert float(scaled.abs().max()) > 2.5  # a uniform start of this spread ends at √3
        assert not layer.bias.any()


@pytest.mark.parametrize("init", ["linear", "xavier"])
def test_a_uniform_start_fills_its_bounds_evenly(init):
    model = build_model("softmax", init, 3)
    weight = model.weight.detach() / BOUND[init]

    assert float(weight.min()) == pytest.approx(-1, abs=0.01) and float(weight.max()) == pytest.approx(1, abs=0.01)
    assert float(weight.std()) == pytest.approx(1 / math.sqrt(3), abs=0.02)
    assert float(weight.mean()) == pytest.approx(0, abs=0.02)


def test_only_the_linear_start_draws_the_biases_too():
    biases = build_model("mlp", "linear", 3).layers[0].bias.detach() / BOUND["linear"]

    assert float(biases.min()) == pytest.approx(-1, abs=0.05) and float(biases.max()) == pytest.approx(1, abs=0.05)
    assert not build_model("softmax", "xavier", 3).bias.any()
    assert not any(parameter.any() for parameter in build_model("mlp", "zeros", 3).parameters())


@pytest.mark.parametrize("init", ["normal", "linear", "xavier"])
def test_the_start_is_drawn_from_the_generator_that_is_handed_in(init):
    def drawn(seed):
        initialise(model, init, torch.Generator().manual_seed(seed))
        return model.weight.detach().clone()

    model = build_model("softmax", "zeros", 0)

    assert torch.equal(drawn(5), drawn(5)) and not torch.equal(drawn(5), drawn(6))
    assert torch.equal(drawn(5), build_model("softmax", init, 5).weight)


def test_the_perceptron_is_two_hidden_layers_with_relu_and_dropout():
    model = build_model("mlp", "linear", 0)
    images = torch.rand(7, 784)
    first, second, last = linear_layers(model)

    expected = last(torch.relu(second(torch.relu(first(images)))))
    torch.testing.assert_close(model.eval()(images), expected)

    model.train()
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Linear", "ReLU", "Dropout", "Linear", "ReLU", "Dropout", "Linear"]
    assert not torch.allclose(model(images), expected, atol=1e-3)


def test_dropout_is_drawn_from_the_seed_of_the_run_alone():
    def dropped(seed):
        torch.rand(3)
        return build_model("mlp", "zeros", seed).layers[5](torch.ones(1_000))

    assert torch.equal(dropped(5), dropped(5)) and not torch.equal(dropped(5), dropped(6))


def test_dropout_does_not_follow_the_start_or_the_minibatches():
    """Streams of their own: 0 for the start, 1 for the minibatches, 2 for dropout."""
    generator = build_model("mlp", "normal", 7).layers[2].generator

    assert generator.initial_seed() == 9
    assert build_model("mlp", "normal", 7).layers[5].generator.initial_seed() == 9


@pytest.mark.parametrize("also", [(), ("cuda",), ("mps",), ("cuda", "mps")])
def test_the_processor_is_always_a_device_and_comes_first(monkeypatch, also):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in also)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in also)

    assert available_devices() == ("cpu", *also)


def test_a_model_is_made_on_the_device_asked_for():
    assert build_model("softmax", "normal", 0).weight.device.type == "cpu"
    assert build_model("softmax", "normal", 0, "meta").weight.device.type == "meta"


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


def test_measuring_leaves_dropout_out_and_the_model_as_it_was(digits):
    tensors = resident(digits, "cpu")
    images, labels = tensors.test_images[:500], tensors.test_labels[:500]
    model = build_model("mlp", "linear", 0)
    with torch.no_grad():
        expected = torch.nn.functional.cross_entropy(model.eval()(images), labels)

    for training in (True, False):
        model.train(training)
        loss, _ = evaluate(model, images, labels)
        assert loss == pytest.approx(float(expected), abs=1e-6)
        assert model.training is training


def test_accuracy_is_the_part_of_right_answers(digits):
    """The first class scores highest everywhere; 3 of these 4 labels say so."""
    model = build_model("softmax", "zeros", 0)
    with torch.no_grad():
        model.bias[0] = 1

    loss, accuracy = evaluate(model, torch.zeros(4, 784), torch.tensor([0, 0, 0, 5]))

    assert accuracy == 0.75
    log_sum = math.log(math.e + 9)
    assert loss == pytest.approx((3 * (log_sum - 1) + log_sum) / 4, abs=1e-6)


def test_every_image_needs_a_label():
    model = build_model("softmax", "zeros", 0)

    with pytest.raises(ValueError):
        evaluate(model, torch.zeros(2_000, 784), torch.zeros(1_000, dtype=torch.int64))


def test_lanes_are_measured_as_single_models_are(digits):
    tensors = resident(digits, "cpu")
    models = [build_model("softmax", init, 3) for init in ("normal", "linear")]
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
