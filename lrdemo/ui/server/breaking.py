"""What a visitor's change of the images does to the present model: asked again and again, the newest change first."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lrdemo.answers.breaking import PRESETS, change_of
from lrdemo.answers.robustness import given
from lrdemo.errors import LrdemoError
from lrdemo.serving.handle import RunHandle
from lrdemo.ui.server.visitor import Visitor

LOOK_SECONDS = 0.03
FOLLOW_SECONDS = 2.0
"""A model that is being trained is measured again so often; one that stands still, as soon as it does."""
RETRY_SECONDS = 1.0


class Breaking:
    """Measure for one browser; `found` is the latest result as JSON, None before the first."""

    def __init__(self, visitor: Visitor, run: RunHandle, changed: Callable[[], None]) -> None:
        self.values: Mapping[str, Any] | None = None
        """The change that the visitor has chosen; None where nobody looks."""
        self.found: dict[str, Any] | None = None
        self.version = 0
        """How often something has been found."""
        self._visitor, self._run, self._changed = visitor, run, changed
        self._watched = asyncio.Event()

    def choose(self, values: Mapping[str, Any] | None) -> None:
        """Take another change; raises ValueError, TypeError or KeyError for what is none."""
        if values is not None:
            change_of(values)
        self.values = values
        if values is None:
            # Who looks again must not see what was true of another model or picture.
            self.found = None
            self._watched.clear()
        else:
            self._watched.set()

    async def work(self) -> None:
        """Measure whenever change, picture or model is another than the last time; never ends."""
        last: Any = None, None
        measured = 0.0
        while True:
            # Most browsers show another page: a look copies the whole record of the run.
            await self._watched.wait()
            await asyncio.sleep(LOOK_SECONDS)
            values, shown, snapshot = self.values, self._visitor.shown_version, self._run.snapshot()
            if values is None or snapshot is None:
                continue
            chosen = (dict(values), shown)
            model = (snapshot.revision, snapshot.moment, snapshot.state, self._run.taught)
            follows = snapshot.state != "running" or time.monotonic() - measured >= FOLLOW_SECONDS
            if self.found is not None and chosen == last[0] and (model == last[1] or not follows):
                continue
            last, measured = (chosen, model), time.monotonic()
            try:
                self._find(await asyncio.to_thread(self._measure, values))
            except LrdemoError as error:
                self._find({"problem": str(error)})
                last = None, None
                await asyncio.sleep(RETRY_SECONDS)

    def _find(self, found: dict[str, Any]) -> None:
        if self.values is not None:
            self.found = found
            self.version += 1
            self._changed()

    def _measure(self, values: Mapping[str, Any]) -> dict[str, Any]:
        shown = self._visitor.shown
        image = np.zeros((28, 28), np.float32)
        if shown is not None:
            prepared = values.get("prepared", "as trained")
            # The other ways to prepare images only multiply and add; that is done last.
            placed = any(preset.placed and preset.name == prepared for preset in PRESETS)
            image = given(shown.image, self._visitor.picture.ink(), prepared) if placed else shown.image
        found = self._run.ask("lrdemo.answers.breaking:broken", image=image, values=dict(values))
        title = "" if shown is None else shown.title
        return {name: _json(value) for name, value in (found | {"values": values, "title": title}).items()}


def _json(value: Any) -> Any:
    """Return the value as JSON has it: lists for arrays, None for what is not finite."""
    if isinstance(value, Mapping):
        return {name: _json(part) for name, part in value.items()}
    if isinstance(value, np.ndarray):
        return [_json(part) for part in value.tolist()]
    return None if isinstance(value, float) and not math.isfinite(value) else value
