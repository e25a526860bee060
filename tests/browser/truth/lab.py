"""What the transport line, Train, Inside and Race must say: the texts of each place."""

from __future__ import annotations

from typing import Any

from truth.core import Core, CoreRace, scale_limit, smoothed
from truth.text import FLOAT32, ROUNDING, TIE, count, fixed, percent, said, short

from lrdemo.advice import advise
from lrdemo.formats import NO_BREAK_SPACE
from lrdemo.recipes import Recipe
from lrdemo.verdict import judge

Wanted = dict[str, list[Any]]
"""By the name of a place: the texts, or numbers and sentences, that must stand there."""

STATES = {"ready": "Untrained: press Start", "running": "Training", "paused": "Paused", "finished": "Finished"}
BUTTONS = {"ready": "Start", "running": "Pause", "paused": "Resume", "finished": "Start again"}
STOP = "The loss has stayed above its start. Choose a lower learning rate or a lower momentum, then press Reset."
TAUGHT_ONLY = (
    "The model has learnt from your drawings and a few MNIST images. Press Start to train it from the beginning."
)


def images_of(core: Core) -> str:
    """Return what a run is tested on."""
    return "held-out images" if core.settings.held_out else "test images"


def said_at(core: Core | CoreRace, tested: int) -> str:
    """Return what is added where the last test is of an earlier iteration."""
    return "" if tested == core.iteration else f" at {tested:,}"


def strip(core: Core, state: str, pending: bool, tested: Core) -> Wanted:
    """Return what the transport line says; `tested` is the run at its last test."""
    settings, at = core.settings, said_at(core, tested.iteration)
    never, only_taught = state == "ready" and not core.taught, bool(core.taught and not core.iteration)
    words, note = STATES[state], ""
    if core.trainer.exploded:
        words = "Finished, but training has gone wrong" if state == "finished" else "Training has gone wrong"
        note = STOP
    else:
        if only_taught and state != "running":
            words = "Taught, untrained otherwise"
        if pending:
            note = "Changed settings apply at the next start or reset."
        elif state == "finished":
            linear = settings.model == "softmax" and settings.features == "pixels"
            note = "About 92.5\N{NO-BREAK SPACE}% is what a linear model on pixels can reach." if linear else ""
        elif only_taught:
            note = TAUGHT_ONLY
        elif never:
            note = "The model has learnt nothing yet."
    over = (count(core.iteration), count(settings.iterations))
    accuracy, per_epoch = percent(tested.test.accuracy, 2), settings.iterations_per_epoch
    epochs = (fixed(done / per_epoch, 2, TIE) for done in (core.iteration, settings.iterations))
    compared = settings.model == "softmax" and state != "running"
    return {
        "button": [BUTTONS[state]],
        "place": [said("{} of {}", *over)],
        "score": ["not trained yet" if never else accuracy],
        "judged": ["" if never else f"of {images_of(core)}{at}"],
        "state": [words],
        "note": [note],
        "done": [str(core.iteration)],
        "figures": [
            said("{} / {}", *over), said("{} / {}", *epochs),
            fixed(smoothed(core.loss), 3, ROUNDING), said(f"{{}}{at}", accuracy), "CPU",
            short(core.gradient_difference if compared else None, 2),
        ],
    }  # fmt: skip


def templates(core: Core) -> Wanted:
    """Return what is said of the pictures of the weights."""
    weight, bias = core.parameters[0][:10], core.parameters[1][:10]
    limit, space = short(scale_limit(weight), 2), NO_BREAK_SPACE
    words = (
        "10 pictures of weights after {} iterations. Ink on red raises the score, ink on blue lowers it; full colour "
        "is reached at {}."
    )
    return {
        "templates": [said(words, count(core.iteration), limit)],
        "scale": [said(f"≤{space}−{{}}: ink lowers the score", limit), said(f"≥{space}+{{}}: ink raises it", limit)],
        "biases": [said("bias {}", fixed(float(value), 3)) for value in bias],
    }


def published(recipe: Recipe | None, tested: Core) -> Wanted:
    """Return what stands in the table beside what was published; that of a recipe of one line, at the run's end."""
    if recipe is None or recipe.range is None:
        return {"held": []}
    assert not recipe.along
    low, high = recipe.range
    words = "not yet"
    if tested.iteration == recipe.settings.iterations:
        share = round(100 * tested.test.accuracy, 2)
        words = "inside" if low <= share <= high else "outside"
    here = "not yet" if words == "not yet" else fixed(100 * tested.test.accuracy, 2)
    line = [count(recipe.settings.iterations), recipe.published, here, f"{low:g} to {high:g}: {words}"]
    return {"held": [cell for cell in line if cell]}


def charts(core: Core, tested: Core, guessed: bool, recipe: Recipe | None, now: Core) -> Wanted:
    """Return how the two charts are described; both guesses are of 50 %. The curves are those of `now`."""
    over, on = (count(now.iteration), count(core.settings.iterations)), f"On the {images_of(core)}"
    back = "" if now is core else f"Looking back at {core.iteration:,}. "
    at = said_at(core, tested.iteration)
    loss = f"Loss over {{}} of {{}} iterations. {back}Train, smoothed: {{}}. {on}{at}: {{}}. Guessing gives 2.303."
    accuracy = f"Accuracy over {{}} of {{}} iterations. {back}{on}{at}: {{}}. Guessing gives 10\N{NO-BREAK SPACE}%."
    if guessed:
        guess = f"your guess 50{NO_BREAK_SPACE}%"
        accuracy += f" At 0: {guess}. At {core.settings.iterations:,}: {guess}."
    if recipe is not None and recipe.published:
        accuracy += " Published figures are marked; the recipe's table has them."
    return {
        "charts": [
            said(loss, *over, fixed(smoothed(core.loss), 3, ROUNDING), fixed(tested.test.loss, 3, ROUNDING)),
            said(accuracy, *over, percent(tested.test.accuracy, 2)),
        ]
    }


def readouts(core: Core) -> list[Any]:
    """Return what the two charts read out at their last point."""
    history, images, at = core.trainer.history, images_of(core), f"at {core.iteration:,}"
    losses = (float(history.loss[-1]), smoothed(history.loss), core.test.loss)
    hits = (smoothed(history.accuracy), core.test.accuracy)
    return [
        said(f"each minibatch {at}: {{}} · train, smoothed: {{}} · {images}: {{}}",
             *(fixed(loss, 3, ROUNDING) for loss in losses)),
        said(f"train, smoothed {at}: {{}} · {images}: {{}}", *(percent(share, 2, ROUNDING) for share in hits)),
    ]  # fmt: skip


def guess(core: Core, untrained: Core, state: str) -> Wanted:
    """Return what is said of the guesses, which are both of 50 %."""
    finished = state == "finished"
    words = f"{'Trained' if finished else 'Untrained'}: {{}}. You guessed 50{NO_BREAK_SPACE}%."
    return {"guessed": [said(words, percent((core if finished else untrained).test.accuracy, 1, FLOAT32))]}


def advice(core: Core, state: str) -> Wanted:
    """Return what is said at the loss curve, and what the button below is called."""
    found = advise(core.settings, core.trainer.learning_rate, state, core.loss)
    if found is None:
        return {"advice": [], "remedy": []}
    return {"advice": [found.text], "remedy": [found.label] if found.label else []}


def race(core: CoreRace, state: str) -> Wanted:
    """Return what the race's transport line and its page say."""
    verdicts = judge(core.settings, state, core.lanes)
    limits = [scale_limit(weights) for weights in core.weights]
    fair = [limit for limit, verdict in zip(limits, verdicts, strict=True) if not verdict.too_large]
    limit = short(max(fair) if fair else min(limits), 2)
    over = (count(core.iteration), count(core.settings.iterations))
    at, shares = said_at(core, core.tested), [percent(lane.tests[0].accuracy, 1, FLOAT32) for lane in core.lanes]
    words = [verdict.words if core.iteration else "" for verdict in verdicts]
    names = [str(short(lane.learning_rate)) for lane in core.lanes]

    def described(what: str, tested: str, values: list[Any]) -> Any:
        told = " ".join(f"Rate {name}: {{}}. {word}".strip() for name, word in zip(names, words, strict=True))
        return said(f"{what} over {{}} of {{}} iterations{tested}. {told}", *over, *values)

    leading = [number for number, verdict in enumerate(verdicts) if verdict.winner]
    winner: Any = "Which one do you bet on? Press Start race."
    if core.iteration and not leading:
        too_large = all(verdict.mark for verdict in verdicts)
        winner = "No rate is ahead: all their steps are too large." if too_large else "Too early to say who is ahead."
    elif core.iteration:
        winner = said(f"{names[leading[0]]} is ahead at iteration {core.tested:,}: {{}} correct.", shares[leading[0]])
    return {
        "button": [f"{BUTTONS[state]} race" if state != "finished" else "Start race again"],
        "place": [said("{} of {}", *over)],
        "state": [STATES[state]],
        "done": [str(core.iteration)],
        "winner": [winner],
        "correct": [f"correct{at}"],
        "lanes": shares,
        "verdicts": words,
        "charts": [
            described("Loss", "", [fixed(smoothed(lane.loss), 3, ROUNDING) for lane in core.lanes]),
            described("Accuracy", f", tested{at}" if at else "", shares),
        ],
        "race scale": [said("−{} or less", limit), said("+{} or more", limit)],
    }


def race_readouts(core: CoreRace) -> list[Any]:
    """Return what the race's two charts read out at their last point."""
    losses = [fixed(smoothed(lane.loss), 3, ROUNDING) for lane in core.lanes]
    hits = [percent(lane.tests[0].accuracy, 2) for lane in core.lanes]
    first, *others = [str(short(lane.learning_rate)) for lane in core.lanes]
    words = " · ".join([f"{first} at {core.iteration:,}: {{}}", *(f"{name}: {{}}" for name in others)])
    return [said(words, *values) for values in (losses, hits)]
