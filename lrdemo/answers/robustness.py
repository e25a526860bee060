"""The same trained model on the same test images, given in other ways: inverted, not scaled, shifted, placed again.

It shows that a model works only on input prepared like its training images. NumPy only; trains nothing.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lrdemo.answers.predict import logits
from lrdemo.arrays import Bytes, Float32s, Float64s
from lrdemo.data import Digits
from lrdemo.features import FEATURES, Features, Placement, inputs, place, prepared, resample
from lrdemo.probability import cross_entropy, softmax
from lrdemo.shapes import SIDE

if TYPE_CHECKING:
    from lrdemo.trainer import Trainer

MEAN, DEVIATION = 0.1307, 0.3081
"""Of all pixels of the 60,000 training images in 0 … 1: the constants with which MNIST is usually standardised."""
LONGEST_SHIFT = 4

_BOX = 20.0
_BATCH = 500


@dataclass(frozen=True)
class Variant:
    """One way to give an image to the model, in words; `placed` ones start from the image as it came."""

    name: str
    does: str
    placed: bool = False


VARIANTS = (
    Variant("as trained", "Prepared like the training images."),
    Variant("inverted", "1 − x: paper is 1 and ink is 0, not the other way round."),
    Variant("×255", "0 … 255 instead of 0 … 1: the division by 255 was forgotten."),
    Variant("standardised", f"(x − {MEAN}) / {DEVIATION}: right for a model that was trained so."),
    *(Variant(f"shifted {count} px", f"Moved {count} px to the right.") for count in range(1, LONGEST_SHIFT + 1)),
    Variant("box centred", "Cropped to its ink, 20 px at the longest side, the box in the middle.", placed=True),
    Variant("centre of mass", "As MNIST was made: the centre of mass in the middle.", placed=True),
    Variant("deskewed", "The slant taken out as well.", placed=True),
    Variant("normalised", "Slant taken out, size and proportions evened out.", placed=True),
)
_NAMED = {variant.name: variant for variant in VARIANTS}


def altered(images: Float32s, name: str) -> Float32s:
    """Return prepared images [N, 28, 28] in 0 … 1 under a variant that keeps their place or shifts them."""
    if name == "inverted":
        return np.asarray(1 - images)
    if name == "×255":
        return np.asarray(255 * images)
    if name == "standardised":
        return np.asarray((images - np.float32(MEAN)) / np.float32(DEVIATION))
    if name.startswith("shifted "):
        by = int(name.split()[1])
        moved = np.zeros_like(images)
        moved[:, :, by:] = images[:, :, :-by]
        return moved
    return images


def placed(ink: npt.NDArray[Any], name: str) -> Float32s:
    """Return images with ink [N, H, W] (any unit) placed again, [N, 28, 28] in 0 … 1."""
    batch = np.asarray(ink / ink.max(axis=(1, 2), keepdims=True), np.float32)
    if name == "box centred":
        found = resample(batch, _boxed(batch), centre=SIDE / 2)
    else:
        found = resample(batch, place(batch, _features(name)))
    found = np.maximum(found, 0)
    return np.asarray(found / found.max(axis=(1, 2), keepdims=True), np.float32)


def given(image: Float32s, ink: npt.NDArray[Any], name: str) -> Float32s:
    """Return one picture under a variant, [28, 28]: from its prepared image [28, 28] or from its ink [H, W]."""
    found = placed(ink[None], name) if _NAMED[name].placed else altered(image[None], name)
    return np.asarray(found[0])


def input_lab(trainer: Trainer, variant: str) -> dict[str, Any]:
    """Return accuracy, mean cross-entropy and mean confidence on the run's test images under a variant."""
    tensors = trainer.tensors
    if _NAMED[variant].placed:
        images = _unpacked(placed_test_images(tensors.unprepared, variant))
    else:
        images = altered(_unpacked(tensors.pictures.test_images), variant)
    labels = tensors.test_labels.cpu().numpy()
    scores = logits(parameters_vector(trainer), inputs(images, trainer.settings.features))
    return {
        "iteration": trainer.iteration,
        "accuracy": float((scores.argmax(axis=1) == labels).mean()),
        "loss": cross_entropy(scores, labels),
        "confidence": float(softmax(scores).max(axis=1).mean()),
    }


def in_all_ways(trainer: Trainer) -> Generator[None, None, dict[str, Any]]:
    """Return what `input_lab` does for each variant in turn, all of one iteration; yields between them."""
    found = []
    for variant in VARIANTS:
        found.append(input_lab(trainer, variant.name))
        yield
    return {"iteration": trainer.iteration, "ways": found}


def test_answers(trainer: Trainer) -> dict[str, Any]:
    """Return for the test images the largest probability and whether the answer is correct, [N] each."""
    tensors = trainer.tensors
    scores = logits(parameters_vector(trainer), tensors.form.unpacked(tensors.test_bytes.cpu().numpy()))
    return {
        "iteration": trainer.iteration,
        "confidence": softmax(scores).max(axis=1).astype(np.float32),
        "right": scores.argmax(axis=1) == tensors.test_labels.cpu().numpy(),
    }


def parameters_vector(trainer: Trainer) -> Float32s:
    """Return all parameters as one vector, layer by layer."""
    return np.concatenate([value.detach().cpu().numpy().reshape(-1) for value in trainer.model.parameters()])


@lru_cache(maxsize=8)
def placed_test_images(digits: Digits, name: str) -> Bytes:
    """Return the test images placed again, uint8 [N, 28, 28]; kept, as placing 10,000 takes a second."""
    if name in FEATURES:
        return prepared(digits, _features(name)).test_images
    blocks = range(0, len(digits.test_images), _BATCH)
    return np.concatenate(
        [np.rint(255 * placed(digits.test_images[at : at + _BATCH], name)).astype(np.uint8) for at in blocks]
    )


def _features(name: str) -> Features:
    """Return the preparation that goes by the name of a variant; "centre of mass" is that of plain MNIST."""
    return next((features for features in FEATURES if features == name), "pixels")


def _unpacked(images: Bytes) -> Float32s:
    return np.asarray(images.reshape(-1, SIDE, SIDE) / np.float32(255), np.float32)


def _boxed(images: Float32s) -> Placement:
    """Place the box around the ink [N, H, W] in the middle, its longest side 20 pixels."""
    inked = images >= 0.5
    top, bottom = _ends(np.asarray(inked.any(axis=2)))
    left, right = _ends(np.asarray(inked.any(axis=1)))
    scale = _BOX / np.maximum(bottom - top, right - left)
    return Placement((top + bottom) / 2, (left + right) / 2, 0 * scale, scale, scale)


def _ends(inked: npt.NDArray[np.bool_]) -> tuple[Float64s, Float64s]:
    """Return where the first True of each row [N, L] begins and the last one ends."""
    first, last = inked.argmax(axis=1), inked.shape[1] - inked[:, ::-1].argmax(axis=1)
    return first.astype(np.float64), last.astype(np.float64)
