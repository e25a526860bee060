"""What is said of an answer, why it is given, how sure it is, what breaks it, and what teaching has changed."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from truth.core import Core, measured
from truth.lab import Wanted
from truth.text import OF_A_SCORE, OF_A_SHARE, ROUNDING, count, fixed, percent, said, short, signed

from lrdemo.answers.breaking import change_of, matrix, picture
from lrdemo.answers.explain import duel, evidence, smallest_flip
from lrdemo.drawings.own import OwnDrawing
from lrdemo.formats import NO_BREAK_SPACE
from lrdemo.serving.frames import Shown

MEANINGS = {
    "Sure": f"Sure: 90{NO_BREAK_SPACE}% or more.",
    "Probably": f"Probably: 60 to 90{NO_BREAK_SPACE}%.",
    "Unsure": f"Unsure: less than 60{NO_BREAK_SPACE}%.",
}
LOOKALIKES = {0: "An O looks like a 0.", 1: "An l, an I and a stroke look like a 1."}
ADDED = 1e-9
"""What sums of doubles may differ by."""


def a_digit(digit: int) -> str:
    """Return a digit with its article."""
    return "an 8" if digit == 8 else f"a {digit}"


def answer(core: Core, tested: Core, shown: Shown | None) -> Wanted:
    """Return what is said of the picture in question, None for an empty pad, by a run that was last tested so."""
    if shown is None:
        return {"asked": ["No picture yet"], "words": ["Draw a digit."], "probabilities": [""] * 10}
    scores = core.scores(shown.image)[0]
    return of_scores(core, scores, temperature(tested, shown), shown)


def temperature(tested: Core, shown: Shown) -> float:
    """Return what the scores are divided by: of a drawing a multiple of what the last test asks for."""
    return 1.0 if shown.factor is None else shown.factor * tested.temperature


def of_scores(core: Core, scores: Tensor, divisor: float, shown: Shown) -> Wanted:
    """Return what is said of an answer with these scores [10], divided by that."""
    probabilities = F.softmax(scores / divisor, dim=0)
    best = int(probabilities.argmax())
    share = percent(float(probabilities[best]), 1, OF_A_SHARE)
    level = round(1000 * float(probabilities[best])) / 1000
    but = reservation(best, shown) if level >= 0.9 else None
    word = "Sure" if level >= 0.9 and not but else "Probably" if level >= 0.6 else "Unsure"
    large, means, warning = str(best), "", shown.warning or ""
    words: Any = said(f"{'Doubtful' if warning else word}: {a_digit(best)}, with {{}}.", share)
    if not core.iteration and not core.taught:
        words, warning = f"Untrained: this {best} is a guess.", ""
    elif level < shown.threshold:
        large, words = "?", said(f"I don’t know: {best} at {{}} is below your threshold.", share)
    elif not warning:
        only = "Taught, not trained: it knows your drawings and little else."
        means = shown.advice or but or MEANINGS[word] if core.iteration else only
    tempered: Any = "Probability = softmax(logits)."
    if divisor != 1:
        of_drawings = f"on drawings 80{NO_BREAK_SPACE}% is right about 80 times in 100"
        tempered = said(f"Probability = softmax(logits / {{}}), so that {of_drawings}.", fixed(divisor, 2, ROUNDING))
    return {
        "asked": [f"{shown.title}, as the 28×28 pixels that the model gets"],
        "large": [large],
        "words": [words],
        "means": [means],
        "warning": [warning],
        "probabilities": [percent(float(p), 1, OF_A_SHARE) for p in probabilities],
        "logits": [fixed(float(score), 2, OF_A_SCORE) for score in scores],
        "best": [str(best)],
        "tempered": [tempered],
    }


def reservation(best: int, shown: Shown) -> str | None:
    """Return why the answer to a drawing is not called sure, whatever its probability."""
    if shown.factor is None:
        return None
    if shown.nearest is not None and shown.nearest != best:
        return f"Its shape is nearer to that of {a_digit(shown.nearest)}."
    if shown.unusual:
        return f"Its shape is unusual for {a_digit(best)}."
    return LOOKALIKES.get(best)


def why(core: Core, tested: Core, shown: Shown, kind: str, digit: int) -> Wanted:
    """Return the evidence for a digit, the duel of the answer with it, or the smallest change that makes it."""
    weight, bias = core.parameters
    first, second = torch.argsort(-core.scores(shown.image)[0], stable=True)[:2].tolist()
    if kind == "change":
        return _change(core, shown, None if digit == first else digit)
    x, rows, biases = (torch.as_tensor(part).double() for part in (shown.image.reshape(-1), weight, bias))
    text: Any = ""
    if kind == "evidence":
        parts, offset, error = x * rows[digit], biases[digit], evidence(shown.image, weight, bias, digit).error
        title = f"Why {digit}?" if digit == first else f"What speaks for {digit}?"
        names = ["pixels in favour", "pixels against", "sum of the evidence", "bias", f"logit of {digit}"]
    else:
        rival = second if digit == first else digit
        parts, offset = x * (rows[first] - rows[rival]), biases[first] - biases[rival]
        error = duel(shown.image, weight, bias, first, rival).error
        title = f"Why {first} and not {rival}?"
        names = [f"pixels for {first}", f"pixels for {rival}", "sum of the evidence", "difference of the biases",
                 f"logit of {first} − logit of {rival}"]  # fmt: skip
    favour, total = float(parts[parts > 0].sum()), float(parts.sum())
    logit = total + float(offset)
    if kind == "duel":
        divisor = temperature(tested, shown)
        times = math.exp(min(logit / divisor, 700))
        power: Any = fixed(logit)
        if divisor != 1:
            power = said("{} / {}", power, fixed(divisor, 2, ROUNDING))
        words = f"{first} is {{}} times as probable as {rival}: e^({{}})."
        text = said(words, short(times, 3, ADDED * times), power)
    additions = [
        said(f"{k}: {{}} {{}} = {{}}",
             *(signed(float(part), 4, ADDED) for part in (total, addend, total + addend)))
        for k, (total, addend) in enumerate(zip(rows @ x, biases, strict=True))
    ]  # fmt: skip
    rest = "Nothing is left out. The model adds 32-bit numbers, so here its result differs by {}."
    return {
        "why": [title],
        "sum names": names,
        "sums": [signed(value, 4, ADDED) for value in (favour, total - favour, total, float(offset), logit)],
        "explained": [text],
        "more": ["Evidence + bias = logit, of all ten digits:", *additions, said(rest, short(error, 1))],
    }


def _change(core: Core, shown: Shown, target: int | None) -> Wanted:
    flip = smallest_flip(shown.image, *core.parameters, target)
    title = f"What would make it {a_digit(flip.target)}?"
    if flip.real is None or flip.real_size is None:
        none = f"No picture of ink between 0 and 1 makes {flip.target} overtake {flip.answer}."
        return {"why": [title], "explained": [none]}
    words = (
        f"Slide to the end, and {flip.target} overtakes {flip.answer}. The smallest change has size {{}}, {{}} of the "
        "picture’s own; no pixel changes by more than {}."
    )
    share = flip.real_size / float(np.linalg.norm(shown.image.astype(np.float64)))
    most = float(np.abs(flip.real - shown.image).max())
    told = said(words, fixed(flip.real_size, 3, ADDED), percent(share, 0, ADDED), short(most, 2, ADDED))
    return {"why": [title], "explained": [told]}


def how_sure(core: Core, threshold: float) -> Wanted:
    """Return what is said of the threshold."""
    confidence = F.softmax(core.test_scores, dim=1).max(dim=1).values
    right = core.test_scores.argmax(dim=1) == core.tensors.test_labels
    answered = confidence >= threshold
    share = float(answered.double().mean())
    correct = float(right[answered].double().mean()) if answered.any() else None
    return {
        "metrics": [percent(share), percent(correct, 2), percent(core.on_test_images.accuracy, 2)],
        "moment": [f"On all 10,000 test images, at {core.moment}."],
        "figure": [said("At {}: {} answered.", percent(threshold, 0), percent(share))],
    }


def breaking(core: Core, shown: Shown, values: dict[str, Any]) -> Wanted:
    """Return what is said under a change that moves or inverts pixels."""
    change = change_of(values)
    assert not (change.noise or change.thickness) and change.prepared == "as trained"
    moved = core.tensors.test_images.double() @ torch.as_tensor(matrix(change)).double().T
    scores, labels = core.scores(1 - moved if change.invert else moved), core.tensors.test_labels
    test, plain = measured(core.iteration, scores, labels), core.on_test_images
    confidence = [float(F.softmax(one, dim=1).max(dim=1).values.mean()) for one in (core.test_scores, scores)]
    _, asked = picture(shown.image, change)
    found = core.scores(asked)[0]
    told = (
        f"At iteration {core.iteration:,}. Loss {{}} → {{}}, mean confidence {{}} → {{}}. "
        "Pixels of this picture: {} … {}."
    )
    of = "of {} test images, changed in the same way, are classified correctly. Unchanged: {}"
    return of_scores(core, found, 1.0, Shown(asked, asked.reshape(-1), shown.title)) | {
        "broken": [percent(test.accuracy)],
        "unbroken": [said(of, count(len(labels)), percent(plain.accuracy))],
        "told": [
            said(
                told, fixed(plain.loss, 2, ROUNDING), fixed(test.loss, 2, 1e-5 * test.loss),
                *(percent(one, 0, OF_A_SHARE) for one in confidence),
                *(short(float(one), 3) for one in (asked.min(), asked.max())),
            )
        ],
    }  # fmt: skip


class Digit:
    """Any digit: which of two answers comes first is chance where they are equally sure."""

    def fits(self, text: str) -> bool:
        """Return whether the text is one digit."""
        return re.fullmatch("[0-9]", text) is not None


def mistakes(core: Core) -> Wanted:
    """Return what is said of all test images, and of the twelve surest of the mistakes."""
    labels, answers = core.tensors.test_labels, core.test_scores.argmax(dim=1)
    counts = torch.bincount(10 * labels + answers, minlength=100).view(10, 10)
    right, of = counts.diagonal().tolist(), counts.sum(dim=1).tolist()
    wrong = F.softmax(core.test_scores[answers != labels].double(), dim=1).max(dim=1).values
    guesses = "" if core.iteration or core.taught else " the untrained model guesses"
    words = f"At {core.moment}{guesses}: right on {{}} of 10,000 test images ({{}}), wrong on {{}}."
    return {
        "at": [said(words, count(sum(right)), percent(sum(right) / 10_000, 2), count(10_000 - sum(right)))],
        "matrix": [count(number) for number in counts.flatten().tolist()],
        "rates": [percent(one / all_of_it) for one, all_of_it in zip(right, of, strict=True)],
        "counted": [said("{} of {}", count(one), count(all_of_it)) for one, all_of_it in zip(right, of, strict=True)],
        "surest": [said("{}: {}", Digit(), percent(share, 1, OF_A_SHARE)) for share in wrong.topk(12).values.tolist()],
    }


def outcome(before: Core, after: Core, drawing: OwnDrawing, undone: bool) -> list[Any]:
    """Return what is said of a teaching that led from one model to the other, or of its undoing."""
    if undone:
        return [f"Undone at {after.moment}: the model is as it was before."]
    read = int(after.scores(drawing.prepared(after.settings.features)).argmax())  # type: ignore[arg-type]
    alone = "" if before.iteration else "It was never trained, so it knows little else. "
    reads = f"it {'now' if read == drawing.label else 'still'} reads the drawing as {a_digit(read)}. {alone}"
    accuracies = [percent(one.on_test_images.accuracy, 2) for one in (before, after)]
    points = round(100 * (before.on_test_images.accuracy - after.on_test_images.accuracy), 2)
    cost = f"{'cost' if points > 0 else 'gained'} {abs(points):.2f} percentage points" if points else "cost nothing"
    words = f"Taught at iteration {after.iteration:,}: {reads}Test images: {{}} before, {{}} after; this {cost}."
    return [said(words, *accuracies)]
