from typing import Any

import numpy as np
import pytest
import torch

from lrdemo.data import Digits
from lrdemo.lesson import three_ways as three_ways_module
from lrdemo.lesson.data_facts import never_inked
from lrdemo.lesson.three_ways import starts, three_ways
from lrdemo.model import build_model
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


def finished(pieces):
    """Return what a question asked in pieces comes to."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return end.value


@pytest.fixture
def trainer(digits: Digits) -> Trainer:
    return Trainer(Settings(iterations=5), digits)


def test_three_ways_one_output(trainer: Trainer) -> None:
    ways = three_ways(trainer)
    assert ways["outputs"].shape == (3, 100, 10)
    model = build_model("softmax", "linear", trainer.settings.seed)
    with torch.no_grad():
        expected = model(trainer.tensors.test_images[:100]).numpy()
    assert np.allclose(ways["outputs"], expected, atol=1e-5)
    assert ways["largest_difference"] < 1e-5
    assert ways["number"] == 7_850
    assert ways["parameters"]["tensors"] == ways["parameters"]["class"] == [("weight", (784, 10)), ("bias", (10,))]
    assert ways["parameters"]["module"] == [("linear.weight", (10, 784)), ("linear.bias", (10,))]
    assert ways["printed"].startswith("LinearModel(")
    assert "Linear(in_features=784, out_features=10, bias=True)" in ways["printed"]


def test_looking_at_them_leaves_the_draws_of_others_alone(trainer: Trainer) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    three_ways(trainer)
    assert torch.equal(torch.rand(1), expected)


def test_they_get_pixels_whatever_the_run_gets(digits: Digits, monkeypatch: Any) -> None:
    monkeypatch.setattr(three_ways_module, "EPOCH", 20)
    monkeypatch.setattr(three_ways_module, "_known", {})
    runs = [Trainer(Settings(features=features), digits) for features in ("pixels", "normalised", "directions")]
    ways, begun = [three_ways(run)["outputs"] for run in runs], [finished(starts(run)) for run in runs]

    for outputs, found in zip(ways, begun, strict=True):
        assert np.array_equal(outputs, ways[0])
        assert found["after"].shape == (4, 10, 784) and np.array_equal(found["after"], begun[0]["after"])


def test_another_seed_is_trained_anew_and_few_results_are_kept(trainer: Trainer, monkeypatch: Any) -> None:
    monkeypatch.setattr(three_ways_module, "EPOCH", 1)
    monkeypatch.setattr(three_ways_module, "_known", {})
    found = [finished(starts(Trainer(Settings(seed=seed), trainer.tensors))) for seed in (0, 1, 0, 2, 3, 4, 5)]

    normal = [one["after"][one["inits"].index("normal")] for one in found]
    assert np.array_equal(normal[0], normal[2]) and not np.array_equal(normal[0], normal[1])
    assert len(three_ways_module._known) == three_ways_module.MOST_KNOWN


def test_every_start_learns_and_leaves_its_specks_where_no_image_has_ink(digits: Digits, trainer: Trainer) -> None:
    seen = finished(starts(trainer))
    empty = never_inked(digits.train_images).reshape(-1)
    assert np.array_equal(seen["before"][:, :, empty], seen["after"][:, :, empty])
    assert not seen["after"][seen["inits"].index("zeros")][:, empty].any()
    assert seen["after"][seen["inits"].index("normal")][:, empty].std() == pytest.approx(1 / 28, rel=0.1)
    assert all(0.90 <= accuracy <= 0.91 for accuracy in seen["accuracy_after"])
    assert seen["loss_before"] == pytest.approx([np.log(10)] * 4, abs=0.3)
