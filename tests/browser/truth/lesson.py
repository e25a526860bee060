"""What the chapters that tell of the visitor's own run must say of it."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from truth.answers import temperature
from truth.core import Core
from truth.lab import Wanted
from truth.text import OF_A_SCORE, OF_A_SHARE, ROUNDING, count, fixed, percent, said, short
from truth.walk import CopyStory

from lrdemo.formats import MISSING, NO_BREAK_SPACE
from lrdemo.serving.frames import Shown

CLASSES = [str(digit) for digit in range(10)]
OF_A_GRADIENT = 1e-7
OF_A_SUM = 1e-9


def machine(core: Core, tested: Core, shown: Shown | None) -> Wanted:
    """Return what the one picture says of the run and the picture in question."""
    assert shown is not None
    scores = core.scores(shown.image)[0]
    p = F.softmax(scores / temperature(tested, shown), dim=0)
    taught = ", taught" if core.taught else ""
    untrained = not core.iteration and not core.taught
    price, sum_ = MISSING, "Your drawing has no label."
    if shown.label is not None:
        right = float(p[shown.label])
        price = fixed(-math.log(right), 3, OF_A_SCORE)
        sum_ = said(f"label {shown.label}: −log {{}}", fixed(right, 3, OF_A_SHARE))
    moment = f"Your run at iteration {core.iteration:,}{taught}"
    return {
        "at": ["Your run, untrained: press Start to see it learn" if untrained else moment],
        "asked": [f"{shown.title}, as the 28×28 pixels that the model gets"],
        "z": [fixed(float(score), 2, OF_A_SCORE) for score in scores],
        "p": [percent(float(share), 1, OF_A_SHARE) for share in p],
        "best": [str(int(p.argmax()))],
        "price": [price],
        "label": [sum_],
    }


def product(core: Core, shown: Shown | None) -> Wanted:
    """Return the addition that makes the answer's score."""
    assert shown is not None
    weight, bias = (torch.as_tensor(part).double() for part in core.parameters)
    image = torch.as_tensor(shown.image).double().reshape(-1)
    scores = weight @ image + bias
    best = int(core.scores(shown.image)[0].argmax())
    parts = weight[best] * image
    favour, total = float(parts[parts > 0].sum()), float(parts.sum())
    numbers = (favour, favour - total, total, float(bias[best]), float(scores[best]))
    words = "Red adds {}, blue takes away {}: together {}. With the bias {} the score of " + f"{best} is {{}}."
    return {"addition": [said(words, *(fixed(number, 2, OF_A_SUM) for number in numbers))]}


def output(core: Core) -> Wanted:
    """Return what is said of the first 100 test images, and of the first of them."""
    scores, labels = core.test_scores, core.tensors.test_labels
    matches = (scores.argmax(dim=1) == labels).reshape(100, 100).sum(dim=1)
    best, label, total = int(scores[0].argmax()), int(labels[0]), int(matches.sum())
    share = f"{total / 100:.2f}{NO_BREAK_SPACE}%"
    return {
        "strong": [core.moment, "[100, 10]", str(best), str(label), "Matches in each batch of 100 test images",
                   f"{matches[0]} of 100", f"{total:,} of 10,000"],
        "figure": ["class 1: 0.017; class 2: 0.015; class 3: 0.412; class 4: 0.556",
                   f"The largest score is that of {best}.",
                   f"From {matches.min()} to {matches.max()} of 100, {total:,} in all."],
        "accuracy": [f"Count the matches: {matches[0]} of 100 in this batch, {total:,} of 10,000 in all. Their share "
                     f"is the test accuracy, {share} at {core.moment}. The model has never been trained on any of "
                     f"these images. Guessing among ten digits gives about 10{NO_BREAK_SPACE}%."],
    }  # fmt: skip


def mean(core: Core) -> Wanted:
    """Return what is said of the costs of the first 100 test images."""
    costs = F.cross_entropy(core.test_scores[:100], core.tensors.test_labels[:100], reduction="none").double()
    loss, low, high = (fixed(float(value), 3, OF_A_SCORE) for value in (costs.mean(), costs.min(), costs.max()))
    return {
        "mean": [said("The mean of the costs of m images is the loss L: one number for how wrong the model is. On the "
                      f"first m = 100 test images your run has a loss of {{}}, at {core.moment}. Once a model is good, "
                      "a few images often cost more than all the others together.", loss)],
        "figure": [said("100 images cost from {} to {}; their mean, the loss, is {}.", low, high, loss)],
    }  # fmt: skip


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
    update = [_column(bias, 6), gradient, _column(copy.after[1], 6, OF_A_GRADIENT)]
    if copy.taken:
        update.append(_column(copy.after[1], 6, OF_A_GRADIENT))
    done = copy.copy.iteration + copy.taken
    cost = float(F.cross_entropy(scores[0], labels[0]))
    return {
        "metrics": [count(done), fixed(loss, 3, ROUNDING), fixed(after if copy.taken else None, 3, ROUNDING)],
        "formulas": [],
        "z": [fixed(float(score), 2, OF_A_SCORE) for score in scores[0]],
        "p": [percent(float(share), 1, OF_A_SHARE) for share in p[0]],
        "best": [str(int(p[0].argmax()))],
        "price": [fixed(cost, 3, OF_A_SCORE)],
        "label": [said(f"label {label}: −log {{}}", fixed(right, 3, OF_A_SHARE))],
        "cells": [
            *_cells([share, share]), *_column((p - target)[0], 3, OF_A_SHARE),
            *_column(of_bias, 3, OF_A_GRADIENT), *_cells([gradient, gradient]), *_cells(update),
        ],
        "strong": [
            copy.core.moment, f"The minibatch: {images} training images", str(label),
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


def _column(values: Tensor, decimals: int, off: float = 0.0) -> list[Any]:
    return [fixed(float(value), decimals, off) for value in values]
