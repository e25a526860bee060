"""What the server keeps for one visitor: the run, the settings for its next start, and the picture in question."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from lrdemo.data import load_mnist
from lrdemo.digit import digit_from_rgba
from lrdemo.features import Features, prepare
from lrdemo.frames import Shown
from lrdemo.service import Run, Service
from lrdemo.settings import Settings

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Picture:
    """Hold what the model is asked about as it came: a drawing [H, W, 4] with its strokes, or a test image [28, 28]."""

    title: str
    pixels: Bytes
    strokes: tuple[npt.NDArray[np.float64], ...] | None = None
    label: int | None = None

    @property
    def drawn(self) -> bool:
        """Tell whether the visitor drew it."""
        return self.pixels.ndim == 3

    def prepared(self, features: str) -> npt.NDArray[np.float32] | None:
        """Return it as the model gets it, [28, 28] in [0, 1], or None for a blank drawing."""
        kind = cast(Features, features)
        if self.drawn:
            return digit_from_rgba(self.pixels, kind, strokes=self.strokes)
        image = self.pixels.astype(np.float32) / 255
        return image if features == "pixels" else prepare(image, kind)


class Visitor:
    """Hold one visitor's run, draft settings and picture; the run stands still while the visitor is away."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self.run: Run = service.open_run(settings)
        self.draft = settings
        self.drawing: dict[str, Any] | None = None
        self.shown_version = 0
        self._picture: Picture | None = None
        self._shown: tuple[str, int, Shown | None] | None = None
        self._away_since: float | None = None
        self._lock = threading.Lock()

    @property
    def picture(self) -> Picture:
        """Return the picture in question: test image 0 until the visitor chose or drew another."""
        if self._picture is None:
            self._picture = test_picture(0)
        return self._picture

    @picture.setter
    def picture(self, picture: Picture) -> None:
        self._picture = picture
        self.shown_version += 1
        for wake in list(self.run.watchers):
            wake()

    @property
    def shown(self) -> Shown | None:
        """Return the picture as the run's model gets it, or None for a blank drawing."""
        key = (self.run.settings.features, self.shown_version)
        if self._shown is None or self._shown[:2] != key:
            picture = self.picture
            image = picture.prepared(key[0])
            self._shown = (*key, None if image is None else Shown(image, picture.title))
        return self._shown[2]

    def leave(self) -> None:
        """Let the run stand still: the visitor's tab is gone."""
        with self._lock:
            if self._away_since is None:
                self._away_since = time.monotonic()
                self.run.leave()

    def come_back(self) -> None:
        """Let the run go on: the tab is there again."""
        with self._lock:
            if self._away_since is not None:
                self._away_since = None
                self.run.come_back()

    @property
    def away_seconds(self) -> float:
        """Return for how long the visitor has been away, 0 while present."""
        return 0.0 if self._away_since is None else time.monotonic() - self._away_since


def test_picture(index: int) -> Picture:
    """Return a test image as the picture in question."""
    digits = load_mnist()
    label = int(digits.test_labels[index])
    return Picture(f"Test image {index}, a {label}", np.asarray(digits.test_images[index]), label=label)
