"""What a training process needs for a run besides its settings, loaded aside when a run first needs it.

Preparing the images takes seconds, once a machine; loading them takes a moment; and so does PyTorch's first optimiser,
which imports half of PyTorch. Other runs need not wait for any of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import cast

import torch

from lrdemo.candidates import Candidate
from lrdemo.data import Digits
from lrdemo.drawings.spaces import keep_spaces
from lrdemo.errors import ServiceError
from lrdemo.features import Features, prepared
from lrdemo.minibatches import Tensors, resident
from lrdemo.run import require_device
from lrdemo.settings import TABLE, Settings
from lrdemo.styles import styled_digits

Key = tuple[str, str, bool]
"""Device, features, and whether other ways to write are mixed in."""


class Images:
    """Hand out MNIST on the device and prepared as a run's settings say; `loaded` is called when more is there."""

    def __init__(self, digits: Digits, loaded: Callable[[], None]) -> None:
        self._digits = digits
        self._loaded = loaded
        self._tensors: dict[Key, Tensors | Exception | None] = {}
        self._tensors["cpu", "pixels", False] = resident(digits, "cpu", "pixels")
        self._optimisers: bool | None = False
        """Whether PyTorch's optimisers have been loaded; None while they are."""
        self._preparing = {features: threading.Lock() for features in TABLE["features"].choices}

    def have(self, settings: Settings, candidates: Sequence[Candidate] = ()) -> bool:
        """Tell whether a run, or a comparison of the candidates, can begin; what it still needs is being loaded."""
        wanted = [candidate.settings(settings) for candidate in candidates] or [settings]
        return None not in [self.get(each) for each in wanted]

    def get(self, settings: Settings) -> Tensors | None:
        """Return the images, or None while they, or anything else that the run needs, are being loaded.

        Raises SettingsError where the device is not available, and ServiceError when they could not be loaded.
        """
        require_device(settings.device)
        key = (settings.device, settings.features, settings.styles)
        if key not in self._tensors:
            self._tensors[key] = None
            threading.Thread(target=self._load, args=key, daemon=True).start()
        if settings.gradient == "autograd" and self._optimisers is False:
            self._optimisers = None
            threading.Thread(target=self._load_optimisers, daemon=True).start()
        found = self._tensors[key]
        if isinstance(found, Exception):
            del self._tensors[key]
            raise ServiceError(f"The images could not be prepared as {settings.features}: {found}")
        return None if settings.gradient == "autograd" and not self._optimisers else found

    def prepare(self) -> None:
        """Prepare the images in every way there is, aside, so that no later start has to wait."""
        threading.Thread(target=self._prepare_all, daemon=True).start()

    def _load(self, device: str, features: str, styles: bool) -> None:
        try:
            with self._preparing[features]:
                self._tensors[device, features, styles] = resident(self._digits, device, features, styles)
        except Exception as error:
            self._tensors[device, features, styles] = error
        self._loaded()

    def _load_optimisers(self) -> None:
        torch.optim.SGD([torch.zeros(1)], lr=1.0)
        self._optimisers = True
        self._loaded()

    def _prepare_all(self) -> None:
        for features in TABLE["features"].choices:
            with self._preparing[features]:
                prepared(self._digits, cast(Features, features))
        styled_digits()
        keep_spaces(self._digits)
