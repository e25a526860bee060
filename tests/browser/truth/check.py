"""Whether all numbers of the open page are the core's: where it stands still, and while it trains."""

from __future__ import annotations

import re
import time
from typing import Any

from truth import answers, lab, lesson
from truth.core import Core
from truth.lab import Wanted
from truth.places import MOMENTS, OF_THE_PICTURE
from truth.text import fits
from truth.visit import PATIENCE_SECONDS, Visit

from lrdemo.formats import count, short
from lrdemo.recipes import OF_A_RECIPE, RECIPES, recipe_of
from lrdemo.ui.settings_panel import length

Wrong = dict[str, list[str]]

LAST_SECONDS = 15
"""A run that ends sooner is not read while it trains, and no act begins on it."""
STALE_SECONDS = 1.0
SOON = {"button", "figure", "readouts"}
"""What may follow a moment later: the server draws the button anew, and Streamlit's charts are lazy."""


def page(visit: Visit) -> None:
    """Check all numbers of the open page."""
    if visit.running and not ended(visit):
        training(visit)
    else:
        standing(visit)


def ended(visit: Visit) -> bool:
    """Return whether the run has come to its end by itself, or does within the next seconds, which are waited for."""
    frame = visit.frame(state=lambda state: state in ("running", "finished"))
    left = frame["iterations"] - frame["iteration"]
    if frame["pace"] and left > LAST_SECONDS * frame["pace"]:
        return False
    visit.stands("finished")
    return True


def standing(visit: Visit) -> None:
    """Wait until the page is where the run stands. From then on every number must be right within a second."""
    race = visit.race if visit.title == "Race" else None
    follows = visit.followed_class  # First: what is read of the page below may be newer, and is then looked at again.
    if race:
        core_race = visit.core_race(race.iteration, race.iteration)
        wanted, readouts = lab.race(core_race, race.state), lambda: lab.race_readouts(core_race)
    else:
        core = visit.core(visit.at)
        wanted, readouts = numbers_of(visit, core, core, core), lambda: lab.readouts(core)
    facts = facts_of(visit)
    deadline, since = time.monotonic() + PATIENCE_SECONDS, None
    while True:
        found = visit.read()
        if not race and visit.followed_class != follows:
            # Of the next minibatch the page follows another class.
            follows, wanted = visit.followed_class, numbers_of(visit, core, core, core)
            continue
        late, wrong = unlike(found["frame"], facts), differences(found["numbers"], wanted)
        if found["quiet"] and not late and not wrong:
            break
        # What the server draws comes on another way than the frames, so a moment later.
        if found["quiet"] and not late and is_there(visit, found["numbers"], wanted) and set(wrong) - SOON:
            since = since or time.monotonic()
            assert time.monotonic() - since < STALE_SECONDS, told(visit, wrong)
        else:
            since = None
        assert time.monotonic() < deadline, f"not in time: {late}\n{told(visit, wrong)}"
        visit.page.wait_for_timeout(20)
    if visit.title in ("Train", "Race") and (race.iteration if race else visit.iteration) and visit.back is None:
        for place, line in enumerate(readouts()):
            visit.page.locator(".chart canvas").nth(place).press("End")
            deadline = time.monotonic() + STALE_SECONDS
            while not fits(read := visit.read()["numbers"]["readouts"][place], line):
                assert time.monotonic() < deadline, told(visit, {"readouts": [f"{read!r}, not {str(line)!r}"]})


def training(visit: Visit) -> None:
    """Read the page while it trains: every number must be of the iteration that is said with it."""
    moving = {"iteration": bool, "reached": bool, "testIteration": lambda at: at is not None}
    facts = facts_of(visit) | moving
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = visit.read()
        frame, numbers = found["frame"], found["numbers"]
        section, said = said_iteration(visit, numbers), numbers.get(MOMENTS.get(visit.title, ""), [""])
        if found["quiet"] and not unlike(frame, facts) and section != 0 and is_whole(visit, numbers):
            if visit.title not in MOMENTS or said[0] != visit.former:
                break
        assert time.monotonic() < deadline, f"not in time: {unlike(frame, facts)}\n{told(visit, {})}"
        visit.page.wait_for_timeout(20)
    at, tested = frame["iteration"], frame["testIteration"]
    if visit.title == "Race":
        wanted = lab.race(visit.core_race(at, tested), "running")
    else:
        core = visit.core(at)
        wanted = numbers_of(visit, core, visit.core(tested), core if section is None else visit.core(section))
    # Advice on a run that trains may be half a second old: it says what to do, and no number of this iteration.
    wrong = differences(numbers, {name: texts for name, texts in wanted.items() if name not in SOON | {"advice"}})
    assert not wrong, told(visit, wrong)


def facts_of(visit: Visit) -> dict[str, Any]:
    """Return by what a frame shows that all that was done has come to the page."""
    if visit.title == "Race":
        race = visit.race
        assert race is not None
        return {"iteration": race.iteration, "testIteration": race.iteration, "state": race.state, "busy": False,
                "rates": list(race.rates)}  # fmt: skip
    facts: dict[str, Any] = {
        "iteration": visit.at, "testIteration": visit.at, "reached": visit.iteration, "wanted": visit.back,
        "state": visit.state, "busy": False, "learningRate": visit.story.learning_rate, "pen": False,
        "taught": visit.story.taught if visit.back is None else visit.core(visit.back).taught,
        "revision": lambda found: found is not None and found >= visit.revision,
    }  # fmt: skip
    if visit.title in ("Train", "Draw", *OF_THE_PICTURE) and visit.shown is not None:
        facts |= {"shown": visit.shown.title, "threshold": visit.threshold}
    if visit.title == "What breaks it" and visit.shown is not None:
        facts |= {"broken": lambda found: bool(found) and (found["title"], changed_to(found)) == (
            visit.shown.title, visit.change)}  # fmt: skip
    return facts


def changed_to(broken: dict[str, Any]) -> dict[str, Any]:
    """Return what the sliders have changed in the picture and all test images."""
    neutral = {"scale": 1, "prepared": "as trained"}
    return {name: value for name, value in broken["values"].items() if value != neutral.get(name, 0)}


def unlike(frame: dict[str, Any] | None, facts: dict[str, Any]) -> list[str]:
    """Return in what a frame is not yet as it must become."""
    if frame is None:
        return ["no frame"]
    frame = frame | {"rates": [lane["learningRate"] for lane in frame.get("lanes", [])]}

    def fine(name: str, wanted: Any) -> bool:
        return bool(wanted(frame.get(name))) if callable(wanted) else bool(frame.get(name) == wanted)

    return [f"{name} is {frame.get(name)}" for name, wanted in facts.items() if not fine(name, wanted)]


def numbers_of(visit: Visit, core: Core, tested: Core, section: Core) -> Wanted:
    """Return what must stand on the open page; its sections may be of another iteration than its live view."""
    state, picture = visit.state, visit.shown
    wanted = lab.strip(core, state, visit.pending, tested)
    now = core
    if visit.back is not None:
        now, at = visit.core(visit.iteration), f"{visit.iteration:,}"
        wanted |= {"state": ["Looking back"], "note": [f"The run stands at {at}."]}
    if visit.title == "Train":
        recipe = None if visit.story.events else recipe_of(core.settings)
        wanted |= answers.answer(core, tested, picture) | lab.templates(core)
        wanted |= lab.published(recipe, tested if now is core else now)
        wanted |= lab.charts(core, tested, visit.guessed, recipe, now) | lab.advice(now, state) | choices(visit)
        if visit.guessed:
            wanted |= lab.guess(core, visit.core(0), state)
    elif visit.title == "Inside":
        wanted |= lab.templates(core)
    elif visit.title == "Draw":
        wanted |= answers.answer(core, tested, picture) | answers.how_sure(section, visit.threshold)
        wanted |= {"outcome": outcome_of(visit)}
        if visit.why is not None and picture is not None:
            wanted |= answers.why(core, tested, picture, *visit.why)
    elif visit.title == "Mistakes":
        wanted |= answers.mistakes(section)
    elif visit.title == "What breaks it" and picture is not None:
        wanted |= answers.breaking(section, picture, visit.change)
    elif visit.title == "3 Scores":
        wanted |= lesson.machine(core, tested, picture) | lesson.product(core, picture)
    elif visit.title == "4 The answer":
        wanted |= lesson.machine(core, tested, picture) | lesson.output(section)
    elif visit.title == "5 The cost":
        wanted |= lesson.machine(core, tested, picture) | lesson.mean(section)
    elif visit.title == "6 One step":
        assert visit.copy is not None
        wanted |= {"button": ["Next minibatch" if visit.copy.taken else "Take the step"]}
        wanted["state"] = [words.removesuffix(": press Start") for words in wanted["state"]]  # There is no Start.
        wanted |= lesson.one_step(visit.copy, visit.followed_class)
    return wanted


def choices(visit: Visit) -> Wanted:
    """Return what the choices on Train say."""
    draft = visit.draft
    pace = f"{count(draft.pace)} per second" if draft.pace else "full speed"
    same = (one.label for one in RECIPES if all(getattr(one.settings, s) == getattr(draft, s) for s in OF_A_RECIPE))
    return {
        "sliders": [short(draft.learning_rate), count(draft.iterations), pace],
        "recipe": [f"Recipe: {next(same, 'your own')}"],
        "length": [length(draft)],
    }


def outcome_of(visit: Visit) -> list[Any]:
    """Return what is said of the latest teaching, nothing where the run has begun again since."""
    found = visit.outcome
    if found is None:
        return []
    return answers.outcome(found.before, found.after, found.drawing, found.undone)


def differences(numbers: dict[str, list[str]], wanted: Wanted) -> Wrong:
    """Return what stands there and what should, place by place where they differ."""
    wrong = {}
    for name, texts in wanted.items():
        shown = numbers[name]
        found = [f"{one!r}, not {str(text)!r}" for one, text in zip(shown, texts, strict=False) if not fits(one, text)]
        if len(shown) != len(texts):
            found.append(f"{len(shown)} texts, not {len(texts)}: {shown}")
        if found:
            wrong[name] = found
    return wrong


def said_iteration(visit: Visit, numbers: dict[str, list[str]]) -> int | None:
    """Return of which iteration the page's own sections say they are, None where there are none."""
    texts = numbers.get(MOMENTS.get(visit.title, ""), [])
    found = re.search(r"(?:iteration |^)([\d,]+)", texts[0]) if texts else None
    return int(found[1].replace(",", "")) if found else None


def is_there(visit: Visit, numbers: dict[str, list[str]], wanted: Wanted) -> bool:
    """Return whether the page is whole, and its own sections say that they are of the moment where the run stands."""
    if visit.title == "What breaks it":
        return is_whole(visit, numbers) and said_iteration(visit, numbers) == visit.at
    place = MOMENTS.get(visit.title)
    return is_whole(visit, numbers) and (place is None or fits(numbers[place][0], wanted[place][0]))


def is_whole(visit: Visit, numbers: dict[str, list[str]]) -> bool:
    """Return whether every part of the page has come."""
    must = {
        "Train": ("charts", "templates", "recipe", "sliders", "length"), "Draw": ("metrics", "figure"),
        "Race": ("lanes", "charts"), "Inside": ("templates",), "What breaks it": ("told", "broken"),
        "3 Scores": ("z", "addition"), "4 The answer": ("z", "figure"), "5 The cost": ("z", "figure"),
        "6 One step": ("metrics", "cells", "z"), "Mistakes": ("matrix", "surest"),
    }[visit.title]  # fmt: skip
    return all(numbers[name] and all(numbers[name]) for name in ("button", "place", *must))


def told(visit: Visit, wrong: Wrong) -> str:
    """Return a failure in words."""
    lines = [f"  {name}: {line}" for name, found in wrong.items() for line in found]
    return "\n".join([f"{visit.title}, {visit.state} at {visit.iteration}, after {visit.done[-6:]}:", *lines])
