"""Altered weights against altered images: each change is made on every image by other means, and the model asked."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lrdemo.answers.breaking import LIMITS, PRESETS, Altered, Change, broken, change_of, matrix, noise, picture
from lrdemo.answers.robustness import input_lab, parameters_vector
from lrdemo.data import Digits
from lrdemo.directions import directions
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

MODELS = {"softmax": Settings(iterations=300), "mlp": Settings(model="mlp", gradient="autograd", iterations=60)}


@pytest.fixture(scope="module", params=MODELS)
def trainer(request: pytest.FixtureRequest, digits: Digits) -> Trainer:
    trainer = Trainer(MODELS[request.param], digits)
    trainer.advance(trainer.settings.iterations)
    return trainer


def answer(asked: Generator[None, None, dict[str, Any]]) -> dict[str, Any]:
    """Return what a question gives in the end."""
    while True:
        try:
            next(asked)
        except StopIteration as end:
            return dict(end.value)


def altered(images: torch.Tensor, change: Change) -> torch.Tensor:
    """Change images [N, 784] one operation after the other, with PyTorch's own means."""
    found = images.view(-1, 1, 28, 28).double()

    def thick(times: int) -> torch.Tensor:
        cross, done = torch.tensor([[0, 1, 0], [1, 1, 1], [0, 1, 0]]).view(1, 9, 1).bool(), found
        for _ in range(abs(times)):
            patches = F.unfold(done, 3, padding=1).masked_fill(~cross, math.copysign(math.inf, -times))
            done = (patches.amax(1) if times > 0 else patches.amin(1)).view(-1, 1, 28, 28)
        return done

    low = math.floor(change.thickness)
    share = change.thickness - low
    found = (1 - share) * thick(low) + (share * thick(low + 1) if share else 0)
    # grid_sample reads from where each output pixel comes, in −1 … 1 from the first pixel's middle to the last one's.
    angle, half = math.radians(change.turn), 13.5
    turn = torch.tensor([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]) / change.scale
    back = -turn @ torch.tensor([change.right, change.down]) / half
    theta = torch.cat([turn, back[:, None]], dim=1).double().expand(len(found), 2, 3)
    grid = F.affine_grid(theta, list(found.shape), align_corners=True)
    found = F.grid_sample(found, grid, mode="bilinear", padding_mode="zeros", align_corners=True)
    if change.blur:
        kernel = torch.exp(-0.5 * (torch.arange(-10, 11).double() / change.blur) ** 2)
        kernel /= kernel.sum()
        found = F.conv2d(F.conv2d(found, kernel.view(1, 1, -1, 1), padding=(10, 0)), kernel.view(1, 1, 1, -1),
                         padding=(0, 10))  # fmt: skip
    found = found.view(-1, 784)
    if change.invert:
        found = 1 - found
    patterns = torch.from_numpy(noise()).double()
    found = found + change.noise * patterns.repeat(math.ceil(len(found) / 1000), 1)[: len(found)]
    if change.prepared == "×255":
        return found * 255
    return (found - 0.1307) / 0.3081 if change.prepared == "standardised" else found


CHANGES = [
    Change(),
    Change(right=3), Change(down=-2.5), Change(turn=37), Change(scale=0.6), Change(scale=1.4), Change(blur=1.3),
    Change(noise=0.4), Change(thickness=2), Change(thickness=-1), Change(thickness=0.6), Change(thickness=-0.3),
    Change(invert=True), Change(prepared="×255"), Change(prepared="standardised"),
    Change(right=-1.5, down=2, turn=-20, scale=1.2, blur=0.8, noise=0.3, thickness=1.5, invert=True,
           prepared="standardised"),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_altered_weights_answer_as_the_model_does_altered_images(trainer: Trainer, change: Change) -> None:
    images, labels = trainer.tensors.test_images, trainer.tensors.test_labels
    found = answer(broken(trainer, images[1].numpy().reshape(28, 28), vars(change)))

    with torch.no_grad():
        whole = trainer.model.double().eval()(altered(images, change))
    trainer.model.float()
    # Two of 10,000 may lie so close between two digits that rounding decides.
    assert found["changed"]["accuracy"] == pytest.approx(float((whole.argmax(1) == labels).double().mean()), abs=2e-4)
    assert found["changed"]["loss"] == pytest.approx(float(F.cross_entropy(whole, labels)), rel=1e-3)
    confidence = float(whole.softmax(1).amax(1).mean())
    assert found["changed"]["confidence"] == pytest.approx(confidence, abs=1e-4)
    assert found["plain"]["accuracy"] == pytest.approx(trainer.history.tests[-1].accuracy, abs=1e-9)
    pieces = trainer.tensors.test_bytes[:1_000].numpy()
    if float(change.thickness).is_integer() and not change.thickness:
        scores = Altered(parameters_vector(trainer), change).scores([(1.0, pieces)])
        atol = 2e-3 * max(1.0, float(whole.abs().max()) / 10)
        np.testing.assert_allclose(scores, whole[:1_000], atol=atol)


def test_a_model_of_edges_gets_those_of_the_altered_images(digits: Digits) -> None:
    train = digits.train_images[:2_000], digits.train_labels[:2_000]
    few = Digits(*train, digits.test_images[:300], digits.test_labels[:300])
    trainer = Trainer(Settings(features="directions", iterations=100), few)
    trainer.advance(100)
    change, pictures = CHANGES[-1], trainer.tensors.pictures.test_images
    image = np.asarray(pictures[4] / 255, np.float32)
    found = answer(broken(trainer, image, vars(change)))

    whole = altered(torch.from_numpy(pictures.reshape(-1, 784) / 255), change).float().numpy()
    with torch.no_grad():
        scores = trainer.model(torch.from_numpy(directions(whole.reshape(-1, 28, 28)).reshape(-1, 800)))
        (own,) = trainer.model(torch.from_numpy(directions(picture(image, change)[1][None]).reshape(1, -1)))
    labels = trainer.tensors.test_labels
    assert found["changed"]["accuracy"] == pytest.approx(float((scores.argmax(1) == labels).double().mean()), abs=4e-3)
    assert found["changed"]["loss"] == pytest.approx(float(F.cross_entropy(scores, labels)), rel=1e-3)
    assert found["plain"]["accuracy"] == pytest.approx(trainer.history.tests[-1].accuracy, abs=1e-9)
    unchanged = answer(broken(trainer, image, {}))
    assert unchanged["changed"] == unchanged["plain"] == found["plain"]
    np.testing.assert_allclose(found["logits"], own, atol=1e-3)


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_the_picture_is_changed_as_the_images_are(digits: Digits, change: Change) -> None:
    image = np.asarray(digits.test_images[4], np.float32) / 255
    seen, given = picture(image, change)

    expected = altered(torch.from_numpy(image.reshape(1, -1)), change).numpy().reshape(28, 28)
    np.testing.assert_allclose(given, expected, atol=2e-5 * max(1.0, np.abs(expected).max()))
    factor, addend = change.factors
    np.testing.assert_allclose(factor * seen + addend, given, rtol=1e-5, atol=1e-5)


def test_directions_by_hand() -> None:
    """One pixel of ink, 4 above the middle of 28 × 28: to the right, down, and a quarter turn clockwise."""
    image = np.zeros((28, 28), np.float32)
    image[9, 13] = image[9, 14] = 1

    def ink(**values: float) -> list[tuple[int, int]]:
        return [tuple(map(int, place)) for place in np.argwhere(picture(image, Change(**values))[0] > 0.5)]  # type: ignore[arg-type, misc]

    assert ink(right=3) == [(9, 16), (9, 17)]
    assert ink(down=3) == [(12, 13), (12, 14)]
    assert ink(turn=90) == [(13, 18), (14, 18)]
    assert ink(thickness=1) == [(8, 13), (8, 14), (9, 12), (9, 13), (9, 14), (9, 15), (10, 13), (10, 14)]


def test_without_a_change_nothing_is_changed() -> None:
    assert np.array_equal(matrix(Change()), np.eye(784))


@pytest.mark.parametrize("name", ["box centred", "deskewed", "normalised"])
def test_a_placed_set_is_that_of_the_other_measurement(digits: Digits, name: str) -> None:
    trainer = Trainer(Settings(iterations=100), digits)
    trainer.advance(100)
    image = np.zeros((28, 28), np.float32)

    found = answer(broken(trainer, image, {"prepared": name}))["changed"]

    expected = input_lab(trainer, name)
    assert found["accuracy"] == pytest.approx(expected["accuracy"], abs=2e-4)
    assert found["loss"] == pytest.approx(expected["loss"], rel=1e-3)
    assert found["confidence"] == pytest.approx(expected["confidence"], abs=1e-4)


@pytest.mark.parametrize("value", [3e38, float("inf"), float("nan")])
def test_a_model_that_has_exploded_is_answered_without_a_warning(digits: Digits, value: float) -> None:
    trainer = Trainer(Settings(iterations=1), digits, tests=False)
    with torch.no_grad():
        trainer.model.weight.fill_(value)  # type: ignore[union-attr, operator]

    found = answer(broken(trainer, np.ones((28, 28), np.float32), {"blur": 1, "noise": 1, "invert": True}))

    assert 0 <= found["changed"]["accuracy"] <= 1


def test_values_within_their_limits_are_a_change() -> None:
    assert change_of({}) == Change()
    assert change_of({"right": -8, "scale": 1.5, "invert": 1, "prepared": "×255"}) == Change(
        right=-8, scale=1.5, invert=True, prepared="×255"
    )
    for name, ends in LIMITS.items():
        for end, outside in zip(ends, (ends[0] - 0.01, ends[1] + 0.01), strict=True):
            assert getattr(change_of({name: end}), name) == end
            with pytest.raises(ValueError):
                change_of({name: outside})


@pytest.mark.parametrize(
    "values", [{"right": "far"}, {"right": None}, {"right": float("nan")}, {"prepared": "inverted"}, {"colour": 1}]
)
def test_anything_else_is_none(values: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        change_of(values)


def test_the_presets_are_all_ways_to_prepare_that_no_slider_can_show() -> None:
    assert [preset.name for preset in PRESETS] == [
        "as trained", "×255", "standardised", "box centred", "centre of mass", "deskewed", "normalised"
    ]  # fmt: skip
