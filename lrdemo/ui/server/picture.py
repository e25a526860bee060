"""The picture in question, a drawing or a test image, and what the model gets of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np

from lrdemo.answers.confidence import drawing_temperature
from lrdemo.arrays import Bytes, Float32s, Float64s
from lrdemo.data import Digits, load_mnist
from lrdemo.digit import digit_from_rgba, draw_strokes, even_stroke, ink_from_rgba, redraw
from lrdemo.drawings.doubts import advice, doubt
from lrdemo.drawings.spaces import kept_spaces
from lrdemo.features import Features, prepare
from lrdemo.serving.frames import Shown
from lrdemo.settings import Settings
from lrdemo.ui.server.pen import SIDE, PenStroke

DRAWING = "Your drawing"


@dataclass(frozen=True, eq=False)
class Picture:
    """The picture in question, unprepared: a drawing [H, W, 4] with its strokes, or a test image [28, 28]."""

    title: str
    pixels: Bytes
    strokes: tuple[Float64s, ...] | None = None

    @property
    def drawn(self) -> bool:
        """Return whether the visitor drew it."""
        return self.pixels.ndim == 3

    def prepared(self, features: str) -> Float32s | None:
        """Return the model's input, [28, 28] in [0, 1], or None for a blank drawing."""
        kind = cast(Features, features)
        if self.drawn:
            return digit_from_rgba(self.pixels, kind, strokes=self.strokes)
        image = np.asarray(self.pixels / 255, dtype=np.float32)
        return image if features == "pixels" else prepare(image, kind)

    def ink(self) -> Bytes | Float32s:
        """Return the ink that every preparation starts from, [H, W]; the picture must not be blank."""
        if not self.drawn:
            return self.pixels
        return redraw(self.strokes) if self.strokes else even_stroke(ink_from_rgba(self.pixels))


BLANK = Picture(DRAWING, np.full((SIDE, SIDE, 4), 255, np.uint8))
"""An empty pad."""


@lru_cache(maxsize=1)
def mnist() -> Digits:
    """Return MNIST, mapped once for all visitors; the training process unpacks it before it is ready."""
    return load_mnist()


def shown(picture: Picture, settings: Settings, threshold: float = 0.0) -> Shown | None:
    """Return the model's input for the picture, or None for a blank drawing.

    Only drawings are warned of, and only softmax regression's answers to them are tempered: both were measured so.
    """
    image = picture.prepared(settings.features)
    if image is None:
        return None
    if not picture.drawn:
        return Shown(image, picture.title, threshold=threshold)
    features = cast(Features, settings.features)
    warning = doubt(picture.pixels, image, features, picture.strokes is not None, kept_spaces(mnist(), features))
    temperature = drawing_temperature(settings.model, features)
    return Shown(image, picture.title, temperature, warning, threshold, advice(picture.pixels))


def while_drawn(
    picture: Picture | None, pen: Sequence[PenStroke], settings: Settings, threshold: float = 0.0
) -> Shown | None:
    """Return the model's input for a drawing (None for an empty pad) with strokes that are not on the canvas yet.

    It is prepared as it will be when they are. Half a digit is odd: nothing is warned of.
    """
    features = cast(Features, settings.features)
    if picture is None or picture.strokes is not None:
        strokes = [*(picture.strokes or () if picture else ()), *(one.points for one in pen)]
        image = prepare(redraw(strokes), features)
    else:
        rgba = picture.pixels.copy()
        for one in pen:
            paper = 255 - draw_strokes([one.points], one.width, SIDE)[:, :, None]
            np.minimum(rgba[:, :, :3], paper, out=rgba[:, :, :3])
        image = digit_from_rgba(rgba, features)
    if image is None:
        return None
    return Shown(image, DRAWING, drawing_temperature(settings.model, features), None, threshold)


def picture_of(index: int) -> Picture:
    """Return a test image as the picture in question."""
    digits = mnist()
    return Picture(f"Test image {index}, a {digits.test_labels[index]}", np.asarray(digits.test_images[index]))
