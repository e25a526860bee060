"""The input lab on real MNIST with a trained model, against PyTorch and by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lrdemo.answers.robustness import VARIANTS, altered, given, in_all_ways, input_lab, placed
from lrdemo.answers.robustness import test_answers as answers_to_test_images
from lrdemo.data import Digits
from lrdemo.features import prepare, prepare_images
from lrdemo.minibatches import resident
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


@pytest.fixture(scope="module")
def trainer(digits: Digits) -> Trainer:
    trainer = Trainer(Settings(iterations=1200, pace=0), digits)
    trainer.advance(1200)
    return trainer


@pytest.fixture(scope="module")
def found(trainer: Trainer) -> dict[str, dict[str, float]]:
    return {variant.name: input_lab(trainer, variant.name) for variant in VARIANTS}


def test_as_trained_is_the_test_of_the_run(trainer: Trainer, found: dict[str, dict[str, float]]) -> None:
    last = trainer.history.tests[-1]
    assert found["as trained"]["accuracy"] == pytest.approx(last.accuracy)
    assert found["as trained"]["loss"] == pytest.approx(last.loss, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "change"),
    [("inverted", lambda x: 1 - x), ("×255", lambda x: 255 * x), ("standardised", lambda x: (x - 0.1307) / 0.3081)],
)
def test_figures_are_pytorchs(trainer: Trainer, found: dict[str, dict[str, float]], name: str, change: object) -> None:
    with torch.no_grad():
        scores = trainer.model(change(trainer.tensors.test_images)).double()  # type: ignore[operator]
    labels = trainer.tensors.test_labels
    assert found[name]["accuracy"] == pytest.approx(float((scores.argmax(1) == labels).double().mean()), abs=2e-4)
    assert found[name]["loss"] == pytest.approx(float(F.cross_entropy(scores, labels)), rel=1e-4)
    assert found[name]["confidence"] == pytest.approx(float(scores.softmax(1).max(1).values.mean()), abs=1e-4)


def test_what_the_lab_is_to_show(found: dict[str, dict[str, float]]) -> None:
    trained = found["as trained"]
    assert trained["accuracy"] > 0.9
    assert found["inverted"]["accuracy"] < 0.05
    assert found["×255"]["accuracy"] == pytest.approx(trained["accuracy"], abs=0.015)
    assert found["×255"]["loss"] > 50 * trained["loss"]
    assert found["×255"]["confidence"] > 0.99
    accuracies = [found[f"shifted {count} px"]["accuracy"] for count in (1, 2, 3, 4)]
    assert sorted(accuracies, reverse=True) == accuracies
    assert found["centre of mass"]["accuracy"] == pytest.approx(trained["accuracy"], abs=0.015)


def test_all_ways_are_measured_on_one_model_in_pieces(trainer: Trainer, found: dict[str, dict[str, float]]) -> None:
    pieces = in_all_ways(trainer)
    count = 0
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            answer = end.value
            break
        count += 1
    assert count == len(VARIANTS)
    assert answer == {"iteration": trainer.iteration, "ways": list(found.values())}


def test_shifts_and_inversion_by_hand() -> None:
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 3, 26] = image[0, 5, 4] = 1
    moved = altered(image, "shifted 3 px")
    assert moved[0, 5, 7] == 1 and moved.sum() == 1
    assert altered(image, "inverted").sum() == 784 - 2


def test_a_box_is_centred_and_twenty_pixels_long() -> None:
    ink = np.zeros((1, 100, 90), np.float32)
    ink[0, 10:70, 5:35] = 3
    boxed = placed(ink, "box centred")[0]
    assert np.array_equal(np.flatnonzero(boxed.max(axis=1) > 0.5), np.arange(4, 24))
    assert np.array_equal(np.flatnonzero(boxed.max(axis=0) > 0.5), np.arange(9, 19))


def test_one_picture_is_placed_as_the_features_place_it(digits: Digits) -> None:
    image = digits.test_images[1].astype(np.float32) / 255
    for name in ("deskewed", "normalised"):
        np.testing.assert_allclose(given(image, digits.test_images[1], name), prepare(image, name), atol=1e-5)  # type: ignore[arg-type]
    assert np.array_equal(given(image, digits.test_images[1], "as trained"), image)


def test_answers_to_the_test_images(trainer: Trainer) -> None:
    answers = answers_to_test_images(trainer)
    assert answers["right"].mean() == pytest.approx(trainer.history.tests[-1].accuracy)
    with torch.no_grad():
        expected = trainer.model(trainer.tensors.test_images).softmax(1).max(1).values
    np.testing.assert_allclose(answers["confidence"], expected.numpy(), atol=1e-5)


@pytest.mark.parametrize("features", ["pixels", "normalised"])
def test_the_lab_asks_about_the_run_s_own_images(
    digits: Digits, features: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run on a tenth of the digits: nothing of the other 9,000 test images may count."""
    monkeypatch.setenv("LRDEMO_CACHE", str(tmp_path))
    tenth = Digits(
        digits.train_images[:2000], digits.train_labels[:2000], digits.test_images[::10], digits.test_labels[::10]
    )
    trainer = Trainer(Settings(iterations=20, features=features), resident(tenth, "cpu", features), tests=False)
    trainer.advance(20)
    for variant in ("as trained", "box centred", "deskewed", "normalised"):
        images = {
            "as trained": trainer.tensors.test_images,
            "box centred": torch.from_numpy(placed(tenth.test_images, "box centred")).view(-1, 784),
        }.get(variant)
        if images is None:
            images = torch.from_numpy(prepare_images(tenth.test_images, variant) / np.float32(255)).view(-1, 784)  # type: ignore[arg-type]
        with torch.no_grad():
            right = trainer.model(images).argmax(1) == trainer.tensors.test_labels
        assert len(right) == 1_000
        assert input_lab(trainer, variant)["accuracy"] == pytest.approx(float(right.double().mean()), abs=2e-3)


def test_a_model_that_has_exploded_is_answered_without_a_warning(digits: Digits) -> None:
    few = replace(digits, test_images=digits.test_images[:50], test_labels=digits.test_labels[:50])
    trainer = Trainer(Settings(iterations=1), resident(few, "cpu"), tests=False)
    for value in (3e38, float("inf"), float("nan")):
        with torch.no_grad():
            for parameter in trainer.model.parameters():
                parameter.fill_(value)
                parameter.view(-1)[::3] *= -1
        for variant in VARIANTS:
            found = input_lab(trainer, variant.name)
            assert 0 <= found["accuracy"] <= 1
        assert answers_to_test_images(trainer)["right"].shape == (50,)
