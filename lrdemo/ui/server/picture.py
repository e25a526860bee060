"""The picture in question, a drawing or a test image, and what the model gets of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import cast

import numpy as np

from lrdemo.answers.confidence import drawing_factor
from lrdemo.arrays import Bytes, Float32s, Float64s
from lrdemo.data import Digits, load_mnist
from lrdemo.digit import Even, draw_strokes, even_from_rgba, even_from_strokes, given
from lrdemo.drawings.doubts import FAR, advice, doubt
from lrdemo.drawings.spaces import is_far, is_unusual, kept_spaces
from lrdemo.features import Features, Prepared, inputs, prepare_with_way_back, scale_and_shift
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
    index: int | None = None
    label: int | None = None
    """Both of a test image."""

    @property
    def drawn(self) -> bool:
        """Return whether the visitor drew it."""
        return self.pixels.ndim == 3

    def prepared(self, features: str) -> Float32s | None:
        """Return it put in its place, [28, 28] in [0, 1], or None for a blank drawing."""
        found = self.on_pad(features)
        return None if found is None else found.image

    def given(self, features: str) -> Float32s | None:
        """Return what a model gets of it, [D], or None for a blank drawing."""
        image = self.prepared(features)
        return None if image is None else inputs(image[None], features)[0]

    def on_pad(self, features: str) -> Prepared | None:
        """Return it put in its place, with the way back to the pad, whose side is 1."""
        kind = cast(Features, features)
        if self.drawn:
            found = None if self._even is None else self._even.prepared(kind)
            return _on_pad(found, SIDE if self.strokes else len(self.pixels))
        image = np.asarray(self.pixels / 255, dtype=np.float32)
        plain = Prepared(image, scale_and_shift(1))
        return _on_pad(plain if features == "pixels" else prepare_with_way_back(image, kind), len(image))

    def ink(self) -> Bytes | Float32s:
        """Return the ink that every preparation starts from, [H, W]; the picture must not be blank."""
        if not self.drawn:
            return self.pixels
        assert self._even is not None
        return self._even.ink

    @cached_property
    def _even(self) -> Even | None:
        return even_from_rgba(self.pixels, strokes=self.strokes)


def _on_pad(found: Prepared | None, side: int) -> Prepared | None:
    """Lead back to a pad of side 1 what leads back to one of so many pixels."""
    return found and found.then(scale_and_shift(1 / side))


BLANK = Picture(DRAWING, np.full((SIDE, SIDE, 4), 255, np.uint8))
"""An empty pad."""


@lru_cache(maxsize=1)
def mnist() -> Digits:
    """Return MNIST, mapped once for all visitors; the training process unpacks it before it is ready."""
    return load_mnist()


def shown(picture: Picture, settings: Settings, threshold: float = 0.0) -> Shown | None:
    """Return the model's input for the picture, or None for a blank drawing.

    Only drawings are warned of, and only the answers to them are tempered.
    """
    if picture.drawn:
        found = _drawing(picture.on_pad, settings, picture.strokes is not None, threshold)
        return found and replace(found, warning=doubt(picture.pixels) or found.warning, advice=advice(picture.pixels))
    placed = picture.on_pad(settings.features)
    assert placed is not None
    return Shown(
        placed.image, inputs(placed.image[None], settings.features)[0], picture.title, threshold=threshold,
        back=placed.back, index=picture.index, label=picture.label, pixels=picture.pixels,
    )  # fmt: skip


def while_drawn(
    picture: Picture | None, pen: Sequence[PenStroke], settings: Settings, threshold: float = 0.0
) -> Shown | None:
    """Return the model's input for a drawing (None for an empty pad) with strokes that are not on the canvas yet.

    It is prepared as it will be when they are. Half a digit is odd: nothing is warned of.
    """
    if picture is None or picture.strokes is not None:
        even = even_from_strokes([*(picture.strokes or () if picture else ()), *(one.points for one in pen)])
        found = _drawing(lambda features: _on_pad(even.prepared(features), SIDE), settings, True, threshold)
    else:
        found = _drawing(Picture(DRAWING, _inked(picture.pixels, pen)).on_pad, settings, False, threshold)
    return found and replace(found, warning=None)


def _drawing(
    placed: Callable[[Features], Prepared | None], settings: Settings, from_strokes: bool, threshold: float
) -> Shown | None:
    """Return the model's input for a drawing, placed as any features ask for it; None for a blank one."""
    features = cast(Features, settings.features)
    found = given(placed, features)
    if found is None:
        return None
    nearest, unusual, warning, spaces = None, False, None, kept_spaces(mnist())
    if spaces is not None:
        distances = spaces.distances(found.edges)
        nearest, unusual = int(distances.argmin()), bool(is_unusual(distances.min()))
        warning = FAR if is_far(distances.min(), from_strokes) else None
    factor = drawing_factor(features, settings.styles, from_strokes)
    return Shown(
        found.placed.image, found.inputs, DRAWING, factor, nearest, unusual, warning, threshold,
        back=found.placed.back,
    )  # fmt: skip


def drawn_upon(picture: Picture | None, pen: Sequence[PenStroke]) -> Picture:
    """Return a drawing (None for an empty pad) with strokes that are not on the canvas."""
    before = picture or Picture(DRAWING, BLANK.pixels, ())
    strokes = None if before.strokes is None else (*before.strokes, *(one.points for one in pen))
    return Picture(DRAWING, _inked(before.pixels, pen), strokes)


def _inked(pixels: Bytes, pen: Sequence[PenStroke]) -> Bytes:
    """Return a drawing [H, W, 4] with more strokes on it."""
    rgba = pixels.copy()
    for one in pen:
        paper = 255 - draw_strokes([one.points], one.width, SIDE)[:, :, None]
        np.minimum(rgba[:, :, :3], paper, out=rgba[:, :, :3])
    return rgba


def picture_of(index: int) -> Picture:
    """Return a test image as the picture in question."""
    digits = mnist()
    label = int(digits.test_labels[index])
    return Picture(f"Test image {index}, a {label}", np.asarray(digits.test_images[index]), index=index, label=label)
