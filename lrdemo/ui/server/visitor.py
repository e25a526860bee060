"""What the server keeps for one visitor: the run, the settings for its next start, and the picture in question."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from lrdemo.advice import Advice, advise
from lrdemo.arrays import Float32s
from lrdemo.drawings.own import OwnDrawing
from lrdemo.errors import LrdemoError, SettingsError
from lrdemo.recipes import Recipe, recipe_of
from lrdemo.serving.board import Snapshot
from lrdemo.serving.frames import Shown
from lrdemo.serving.handle import RunHandle
from lrdemo.serving.kept import Kept
from lrdemo.serving.messages import Event
from lrdemo.serving.service import Service
from lrdemo.settings import TABLE, Settings, changed, planned, planned_text
from lrdemo.ui.server.kept_runs import KeptRun, KeptRuns
from lrdemo.ui.server.pen import BRUSH, PenStroke, canvas_object
from lrdemo.ui.server.picture import BLANK, Picture, drawn_upon, picture_of, shown, while_drawn

MOST_STROKES = 20
"""At most so many strokes may be on their way to the canvas's picture."""


class Visitor:
    """One visitor: the run, the settings for its next start, and the picture. Runs pause while the visitor is away.

    The draft is the only copy of the settings that a visitor changes. A run keeps those that it was started with.
    """

    def __init__(self, service: Service, settings: Settings) -> None:
        self.run: RunHandle = service.open_run(settings)
        self.race: RunHandle | None = None
        self.comparison: RunHandle | None = None
        self._draft = settings
        self.kept = KeptRuns()
        self.drawings: list[OwnDrawing] = []
        """Those that the visitor has labelled and keeps."""
        self.drawing: dict[str, Any] | None = None
        self.cleared: dict[str, Any] | None = None
        self.last_drawn = BLANK
        self.shown_version = 0
        self.pen_version = 0
        self._pen: list[PenStroke] = []
        self._last_stroke = 0
        self.threshold = 0.0
        self._picture: Picture | None = None
        self._decided = False
        self._shown: tuple[tuple[str, str, int], Shown | None] | None = None
        self._given: tuple[int, dict[str, Float32s | None]] = (-1, {})
        self._page, self._views = True, 0
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
        return self._draft != used and any(
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
        if self.pending or not any(event.verb == "set_learning_rate" for event in self.run.events):
            return self._draft
        try:
            return changed(planning(self.run.settings, self.run.events), pace=self._draft.pace)
        except SettingsError:
            return self._draft  # More changes than a link holds.

    @property
    def recipe(self) -> Recipe | None:
        """Return the recipe that the run follows, None once its learning rate was moved or drawings were taught."""
        return None if self.run.events else recipe_of(self.run.settings)

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

    def go_on_from(self, iteration: int) -> None:
        """Have the run go on from an earlier iteration, at the learning rate that it had there."""
        self.run.go_on_from(iteration)
        self._draft = changed(self._draft, learning_rate=self.run.learning_rate)

    @property
    def present(self) -> Kept | None:
        """Return the run as it is seen now, None where it has not begun: it can be compared, not taken up."""
        snapshot = self.run.snapshot()
        if snapshot is None or not (snapshot.iteration or self.run.events):
            return None
        lane, at, seen = snapshot.lane, snapshot.moment, snapshot.seen
        tests = lane.test_table[lane.test_table[:, 0] <= at]
        if seen and not (len(tests) and tests[-1, 0] == at):
            tests = np.concatenate([tests, np.array([[at, seen.loss, seen.accuracy]], np.float32)])
        return Kept(
            self.run.settings, tuple(event for event in self.run.events if event.iteration <= at), at,
            seen is None and snapshot.state == "diverged", lane.parameters, lane.loss[:at], lane.accuracy[:at], tests,
            snapshot.temperature, snapshot.step_seconds,
        )  # fmt: skip

    def keep(self) -> KeptRun:
        """Keep the run as it is now, or return it where it is kept already.

        Raises LrdemoError where there is no room, and where the run has not begun.
        """
        if self.present is None:
            raise LrdemoError("There is nothing to keep yet. Press Start first.")
        return self.kept.add(self.run.keep())

    def go_on_with(self, kept: Kept) -> None:
        """Go on with a kept run; the present one is kept as well, unless it has not begun."""
        self._set_aside()
        self.run.take_up(kept)
        self._draft = changed(kept.settings, learning_rate=self.run.learning_rate)

    def once_more(self, kept: Kept, **values: Any) -> None:
        """Start a run with the settings of a kept one, some of them changed; the present run is kept as well.

        The learning rate changes where it did.
        """
        self.try_out(changed(planning(kept.settings, kept.events), **values))

    def try_out(self, wanted: Settings) -> None:
        """Start a run with other settings; the present run is kept."""
        self._set_aside()
        self.run.start(wanted)
        self._draft = wanted

    def _set_aside(self) -> None:
        if self.present is not None:
            self.keep()

    def reset(self) -> None:
        """Go back to the untrained model, with the draft."""
        self.run.reset(self._draft)

    @property
    def undecided(self) -> bool:
        """Return whether the visitor has neither chosen nor drawn a picture yet."""
        return not self._decided

    @property
    def advice(self) -> Advice | None:
        """Return what the run's record shows to be wrong or worth doing next, if anything."""
        return self.advice_on(self.run.snapshot())

    def advice_on(self, snapshot: Snapshot | None) -> Advice | None:
        """Return the advice on the run as this snapshot shows it."""
        if snapshot is None:
            return None
        lane = snapshot.lane
        return advise(self.run.settings, lane.learning_rate, snapshot.state, lane.loss)

    def follow_advice(self, label: str) -> None:
        """Do what the button of this label offers, unless the run has gone on to where other advice is due."""
        advice = self.advice
        if advice is None or advice.label != label:
            return
        self.change(**advice.change)
        if advice.restarts:
            self.start()

    @property
    def picture(self) -> Picture:
        """Return the picture in question: test image 0 until the visitor chose or drew another."""
        if self._picture is None:
            self._picture = picture_of(0)
        return self._picture

    @picture.setter
    def picture(self, picture: Picture) -> None:
        self._take(picture)

    def leave_empty_pad(self) -> None:
        """Ask about test image 0 again where the pad is empty; it stays the visitor's to draw on."""
        if self.shown is None:
            self.picture = picture_of(0)
            self._decided = False

    def _take(self, picture: Picture, added: int = 0) -> None:
        """Make it the picture in question; so many of the strokes that the pen has told of are on it."""
        with self._lock:
            # Without one that was added, what has ended was taken back; the stroke under way has begun since then.
            left = self._pen[added:] if added > 0 else [one for one in self._pen if not one.ended]
            left = left if picture.drawn else []
            settled, self._pen = [one for one in self._pen if one not in left], left
            self._last_stroke = max([self._last_stroke, *(one.number for one in settled)])
            self._picture, self._decided = picture, True
            if picture.drawn:
                self.last_drawn = picture
        self._show()

    def drew(self, drawing: dict[str, Any], picture: Picture) -> None:
        """Take what the canvas holds now; it is the truth about the strokes that the pen told of before."""
        added = len(drawing.get("objects", [])) - len((self.drawing or {}).get("objects", []))
        self.drawing = drawing
        if not self.picture.drawn:
            # It has come late: a test image was chosen in between, and the drawing waits behind it.
            self.last_drawn = picture
            return
        self._take(picture, added)

    def clear(self) -> None:
        """Forget the drawing; a test image that was chosen in between stays the picture in question."""
        self._keep([one for one in self._pen if one.ended])
        if (self.drawing or {}).get("objects"):
            self.cleared = self.drawing
        self.drawing = None
        if self.picture.drawn:
            self.picture = BLANK
        else:
            self.last_drawn = BLANK

    def take_up(self, drawing: OwnDrawing) -> None:
        """Put the strokes of a kept drawing on the pad and ask about them; Undo brings back what was there before.

        One whose strokes are not known stays where it is.
        """
        if drawing.strokes:
            self.clear()
            pen = [PenStroke(0, BRUSH, path) for path in drawing.strokes]
            self.drawing = {"objects": [canvas_object(one) for one in pen]}
            self.picture = drawn_upon(None, pen)

    def keep_pen(self) -> None:
        """Put strokes under way on the drawing: the canvas that they were drawn on is gone and took them along."""
        self._keep(list(self._pen))

    def _keep(self, pen: list[PenStroke]) -> None:
        if pen:
            drawing = self.drawing or {}
            objects = [*drawing.get("objects", []), *(canvas_object(one) for one in pen)]
            self.drew({**drawing, "objects": objects}, drawn_upon(self.last_drawn if self.shown else None, pen))

    def draw(self, stroke: PenStroke) -> None:
        """Take the path of a stroke under way, as far as it has come: the answer follows the pen."""
        with self._lock:
            if stroke.number <= self._last_stroke or len(self._pen) >= MOST_STROKES:
                return  # It has come late: the canvas's picture holds it.
            self._pen = [*(one for one in self._pen if one.number != stroke.number), stroke]
            self.pen_version += 1
        self._wake()

    @property
    def drawing_now(self) -> bool:
        """Return whether there are strokes that the canvas's picture does not hold yet."""
        return bool(self._pen)

    def shown_now(self) -> Shown | None:
        """Return what `shown` will be when the strokes under way are on the canvas."""
        pen, drawn = list(self._pen), self.picture.drawn and self.shown is not None
        if not pen:
            return self.shown
        return while_drawn(self.picture if drawn else None, pen, self.run.settings, self.threshold)

    @property
    def shown(self) -> Shown | None:
        """Return the model's input for the picture, with a warning where one is due; None for a blank drawing."""
        settings = self.run.settings
        key = (settings.features, settings.model, self.shown_version)
        if self._shown is None or self._shown[0] != key:
            self._shown = key, shown(self.picture, settings, self.threshold)
        return self._shown[1]

    def given(self, features: str) -> Float32s | None:
        """Return what a model gets of the picture, [D], where images are prepared so; None for a blank drawing."""
        version, found = self._given
        if version != self.shown_version:
            version, found = self._given = self.shown_version, {}
        if features not in found:
            found[features] = self.picture.given(features)
        return found[features]

    def set_threshold(self, value: float) -> None:
        """Have the answer be "I don't know" when the largest probability is below `value`."""
        self.threshold = value
        self._show()

    def _show(self) -> None:
        self.shown_version += 1
        self._wake()

    def _wake(self) -> None:
        for wake in list(self.run.watchers):
            wake()

    def leave(self) -> None:
        """Note that the visitor's page is gone; the runs pause unless a view of them is still connected."""
        self._now_there(page=False)

    def come_back(self) -> None:
        """Let the runs go on: the visitor's page is there."""
        self._now_there(page=True)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Have the visitor be there meanwhile: a view of a run is connected, and needs no page to be drawn for that."""
        self._now_there(views=1)
        try:
            yield
        finally:
            self._now_there(views=-1)

    def _now_there(self, page: bool | None = None, views: int = 0) -> None:
        with self._lock:
            self._page = self._page if page is None else page
            self._views += views
            away = not (self._page or self._views)
            if away == (self._away_since is not None):
                return
            self._away_since = time.monotonic() if away else None
            for run in self._runs:
                if away:
                    run.leave()
                else:
                    run.come_back()

    @property
    def _runs(self) -> list[RunHandle]:
        return [run for run in (self.run, self.race, self.comparison) if run is not None]

    @property
    def away_seconds(self) -> float:
        """Return for how long the visitor has been away, 0 while present."""
        return 0.0 if self._away_since is None else time.monotonic() - self._away_since


def planning(settings: Settings, events: Sequence[Event]) -> Settings:
    """Return settings that change the learning rate by themselves where it was changed by hand.

    Raises SettingsError where that are more changes than settings hold.
    """
    made = {event.iteration: event.arguments[0] for event in events if event.verb == "set_learning_rate"}
    rates = {0: settings.learning_rate} | planned(settings.changes) | made
    return changed(settings, learning_rate=rates.pop(0), changes=planned_text(rates))
