"""What the server keeps for one visitor: the run, and the picture that the model is asked about."""

from __future__ import annotations

import threading
import time

import numpy as np

from lrdemo.data import load_mnist
from lrdemo.frames import Shown
from lrdemo.service import Run, Service
from lrdemo.settings import Settings


class Visitor:
    """Hold one visitor's run and picture; it stands still while the visitor is away."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self.run: Run = service.open_run(settings)
        self.shown_version = 0
        self._shown: Shown | None = None
        self._away_since: float | None = None
        self._lock = threading.Lock()

    @property
    def shown(self) -> Shown:
        """Return the picture that the model is asked about: test image 0 until the visitor chose another."""
        if self._shown is None:
            self._shown = test_digit(0)
        return self._shown

    def show(self, shown: Shown) -> None:
        """Ask the model about another picture from now on."""
        self._shown = shown
        self.shown_version += 1
        for wake in list(self.run.watchers):
            wake()

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


def test_digit(index: int) -> Shown:
    """Return a test image as a picture to ask the model about."""
    digits = load_mnist()
    image = np.asarray(digits.test_images[index], dtype=np.float32) / 255
    return Shown(image, f"Test image {index}, a {digits.test_labels[index]}")
