"""What the pages "One step" and "Read the output" must say of a run."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional as F
from truth.core import Core
from truth.lab import Wanted
from truth.text import OF_A_SCORE, OF_A_SHARE, ROUNDING, Number, count, fixed, short
from truth.walk import CopyStory

from lrdemo import formats

CLASSES = [str(digit) for digit in range(10)]
OF_A_GRADIENT = 1e-7


def output(core: Core) -> Wanted:
    """Return what is said of the first 100 test images, and of the first of them."""
    scores, labels = core.test_scores, core.tensors.test_labels
    matches = (scores.argmax(dim=1) == labels).reshape(100, 100).sum(dim=1)
    best, label, total = int(scores[0].argmax()), int(labels[0]), int(matches.sum())
    share = rf"\frac{{{total}}}{{10000}} = {total / 100:.2f}\,\%"
    return {
        "strong": [core.moment, "[100, 10]", str(best), str(label), f"{matches[0]} of 100",
                   "Matches in each batch of 100 test images"],
        "figure": [f"The largest score is that of {best}.",
                   f"From {matches.min()} to {matches.max()} of 100, {total:,} in all."],
        "formulas": [rf"\mathrm{{accuracy}} = \frac{{\mathrm{{matches}}}}{{\mathrm{{images}}}} ={share}"],
        "first row": ["0", *(Number(_plain, float(score), OF_A_SCORE) for score in scores[0])],
    }  # fmt: skip


def _plain(value: float | None) -> str:
    """Return a number as a table of Streamlit's gives it to a screen reader."""
    return f"{float(formats.fixed(value).replace('−', '-')):g}"


def one_step(copy: CopyStory, digit: int) -> Wanted:
    """Return what is said of the copy's step, for image 1 of its minibatch and one class."""
    (weight, bias), (x, labels), rounding = copy.parameters, copy.batch, copy.rounding
    size, rate, label = len(labels), short(copy.rate), int(labels[0])
    scores = F.linear(x, weight, bias)
    p, target = F.softmax(scores, dim=1), F.one_hot(labels, 10)
    loss = float(F.cross_entropy(scores, labels))
    _, of_bias = copy.gradients
    after = float(F.cross_entropy(F.linear(x, *copy.after), labels))
    right, images = float(p[0, label]), f"{size:,}"
    share, gradient = _column(p[0], 6, OF_A_SHARE), _column(of_bias, 6, OF_A_GRADIENT)
    forward = [_column(scores[0], 3, OF_A_SCORE), _column(p[0], 3, OF_A_SHARE), [str(int(one)) for one in target[0]]]
    update = [_column(bias, 6), gradient, _column(copy.after[1], 6, OF_A_GRADIENT)]
    if copy.taken:
        update.append(_column(copy.after[1], 6, OF_A_GRADIENT))
    done = copy.copy.iteration + copy.taken
    cost = float(F.cross_entropy(scores[0], labels[0]))
    return {
        "metrics": [count(done), fixed(loss, 3, ROUNDING), fixed(after if copy.taken else None, 3, ROUNDING)],
        "formulas": [],
        "cells": [
            *_cells(forward), *_cells([share, share]), *_bars(_column((p - target)[0], 3, OF_A_SHARE)),
            *_bars(_column(of_bias, 3, OF_A_GRADIENT)), *_cells([gradient, gradient]), *_cells(update),
        ],
        "strong": [
            copy.core.moment, f"The minibatch: {images} training images", str(label),
            f"Image 1, a handwritten {label}: scores, probabilities, targets",
            str(label), *(column[label] for column in forward),
            fixed(cost, 3, OF_A_SCORE), fixed(loss, 3, ROUNDING),
            short(rounding["softmax_difference"], 2), *2 * [fixed(loss, 6, ROUNDING)],
            short(abs(rounding["loss"] - rounding["loss_torch"]), 2),
            short((right - 1) / size, 3, OF_A_GRADIENT), f"Images, each times its −d for class {digit}",
            short(rounding["gradient_difference"], 2), fixed(loss, 3, ROUNDING), fixed(after, 3, ROUNDING),
            *([] if copy.difference is None else [short(copy.difference, 2)]),
            *([] if bias.any() else [f"exactly −{rate} · g"]),
            "Class average minus overall average, over all 60,000 training images",
        ],
    }  # fmt: skip


def _cells(columns: list[list[Any]]) -> list[Any]:
    """Return the cells of a table with a row for each class, row by row."""
    return [cell for row in zip(CLASSES, *columns, strict=True) for cell in row]


def _bars(values: list[Any]) -> list[Any]:
    """Return the cells of a table of bars: the bar itself, which has no text, and its number."""
    return [cell for value in values for cell in ("", value)]


def _column(values: Tensor, decimals: int, off: float = 0.0) -> list[Any]:
    return [fixed(float(value), decimals, off) for value in values]
