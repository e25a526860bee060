"""What a visitor may do on a page: each act is done in the browser, and noted with what must come of it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import numpy as np
from playwright.sync_api import expect
from truth.core import Rate, Teaching
from truth.visit import Outcome, RaceStory, Visit
from truth.walk import CopyStory
from visits import click, draw

from lrdemo.advice import advise
from lrdemo.digit import ink_from_rgba
from lrdemo.drawings.own import own_drawing
from lrdemo.recipes import OF_A_RECIPE
from lrdemo.settings import Settings, changed
from lrdemo.ui.server.choice import TEST_IMAGES
from lrdemo.ui.server.picture import BLANK, picture_of
from lrdemo.ui.settings_panel import LEARNING_RATES, PACES, READY_MADE

Act = Callable[[], None]

STROKES: tuple[list[list[tuple[int, int]]], ...] = (
    [[(70, 60), (210, 60), (120, 230)]],
    [[(140, 50), (138, 150), (136, 230)]],
    [[(120, 40), (60, 160), (215, 160)], [(170, 90), (165, 240)]],
)
"""A seven, a one and a four, in 280ths of the pad."""
TAPPED_STEPS, TAPPED_COPIES = 100, 20
"""What a tap on a digit teaches."""
TRAINING = ("running", "finished")
"""A short run may be at its end before anyone looks."""
PACE = 100
SETTINGS = {
    "seed": ("Seed", (3, 17)), "batch_size": ("Batch size", (50, 200)), "held_out": ("Held-out images", (0, 3_000)),
    "momentum": ("Momentum", (0.0, 0.5)),
}  # fmt: skip
CHANGES = (
    ("Shift right", "ArrowRight", 4, {"right": 2.0}),
    ("Turn", "ArrowLeft", 9, {"turn": -9.0}),
    ("Blur", "ArrowRight", 5, {"blur": 0.5}),
)
QUESTIONS = {
    "evidence": "Why this answer?", "duel": "Why not another?", "change": "What would change it?",
}  # fmt: skip
RATES = ((0.05, 0.5), (0.01, 0.1, 1.0), (0.2, 5.0))


class Acts:
    """All acts of one visitor; what is left to chance comes from `chance`."""

    def __init__(self, visit: Visit, chance: random.Random) -> None:
        self.visit, self.page, self._chance = visit, visit.page, chance

    def possible(self) -> list[Act]:
        """Return what can be done on the open page, what is done more often more often."""
        visit = self.visit
        if visit.title == "Race":
            return self._of_the_race()
        if visit.title == "6 One step":
            return self._of_the_step()
        acts: list[Act] = {
            "ready": [self.start, self.start, self.step], "running": [self.pause, self.pause, self.step],
            "paused": [self.resume, self.step, self.step, self.reset], "finished": [self.start, self.reset],
        }[visit.state]  # fmt: skip
        if visit.title == "Train":
            acts = acts + self._of_the_choices()
        elif visit.title == "Draw":
            acts = acts + self._of_the_pad()
        elif visit.title == "What breaks it":
            acts = acts + [self.change_images] * 2
        return acts

    # The transport line

    def start(self) -> None:
        """Press Start, and wait until it trains."""
        visit, label = self.visit, "Start again" if self.visit.state == "finished" else "Start"
        if visit.iteration or visit.story.taught:
            visit.begin_again()
        click(self.page, label)
        self._trains()

    def _trains(self) -> None:
        visit = self.visit
        visit.state = "running"
        visit.frame(state=lambda now: now in TRAINING, iteration=bool, revision=lambda found: found >= visit.revision)

    def pause(self) -> None:
        """Press Pause."""
        click(self.page, "Pause")
        self.visit.stands("paused")

    def resume(self) -> None:
        """Press Resume, and wait until it trains on."""
        before = self.visit.iteration
        click(self.page, "Resume")
        self.visit.state = "running"
        self.visit.frame(iteration=lambda at: at > before)

    def step(self) -> None:
        """Take 1, 10 or 100 steps, also of a run that trains, which then stands."""
        visit, count = self.visit, self._chance.choice((1, 10, 100))
        click(self.page, f"Step {count}")
        self.page.keyboard.press("Escape")
        if visit.running:
            visit.stands("paused")
        else:
            visit.iteration = min(visit.iteration + count, visit.story.settings.iterations)
            visit.state = "finished" if visit.iteration == visit.story.settings.iterations else "paused"

    def reset(self) -> None:
        """Press Reset."""
        self.visit.begin_again()
        click(self.page, "Reset")

    # Train

    def _of_the_choices(self) -> list[Act]:
        visit = self.visit
        acts: list[Act] = [self.change_rate, self.change_rate, self.choose_picture]
        if visit.state == "running":
            return [*acts, self.let_it_end]
        if visit.draft.pace != PACE:
            return [self.watch]
        acts += [self.change_setting, self.take_recipe]
        if not visit.pending and visit.state != "ready":
            acts += [self.follow_advice]
        if visit.state == "ready" and not visit.story.taught:
            acts += [self.guess_and_start]
        return acts

    def change_rate(self) -> None:
        """Move the slider of the learning rate by one mark."""
        visit = self.visit
        marks = sorted({*LEARNING_RATES, visit.draft.learning_rate})
        place = marks.index(visit.draft.learning_rate)
        keys = {"ArrowRight": place + 1, "ArrowLeft": place - 1}
        key = self._chance.choice([key for key, at in keys.items() if 0 <= at < len(marks)])
        self.page.get_by_role("slider", name="Learning rate").press(key)
        self._choose(learning_rate=marks[keys[key]])

    def _choose(self, **values: float) -> None:
        """Note other choices; of those the learning rate and the pace apply now."""
        visit = self.visit
        former, visit.draft = visit.draft.learning_rate, changed(visit.draft, **values)
        rate = visit.draft.learning_rate
        if visit.state == "ready":
            visit.begin_again()
        elif rate != former:
            at = visit.iteration
            if visit.running:
                # Of a run that trains the address says at which iteration it was.
                wanted = re.compile(rf"(\d+)%3A{re.escape(f'{rate:g}')}(?:&|$)")
                expect(self.page).to_have_url(wanted)
                at = int(wanted.findall(self.page.url)[-1])
            visit.story.events.append((at, Rate(rate)))

    def change_setting(self) -> None:
        """Change one of the settings behind More."""
        visit, name = self.visit, self._chance.choice(list(SETTINGS))
        label, values = SETTINGS[name]
        value = self._chance.choice([one for one in values if one != getattr(visit.draft, name)])
        self.page.get_by_role("button", name="More", exact=True).click()
        field = self.page.get_by_role("spinbutton", name=label, exact=True)
        field.fill(str(value))
        field.press("Enter")
        self._choose(**{name: value})
        text = visit.draft.to_url().get(name)
        expect(self.page).to_have_url(re.compile(rf"\b{name}={text}\b" if text else rf"^(?!.*\b{name}=)"))
        self.page.keyboard.press("Escape")

    def take_recipe(self) -> None:
        """Choose ready-made settings."""
        name = self._chance.choice(("good (A): 90\N{NO-BREAK SPACE}%", "too high"))
        self.page.get_by_role("button", name=re.compile("^Recipe")).click()
        self.page.get_by_role("menuitem", name=name, exact=True).click()
        expect(self.page.locator(".st-key-recipe")).to_contain_text(f"Recipe: {name}")
        self._choose(**{one: getattr(READY_MADE[name], one) for one in OF_A_RECIPE})

    def follow_advice(self) -> None:
        """Press the button at the loss curve, if there is one."""
        visit = self.visit
        core = visit.core(visit.iteration)
        found = advise(core.settings, core.trainer.learning_rate, visit.state, core.loss)
        if found is None or not found.label:
            return
        if found.restarts:
            visit.draft = changed(visit.draft, **found.change)
            visit.begin_again()
        self.page.locator(".advice button").click()
        if not found.restarts:
            self._choose(**found.change)
            return
        self._trains()

    def let_it_end(self) -> None:
        """Train at full speed, until the end."""
        self.page.get_by_role("slider", name="Pace").press("End")
        self._choose(pace=PACES[-1])
        self.visit.stands("finished")

    def watch(self) -> None:
        """Choose the usual pace again."""
        slider = self.page.get_by_role("slider", name="Pace")
        slider.press("Home")
        for pace in PACES[1 : PACES.index(PACE) + 1]:
            slider.press("ArrowRight")
            expect(self.page.get_by_text(f"{pace} per second", exact=True).first).to_be_visible()
        self._choose(pace=PACE)

    def choose_picture(self) -> None:
        """Take one of the test images that are offered."""
        place = self._chance.randrange(len(TEST_IMAGES))
        self.page.locator(".choice .picture").nth(place).click()
        self.visit.chosen = picture_of(list(TEST_IMAGES)[place])

    def guess_and_start(self) -> None:
        """Guess 50 % twice, then press Start."""
        self.page.locator(".guess").get_by_role("button", name="Guess", exact=True).click()
        self.visit.guessed = True
        self.start()

    # Draw

    def _of_the_pad(self) -> list[Act]:
        visit = self.visit
        acts: list[Act] = [self.draw, self.draw, self.take_test_image, self.set_threshold]
        if visit.shown is None:
            return acts
        acts += [self.ask_why]
        if visit.state != "running" and visit.picture.drawn:
            acts += [self.tap, self.tap]
        if visit.state != "running" and visit.outcome is not None and visit.story.taught:
            acts += [self.undo_teaching] * 2
        return acts

    def draw(self) -> None:
        """Draw a digit on an empty pad."""
        visit = self.visit
        if not visit.picture.drawn:
            click(self.page, "Back to my drawing")
            expect(self.page.locator(".test-image")).to_be_hidden()
        if visit.drawn is not BLANK:
            click(self.page, "Clear")
            expect(self.page.locator(".words")).to_have_text("Draw a digit.")
        for stroke in self._chance.choice(STROKES):
            before, shift = visit.drawn, self._chance.randint(-8, 8)
            draw(self.page, [(x + shift, y - shift) for x, y in stroke])
            visit.wait(lambda before=before: visit.drawn is not before)  # type: ignore[misc]
        visit.chosen = visit.drawn

    def take_test_image(self) -> None:
        """Take a test image by its number."""
        index = self._chance.randrange(10_000)
        field = self.page.get_by_role("spinbutton", name="Test image, 0 to 9,999")
        field.fill(str(index))
        field.press("Enter")
        self.visit.chosen = picture_of(index)

    def set_threshold(self) -> None:
        """Have it answer only when it is sure enough."""
        visit = self.visit
        key, value = ("Home", 0.0) if visit.threshold else ("End", 0.99)
        self.page.get_by_role("slider", name="Say “I don’t know” below").press(key)
        visit.threshold = value

    def ask_why(self) -> None:
        """Ask one of the three questions about a digit."""
        kind, digit = self._chance.choice(list(QUESTIONS)), self._chance.randrange(10)
        pressed = self.page.locator(".why .kind[aria-pressed=true]")
        if pressed.count():
            pressed.click()
            self.visit.frame(why=None)
        self.page.get_by_role("button", name=QUESTIONS[kind], exact=True).click()
        self.page.locator(".bars .ask").nth(digit).click()
        self.visit.why = kind, digit
        self.visit.frame(why=lambda found: found and digit in (found.get("first"), found.get("second")))

    def tap(self) -> None:
        """Teach it the drawing by a tap on a digit."""
        visit, digit = self.visit, self._chance.randrange(10)
        before, features = visit.core(visit.iteration), visit.story.settings.features
        if visit.tapped is visit.picture:
            visit.drawings.pop()
        drawing = own_drawing(digit, visit.picture.strokes, ink_from_rgba(visit.picture.pixels))
        visit.drawings.append(drawing)
        visit.tapped = visit.picture
        varied = [one.variations(features) for one in visit.drawings]  # type: ignore[arg-type]
        labels = np.repeat([one.label for one in visit.drawings], [len(part) for part in varied])
        lesson = Teaching(np.concatenate(varied), labels, TAPPED_STEPS, TAPPED_COPIES)
        self.page.locator(f".st-key-tap_{digit} button").click()
        visit.story.events.append((visit.iteration, lesson))
        visit.outcome = Outcome(before, visit.core(visit.iteration), drawing)

    def undo_teaching(self) -> None:
        """Undo the latest teaching, also when it has trained since."""
        visit = self.visit
        assert visit.outcome is not None
        before = visit.core(visit.iteration)
        self.page.locator(".st-key-tap_undo button").click()
        if visit.story.untaught() < visit.iteration:
            # Trained once more from the start; guesses belong to the run as it was.
            visit.revision, visit.guessed = visit.revision + 1, False
        visit.outcome = Outcome(before, visit.core(visit.iteration), visit.outcome.drawing, undone=True)

    # What breaks it

    def change_images(self) -> None:
        """Move a slider, or undo what was changed."""
        visit = self.visit
        if visit.change:
            click(self.page, "Undo all changes")
            visit.change = {}
            return
        name, key, times, change = self._chance.choice(CHANGES)
        for _ in range(times):
            self.page.get_by_role("slider", name=name).press(key)
        visit.change = dict(change)
        if self._chance.random() < 0.4:
            self.page.get_by_role("checkbox", name="Invert").check()
            visit.change["invert"] = True

    # One step

    def _of_the_step(self) -> list[Act]:
        visit, copy = self.visit, self._copy
        acts: list[Act] = [self.next_minibatch] * 3 if copy.taken else [self.take_the_step] * 3
        there = self._in_step
        if there and not copy.steps and copy.difference is None and visit.state in ("ready", "paused"):
            acts += [self.take_for_real] * 3
        if not there or copy.steps:
            acts += [self.copy_again]
        return acts

    @property
    def _copy(self) -> CopyStory:
        assert self.visit.copy is not None
        return self.visit.copy

    @property
    def _in_step(self) -> bool:
        return self._copy.place == self.visit.now and not self.visit.running

    def take_the_step(self) -> None:
        """Take the step that is shown on the copy."""
        click(self.page, "Take the step")
        expect(self.page.get_by_role("button", name="Next minibatch")).to_be_visible()
        self._copy.taken = True

    def take_for_real(self) -> None:
        """Have the run take it as well."""
        visit, copy = self.visit, self._copy
        if copy.rate != visit.story.learning_rate:
            self._choose(learning_rate=copy.rate)
        click(self.page, "Take it for real")
        expect(self.page.get_by_role("button", name="Take it for real")).to_be_disabled()
        visit.iteration += 1
        visit.state = "finished" if visit.iteration == visit.story.settings.iterations else "paused"
        copy.take_for_real(visit.core(visit.iteration), visit.now)

    def next_minibatch(self) -> None:
        """Go on to the next minibatch; where the run has taken the step, with a copy of where it is."""
        visit, copy = self.visit, self._copy
        click(self.page, "Next minibatch")
        expect(self.page.get_by_role("button", name="Take the step")).to_be_visible()
        if copy.difference is not None and self._in_step:
            visit.copy = CopyStory(visit.core(visit.iteration), visit.now)
        else:
            copy.go_on()

    def copy_again(self) -> None:
        """Copy the run as it is now."""
        before = self.page.locator(".st-key-lesson strong").nth(1).inner_text()
        click(self.page, "Copy the run again")
        if self.visit.running:
            expect(self.page.locator(".st-key-lesson strong").nth(1)).not_to_have_text(before)
            self.visit.copy_the_run()
        else:
            self.visit.copy = CopyStory(self.visit.core(self.visit.iteration), self.visit.now)

    # Race

    def _of_the_race(self) -> list[Act]:
        race = self._race
        acts: dict[str, list[Act]] = {
            "ready": [self.start_race] * 2, "running": [self.pause_race] * 2,
            "paused": [self.resume_race, self.reset_race], "finished": [self.reset_race],
        }  # fmt: skip
        return [*acts[race.state], self.choose_rates]

    @property
    def _race(self) -> RaceStory:
        assert self.visit.race is not None
        return self.visit.race

    def start_race(self) -> None:
        """Press Start race, and wait until it runs."""
        click(self.page, "Start race")
        self._race.state = "running"
        self.visit.frame(state=lambda now: now in TRAINING, iteration=bool)

    def pause_race(self) -> None:
        """Press Pause race."""
        click(self.page, "Pause race")
        self.visit.stands("paused")

    def resume_race(self) -> None:
        """Press Resume race, and wait until it goes on."""
        before = self._race.iteration
        click(self.page, "Resume race")
        self._race.state = "running"
        self.visit.frame(iteration=lambda at: at > before)

    def reset_race(self) -> None:
        """Press Reset race."""
        click(self.page, "Reset race")
        self.visit.race = RaceStory(self.visit.race_settings, self._race.rates)

    def choose_rates(self) -> None:
        """Type other rates."""
        rates = self._chance.choice([one for one in RATES if one != self._race.rates])
        field = self.page.get_by_label("Learning rates")
        field.fill(", ".join(f"{rate:g}" for rate in rates))
        field.press("Enter")
        self.visit.race = RaceStory(self.visit.race_settings, rates)


BEGIN = Settings(iterations=6_000, pace=PACE)
"""A minute: long enough to go to many pages while it trains."""
