"""A visitor with one tab: what has been done so far, as the test knows it, and a look at the page that is open."""

from __future__ import annotations

import base64
import io
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from truth.core import Core, CoreRace, Story
from truth.places import MOMENTS, OF_THE_PICTURE, ONLY, PAGES
from truth.walk import CopyStory

from lrdemo.data import Digits
from lrdemo.drawings.own import OwnDrawing
from lrdemo.serving.frames import Shown
from lrdemo.settings import TABLE, Settings, changed
from lrdemo.ui.draw.strokes import strokes_of
from lrdemo.ui.navigation import LAB, PLACES
from lrdemo.ui.server.picture import BLANK, DRAWING, Picture, picture_of, shown
from lrdemo.verdict import DEFAULT_RATES

READ = Path(__file__).with_name("read.js").read_text(encoding="utf-8")
PATIENCE_SECONDS = 60.0
KEPT = 6


@dataclass
class RaceStory:
    """The visitor's race, as far as it has come."""

    settings: Settings
    rates: tuple[float, ...]
    state: str = "ready"
    iteration: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came of the latest teaching, or of its undoing: the model before and after, and the drawing."""

    before: Core
    after: Core
    drawing: OwnDrawing
    undone: bool = False


class Visit:
    """What a visitor has done, and what must come of it."""

    def __init__(self, page: Page, url: str, digits: Digits) -> None:
        self.page, self._url, self._digits = page, url, digits
        self.done: list[str] = []
        """The acts so far, for a failure to be told."""
        self.drawn = BLANK
        """The canvas as it has told the server last."""
        self._cores: dict[tuple[object, ...], Core] = {}
        page.on("websocket", lambda socket: socket.on("framesent", self._heard))

    def open(self, title: str, settings: Settings) -> None:
        """Begin a new visit at a page's own address."""
        self.draft, self.story = settings, Story(settings)
        self.state, self.iteration, self.revision = "ready", 0, 1
        self.back: int | None = None
        """The earlier iteration that is looked at."""
        self.chosen: Picture | None = None
        self.threshold = 0.0
        self.drawings: list[OwnDrawing] = []
        self.tapped: Picture | None = None
        self.outcome: Outcome | None = None
        self.guessed = False
        self.race: RaceStory | None = None
        self.copy: CopyStory | None = None
        """The copy that steps are taken on by hand, once there is one."""
        self.former = ""
        self.drawn = BLANK
        place = next(place for place in PLACES if place.title == title)
        path = "" if place is LAB[0] else place.file.removesuffix(".py")
        self.page.goto(f"{self._url}/{path}?{'&'.join(f'{name}={text}' for name, text in settings.to_url().items())}")
        self._arrived(title)

    def go(self, title: str) -> None:
        """Follow the navigation to another page."""
        role: Literal["link", "menuitem"] = "link" if title in {place.title for place in LAB} else "menuitem"
        if role == "menuitem":
            self.page.get_by_role("button", name="Lesson", exact=True).click()
        self.page.get_by_role(role, name=title, exact=True).click()
        self._arrived(title)

    def _arrived(self, title: str) -> None:
        expect(self.page).to_have_title(f"{title} · lrdemo")
        self.title = title
        self.why: tuple[str, int] | None = None
        self.change: dict[str, Any] = {}
        if title == "Draw" and self.chosen is None:
            self.chosen = BLANK
        if title in ("Train", "What breaks it", *OF_THE_PICTURE) and self.shown is None:
            self.chosen = None
        if title == "6 One step" and self.copy is None:
            self.copy_the_run()
        if title == "Race" and (self.race is None or self.race.state == "ready"):
            self.race = RaceStory(self.race_settings, self.race.rates if self.race else DEFAULT_RATES)

    def copy_the_run(self) -> None:
        """Note that the page has just copied the run; of one that trains the page says at which iteration."""
        place = self.page.locator(".st-key-lesson strong").filter(has_text=re.compile(r"^iteration [\d,]+")).first
        expect(place).to_be_visible()
        at = int(re.findall(r"[\d,]+", place.inner_text())[0].replace(",", ""))
        self.copy = CopyStory(self.core(at), (self.story, at, self.story.taught))

    @property
    def picture(self) -> Picture:
        """Return the picture in question."""
        return self.chosen or picture_of(0)

    @property
    def shown(self) -> Shown | None:
        """Return what the model gets, None for an empty pad."""
        return shown(self.picture, self.story.settings, self.threshold)

    @property
    def pending(self) -> bool:
        """Return whether the choices differ from what the run was started with."""
        now = {name: getattr(self.story.settings, name) for name, one in TABLE.items() if one.applies == "now"}
        return changed(self.draft, **now) != self.story.settings

    @property
    def race_settings(self) -> Settings:
        """Return the settings of a race that begins now."""
        held_out = self.draft.held_out or 5_000
        return changed(self.draft, model="softmax", optimiser="sgd", gradient="by-hand", changes="", held_out=held_out)

    @property
    def running(self) -> bool:
        """Return whether what the open page shows is training."""
        return (self.race if self.title == "Race" and self.race else self).state == "running"

    def stands(self, *states: str) -> None:
        """Wait until what the page shows stands in one of these states, and note where."""
        found = self.frame(state=lambda state: state in states, testIteration=lambda at: at is not None)
        shown = self.race if self.title == "Race" and self.race else self
        shown.state, shown.iteration = found["state"], found["iteration"]

    @property
    def at(self) -> int:
        """Return the iteration that the pages show."""
        return self.iteration if self.back is None else self.back

    @property
    def now(self) -> tuple[Story, int, int]:
        """Return what is another as soon as the run has moved on, begun again or been taught."""
        return self.story, self.iteration, self.story.taught

    @property
    def followed_class(self) -> int:
        """Return the class that is followed through a step by hand, on its page."""
        chosen = self.page.locator(".st-key-step_class [aria-checked=true]")
        return int(chosen.inner_text()) if self.title == "6 One step" else -1

    @property
    def moment(self) -> str:
        """Return what the page's own sections say of their moment, nothing where there are none."""
        return next(iter(self.read()["numbers"].get(MOMENTS.get(self.title, ""), [])), "")

    def begin_again(self) -> None:
        """Note that the run is at its start, with what is chosen."""
        self.story, self.state, self.iteration = Story(self.draft), "ready", 0
        self.revision += 1
        self.outcome, self.guessed = None, False
        self.former = self.moment

    def core(self, iteration: int) -> Core:
        """Return the run at one iteration."""
        key = (self.story.settings, tuple((at, id(what)) for at, what in self.story.events), iteration)
        if key not in self._cores:
            while len(self._cores) >= KEPT:
                del self._cores[next(iter(self._cores))]
            self._cores[key] = Core(self.story, iteration, self._digits)
        return self._cores[key]

    def core_race(self, iteration: int, tested: int) -> CoreRace:
        """Return the race at one iteration, tested at another."""
        assert self.race is not None
        return CoreRace(self.race.settings, self.race.rates, iteration, tested, self._digits)

    def read(self) -> dict[str, Any]:
        """Read all places of the page at one moment, and the latest frame."""
        found: dict[str, Any] = self.page.evaluate(READ, PAGES[self.title])
        for name, wanted in ONLY.items():
            if name in found["numbers"]:
                found["numbers"][name] = [text for text in found["numbers"][name] if re.search(wanted, text)]
        if "first row" in found["numbers"]:
            # The columns behind the scores may have no room.
            found["numbers"]["first row"] = found["numbers"]["first row"][:11]
        return found

    def frame(self, **wanted: Any) -> dict[str, Any]:
        """Wait until the latest frame of the page's run is as wanted, with its test, and return it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            frame: dict[str, Any] = self.read()["frame"] or {}
            if all(value(frame.get(name)) if callable(value) else frame.get(name) == value
                   for name, value in wanted.items()):  # fmt: skip
                return frame
            assert time.monotonic() < deadline, f"after {self.done[-4:]}, not {list(wanted)}: {frame}"
            self.page.wait_for_timeout(20)

    def wait(self, true: Callable[[], bool]) -> None:
        """Let the page's events come until something is true."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not true():
            assert time.monotonic() < deadline, f"waited in vain after {self.done[-4:]}"
            self.page.wait_for_timeout(20)

    def _heard(self, payload: str | bytes) -> None:
        """Note what the canvas tells the server: with that the model's input is known to the last digit."""
        if isinstance(payload, str):
            return
        message = BackMsg()
        message.ParseFromString(payload)
        for widget in message.rerun_script.widget_states.widgets:
            held = json.loads(widget.json_value) if re.search(r"-canvas_\d+$", widget.id) else {}
            drawing = held.get("drawing")
            if drawing and drawing["data"]:
                image = Image.open(io.BytesIO(base64.b64decode(drawing["data"].split(";base64,")[1])))
                rgba = np.asarray(image)
                if not np.array_equal(rgba, self.drawn.pixels):
                    self.drawn = Picture(DRAWING, rgba, strokes_of(drawing["raw"], rgba))
