"""Where the present model errs: all answers are asked for about once a second, and what a visitor chooses is picked
from them, so that whatever is shown together is of one moment.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np
import numpy.typing as npt

from lrdemo.answers.confidence import drawing_factor
from lrdemo.answers.mistakes import Answers, Cell
from lrdemo.arrays import Bytes, Float32s
from lrdemo.drawings.own import OwnDrawing
from lrdemo.errors import LrdemoError
from lrdemo.features import Features, inputs
from lrdemo.serving.handle import RunHandle
from lrdemo.shapes import IMAGE, SIDE
from lrdemo.ui.server.choice import OWN_PREFIX
from lrdemo.ui.server.other_models import OtherModel, other_models
from lrdemo.ui.server.picture import mnist
from lrdemo.ui.server.visitor import Visitor

LOOK_SECONDS = 0.05
FOLLOW_SECONDS, LONGEST_SECONDS = 1.0, 2.0
"""A model that is being trained is asked again so often; one that stands still, as soon as it does."""
LEAST_PAUSES = 10
"""Asking takes at most one of so many parts of the time, as long as that is often enough."""
RETRY_SECONDS = 1.0
PAGE = 12
"""Images that are shown at once."""
DIGITS = range(10)
ANSWERS = "lrdemo.answers.mistakes:answers"

Source = Literal["test", "own"]
Labels = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Wanted:
    """What a visitor has chosen: whose images, a cell (None for all mistakes), from which image on, another model."""

    source: Source = "test"
    cell: Cell | None = None
    start: int = 0
    other: str | None = None

    @classmethod
    def read(cls, message: Any) -> Wanted:
        """Return what a browser's message asks for; raises ValueError or TypeError for what no page asks."""
        if not isinstance(message, dict):
            raise TypeError("What is wanted is an object.")
        source, start = message.get("source", "test"), message.get("start", 0)
        cell, other = message.get("cell"), message.get("other")
        if source not in get_args(Source) or type(start) is not int or start < 0:
            raise ValueError("The images are the test images or the visitor's own, from one on.")
        if other is not None and not isinstance(other, str):
            raise TypeError("Another model has a name.")
        if cell is not None:
            if not isinstance(cell, list) or [at for at in cell if type(at) is int and at in DIGITS] != cell:
                raise ValueError("A digit goes from 0 to 9.")
            if len(cell) != 2:
                raise ValueError("A cell is two digits.")
            cell = (cell[0], cell[1])
        return cls(cast(Source, source), cell, start, other)


@dataclass(frozen=True, eq=False)
class Moment:
    """What the run, and another model where one was chosen, answered at one moment to images [N, 28, 28]."""

    source: Source
    pictures: Bytes
    answers: Answers | None
    """None where there are no images: the visitor keeps no drawings."""
    taught: int
    features: str
    held_out: int
    drawings: tuple[OwnDrawing, ...]
    offered: tuple[OtherModel, ...]
    other: OtherModel | None
    theirs: Answers | None

    @property
    def chosen(self) -> tuple[Source, str | None]:
        """Return what it is of: whose images, and which other model."""
        return self.source, self.other.key if self.other else None


class Mistakes:
    """Find the mistakes for one browser; `found` is the latest result as JSON, None before the first."""

    def __init__(self, visitor: Visitor, run: RunHandle, changed: Callable[[], None]) -> None:
        self.found: dict[str, Any] | None = None
        self.arrays: dict[str, npt.NDArray[Any]] = {}
        """The pictures that are shown, 28×28 each, and their ten probabilities."""
        self.version = 0
        """How often something has been found."""
        self._visitor, self._run, self._changed = visitor, run, changed
        self._wanted: Wanted | None = None
        self._moment: Moment | None = None
        self._given: tuple[tuple[OwnDrawing, ...], dict[str, Float32s]] = ((), {})
        self._theirs: tuple[Hashable, Answers | None] = (None, None)
        self._watched = asyncio.Event()

    def choose(self, message: Any) -> None:
        """Take what is asked for, None where nobody looks; raises ValueError or TypeError for what no page asks."""
        self._wanted = None if message is None else Wanted.read(message)
        if self._wanted is None:
            # Who looks again must not see what was true of another model.
            self.found, self.arrays, self._moment = None, {}, None
            self._watched.clear()
        else:
            self._watched.set()
            # Of the moment that is on the screen, so that nothing beside it changes; no model has to be asked.
            self._tell()

    async def work(self) -> None:
        """Ask whenever the run has moved on, or other images or another model are chosen; never ends."""
        chosen: Any = None
        seen: Any = None
        asked, pause, trained = 0.0, FOLLOW_SECONDS, False
        while True:
            # Most browsers show another page.
            await self._watched.wait()
            await asyncio.sleep(LOOK_SECONDS)
            wanted, snapshot, version = self._wanted, self._run.snapshot(), self._run.version
            if wanted is None or snapshot is None:
                continue
            offered = other_models(self._visitor)
            other = [one.version for one in offered if one.key == wanted.other]
            choice = (wanted.source, wanted.other, tuple(self._visitor.drawings), [one.key for one in offered])
            trains, now = snapshot.state == "running", time.monotonic()
            at_once = self._moment is None or choice != chosen or (version != seen[0] and not (trains and trained))
            if not at_once and ((version, other) == seen or now - asked < pause):
                continue
            chosen, seen, asked, trained = choice, (version, other), now, trains
            try:
                moment = await asyncio.to_thread(self._ask, wanted)
            except LrdemoError as error:
                self._moment = None
                if self._wanted is not None:
                    self._find({"problem": str(error)}, {})
                await asyncio.sleep(RETRY_SECONDS)
            else:
                pause = min(LONGEST_SECONDS, max(FOLLOW_SECONDS, LEAST_PAUSES * (time.monotonic() - now)))
                if self._wanted is not None:
                    self._moment = moment
                    self._tell()

    def _tell(self) -> None:
        """Pick from the moment what is chosen, where it is of that."""
        moment, wanted = self._moment, self._wanted
        if moment and wanted and moment.chosen == (wanted.source, wanted.other if moment.other else None):
            self._find(*told(moment, wanted))

    def _find(self, found: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> None:
        self.found, self.arrays = found, arrays
        self.version += 1
        self._changed()

    def _ask(self, wanted: Wanted) -> Moment:
        run, drawings = self._run, tuple(self._visitor.drawings)
        settings, taught, offered = run.settings, run.taught, tuple(other_models(self._visitor))
        other = next((one for one in offered if one.key == wanted.other), None)
        answers, theirs, pictures = None, None, np.empty((0, SIDE, SIDE), np.uint8)
        if wanted.source == "test":
            pictures, labels = np.asarray(mnist().test_images), np.asarray(mnist().test_labels)
            answers = _answers(run.ask(ANSWERS), labels)
            theirs = self._kept(other, labels, ()) if other else None
        elif drawings:
            pictures = IMAGE.packed(self._inputs(drawings, "pixels")).reshape(-1, SIDE, SIDE)
            labels = np.array([one.label for one in drawings])
            features = cast(Features, settings.features)
            factors = [drawing_factor(features, settings.styles, bool(one.strokes)) for one in drawings]
            given = self._inputs(drawings, features)
            answers = _answers(run.ask(ANSWERS, images=given, factors=np.array(factors, np.float32)), labels)
            theirs = self._kept(other, labels, drawings) if other else None
        return Moment(
            wanted.source, pictures, answers, taught, settings.features, settings.held_out, drawings, offered, other,
            theirs,
        )  # fmt: skip

    def _kept(self, other: OtherModel, labels: Labels, drawings: tuple[OwnDrawing, ...]) -> Answers:
        """Return the answers of another model, which is asked only where it is not as it was the last time."""
        key = (other.key, other.version, drawings)
        known, found = self._theirs
        if found is None or known != key:
            given = {"images": self._inputs(drawings, other.features)} if drawings else {}
            found = _answers(other.ask(**given), labels)
            self._theirs = key, found
        return found

    def _inputs(self, drawings: tuple[OwnDrawing, ...], features: str) -> Float32s:
        """Return what a model with these features gets of the drawings, [N, D]; kept, as each takes milliseconds."""
        known, found = self._given
        if known != drawings:
            known, found = self._given = drawings, {}
        if features not in found:
            images = np.stack([one.prepared(cast(Features, features)) for one in drawings])
            found[features] = inputs(images, features)
        return found[features]


def _answers(found: Mapping[str, Any], labels: Labels) -> Answers:
    return Answers(found["iteration"], labels, found["log_probabilities"])


def told(moment: Moment, wanted: Wanted) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Return what a moment says of what is chosen, as JSON, and the pictures and probabilities of one page of it."""
    found: dict[str, Any] = {
        "source": moment.source,
        "cell": wanted.cell,
        "other": None,
        "others": [{"key": one.key, "name": one.name} for one in moment.offered],
        "drawings": len(moment.drawings),
        "features": moment.features,
        "heldOut": moment.held_out,
        "of": len(moment.pictures),
    }
    answers, theirs = moment.answers, moment.theirs
    if answers is None:
        return found, {}
    found |= {"iteration": answers.iteration, "taught": moment.taught, "known": answers.known}
    if not answers.known:
        return found, {}
    all_of_it = answers.chosen(wanted.cell)
    start = min(wanted.start, max(0, len(all_of_it) - 1) // PAGE * PAGE)
    page = all_of_it[start : start + PAGE]
    if moment.other and theirs:
        found["other"] = {
            "key": moment.other.key,
            "name": moment.other.name,
            "iteration": theirs.iteration,
            "beside": answers.beside(theirs).tolist() if theirs.known else None,
        }
    found |= {
        "matrix": answers.matrix.tolist(),
        "start": start,
        "among": len(all_of_it),
        "images": [
            {
                **_named(moment, index),
                "label": int(answers.labels[index]),
                "answer": int(answers.predicted[index]),
                "other": int(theirs.predicted[index]) if theirs and theirs.known else None,
            }
            for index in page.tolist()
        ],
    }
    pictures = moment.pictures[page].reshape(-1)
    return found, {"mistakePictures": pictures, "mistakeShares": answers.probabilities(page).reshape(-1)}


def _named(moment: Moment, index: int) -> dict[str, Any]:
    """Return an image's title, and the value by which it is made the picture in question; None where it cannot be."""
    if moment.source == "test":
        return {"title": f"Test image {index}", "value": str(index)}
    value = f"{OWN_PREFIX}{index}" if moment.drawings[index].strokes else None
    return {"title": f"Drawing {index + 1}", "value": value}
