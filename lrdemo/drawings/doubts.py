"""What to warn of before a drawing's answer is believed: odd drawings, and drawings far from all digits.

The digits' spaces are fitted once a machine and kept in the cache; scoring one drawing takes well under a
millisecond. NumPy only.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np

from lrdemo.answers.confidence import FAR_FROM_PIXELS, FAR_FROM_STROKES, DigitSpaces, fit_spaces
from lrdemo.data import Digits, cache_folder
from lrdemo.digit import Finding, findings
from lrdemo.features import Array, Bytes, Features, prepared

WORDS = {
    Finding.BLANK: "The canvas is empty. Draw a digit.",
    Finding.TOO_SMALL: "Very small: there is hardly anything to read. Draw the digit larger.",
    Finding.FILLED: "This looks like a filled shape, not like a digit drawn with a pen.",
    Finding.SEVERAL: "These look like several digits. The model reads one at a time.",
}
FAR = "This is unlike the digits the model was trained on. Do not rely on the answer."

_VERSION = 1
_SHAPES = {"means": (10, 784), "directions": (10, 20, 784)}


def doubt(
    rgba: Bytes, image: Array, features: Features, from_strokes: bool, spaces: DigitSpaces | None
) -> str | None:
    """Return a plain sentence where the answer for a drawing should not be relied on, else None.

    rgba is the canvas [H, W, 4], image what the model gets of it [28, 28]; without spaces only the drawing itself
    is looked at.
    """
    found = findings(rgba)
    if found:
        return WORDS[found[0]]
    limit = (FAR_FROM_STROKES if from_strokes else FAR_FROM_PIXELS)[features]
    return FAR if spaces is not None and spaces.distance(image) > limit else None


def keep_spaces(digits: Digits, features: Features) -> None:
    """Fit the digits' spaces on the prepared training images, unless the cache has them already."""
    path = _path(features)
    if path.is_file():
        return
    spaces = fit_spaces(prepared(digits, features).train_images, digits.train_labels)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, means=spaces.means, directions=spaces.directions)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)


def kept_spaces(features: Features) -> DigitSpaces | None:
    """Return the digits' spaces from the cache, or None where they have not been fitted yet."""
    path = _path(features)
    return _read(path) if path.is_file() else None


def _path(features: Features) -> Path:
    return cache_folder() / f"spaces-{features}-{_VERSION}.npz"


@lru_cache(maxsize=3)
def _read(path: Path) -> DigitSpaces | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name].astype(np.float32) for name in _SHAPES}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        with contextlib.suppress(OSError):
            path.unlink()  # Damaged: the next start fits them again.
        return None
    if {name: array.shape for name, array in found.items()} != _SHAPES:
        return None
    return DigitSpaces(found["means"], found["directions"])
