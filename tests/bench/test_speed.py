"""The bench on a few iterations: what it reports, and that a speed without learning is void."""

from dataclasses import replace

import pytest
import torch

from lrdemo.bench import speed
from lrdemo.data import Digits


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let five steps stand for an epoch, and any accuracy for what it reaches; the service is timed in test_live."""
    monkeypatch.setattr(speed, "live_over_by_hand", lambda say: 0.75)
    monkeypatch.setattr(speed, "ONE_EPOCH", replace(speed.ONE_EPOCH, iterations=5))
    monkeypatch.setattr(speed, "MLP_EPOCH", replace(speed.MLP_EPOCH, iterations=2))
    monkeypatch.setattr(speed, "MLP_RANGE", (0.0, 100.0))
    monkeypatch.setattr(speed, "RECIPES", [replace(speed.RECIPES[0], range=(0.0, 100.0))])


def test_every_ratio_is_of_two_times_that_were_taken(digits: Digits) -> None:
    threads = torch.get_num_threads()
    found = speed.run(digits, repeats=1)

    pairs = {
        "tutorial_over_by_hand": ("tutorial", "by_hand"), "by_hand_over_floor": ("by_hand", "floor"),
        "autograd_over_resident": ("autograd", "resident"), "race8_over_one": ("race8", "by_hand"),
        "race8_over_floor": ("race8", "floor8"), "test_over_product": ("test", "product"),
        "mlp_over_resident": ("mlp", "mlp_resident"),
    }  # fmt: skip
    for name, (above, below) in pairs.items():
        expected = found["seconds"][above] / found["seconds"][below]
        assert found[name] == pytest.approx(expected, rel=0.05), name
    assert found["live_over_by_hand"] == 0.75 and found["graph_speedup"] is None
    assert found["threads"]["chosen"] in (1, threads)
    assert torch.get_num_threads() == threads


def test_a_speed_without_learning_is_void(digits: Digits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "MLP_RANGE", (99.5, 100.0))

    with pytest.raises(speed.SpeedError, match="mlp_resident"):
        speed.run(digits, repeats=1)
