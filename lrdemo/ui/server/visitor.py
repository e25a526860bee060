"""What the server keeps for one visitor: the run, the settings for its next start, and the picture in question."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np

from lrdemo.answers.confidence import drawing_temperature
from lrdemo.arrays import Bytes, Float32s, Float64s
from lrdemo.data import Digits, load_mnist
from lrdemo.digit import digit_from_rgba, even_stroke, ink_from_rgba, redraw
from lrdemo.drawings.doubts import doubt
from lrdemo.drawings.spaces import kept_spaces
from lrdemo.errors import SettingsError
from lrdemo.features import Features, prepare
from lrdemo.serving.frames import Shown
from lrdemo.serving.handle import RunHandle
from lrdemo.serving.service import Service
from lrdemo.settings import TABLE, Settings, changed, planned, planned_text


@dataclass(frozen=True, eq=False)
class Picture:
    """The picture in question, unprepared: a drawing [H, W, 4] with its strokes, or a test image [28, 28]."""

    title: str
    pixels: Bytes
    strokes: tuple[Float64s, ...] | None = None
    label: int | None = None

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


@lru_cache(maxsize=1)
def mnist() -> Digits:
    """Return MNIST, mapped once for all visitors; the training process unpacks it before it is ready."""
    return load_mnist()


class Visitor:
    """One visitor: the run, the settings for its next start, and the picture. Runs pause while the visitor is away.

    The draft is the only copy of the settings that a visitor changes. A run keeps those that it was started with.
    """

    def __init__(self, service: Service, settings: Settings) -> None:
        self.run: RunHandle = service.open_run(settings)
        self.race: RunHandle | None = None
        self._draft = settings
        self.drawing: dict[str, Any] | None = None
        self.shown_version = 0
        self.threshold = 0.0
        self._picture: Picture | None = None
        self._shown: tuple[tuple[str, str, int], Shown | None] | None = None
        self._away_since: float | None = None
        self._lock = threading.Lock()

    @property
    def draft(self) -> Settings:
        """Return the settings for the next start."""
        return self._draft

    @property
    def pending(self) -> bool:
        """Return whether the draft has settings that the run, once begun, will have only after its next start."""
        used = self.run.settings
        return any(
            getattr(self._draft, name) != getattr(used, name)
            for name, setting in TABLE.items()
            if setting.applies != "now"
        )

    @property
    def linked(self) -> Settings:
        """Return the settings that a link to what is on the page gives.

        Those of the run with its changes of the learning rate, the visitor's own among them, so that the link gives
        this very run; those of the draft where it has others for the next start.
        """
        made = [event for event in self.run.events if event.verb == "set_learning_rate"]
        if self.pending or not made:
            return self._draft
        used = self.run.settings
        rates = {0: used.learning_rate} | planned(used.changes) | {at.iteration: at.arguments[0] for at in made}
        try:
            return changed(used, pace=self._draft.pace, learning_rate=rates.pop(0), changes=planned_text(rates))
        except SettingsError:
            return self._draft  # More changes than a link holds.

    def change(self, **values: Any) -> None:
        """Change the draft; where nothing has been trained yet, and where a setting applies now, the run as well.

        Raises SettingsError or ServiceError where that cannot be done, and then changes nothing.
        """
        draft = changed(self._draft, **values)
        snapshot = self.run.snapshot()
        # Where a click waits for a busy process, it may be a start; a reset would undo it.
        if (snapshot is None or snapshot.state == "ready") and not self.run.waiting:
            self.run.reset(draft)
        else:
            if draft.learning_rate != self._draft.learning_rate:
                self.run.set_learning_rate(draft.learning_rate)
            if draft.pace != self._draft.pace:
                self.run.set_pace(draft.pace)
        self._draft = draft

    def start(self) -> None:
        """Start the run from the untrained model with the draft."""
        self.run.start(self._draft)

    def reset(self) -> None:
        """Go back to the untrained model, with the draft."""
        self.run.reset(self._draft)

    @property
    def picture(self) -> Picture:
        """Return the picture in question: test image 0 until the visitor chose or drew another."""
        if self._picture is None:
            self._picture = test_picture(0)
        return self._picture

    @picture.setter
    def picture(self, picture: Picture) -> None:
        self._picture = picture
        self._show()

    @property
    def shown(self) -> Shown | None:
        """Return the model's input for the picture, with a warning where one is due; None for a blank drawing."""
        settings = self.run.settings
        key = (settings.features, settings.model, self.shown_version)
        if self._shown is None or self._shown[0] != key:
            self._shown = key, shown(self.picture, settings, self.threshold)
        return self._shown[1]

    def set_threshold(self, value: float) -> None:
        """Have the answer be "I don't know" when the largest probability is below `value`."""
        self.threshold = value
        self._show()

    def _show(self) -> None:
        self.shown_version += 1
        for wake in list(self.run.watchers):
            wake()

    def leave(self) -> None:
        """Pause the runs: the visitor's tab is closed."""
        with self._lock:
            if self._away_since is None:
                self._away_since = time.monotonic()
                for run in self._runs:
                    run.leave()

    def come_back(self) -> None:
        """Let the runs go on: the tab is open again."""
        with self._lock:
            if self._away_since is not None:
                self._away_since = None
                for run in self._runs:
                    run.come_back()

    @property
    def _runs(self) -> list[RunHandle]:
        return [run for run in (self.run, self.race) if run is not None]

    @property
    def away_seconds(self) -> float:
        """Return for how long the visitor has been away, 0 while present."""
        return 0.0 if self._away_since is None else time.monotonic() - self._away_since


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
    return Shown(image, picture.title, drawing_temperature(settings.model, features), warning, threshold)


def test_picture(index: int) -> Picture:
    """Return a test image as the picture in question."""
    digits = mnist()
    label = int(digits.test_labels[index])
    return Picture(f"Test image {index}, a {label}", np.asarray(digits.test_images[index]), label=label)
