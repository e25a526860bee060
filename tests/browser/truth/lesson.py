"""What the pages "One step by hand" and "Read the output" must say of a run."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from truth.core import Core
from truth.lab import Wanted
from truth.text import OF_A_SCORE, OF_A_SHARE, ROUNDING, Number, count, fixed, said, short

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


def one_step(core: Core, after: Core | None, digit: int) -> Wanted:
    """Return what is said of the step that the run takes at `core`, for image 0 and one class; `after` it is taken."""
    weight, bias = (torch.as_tensor(part) for part in core.parameters)
    batch = core.trainer.peek().long()
    x, labels = core.tensors.train_images[batch], core.tensors.train_labels[batch]
    rate, size, rounding = core.trainer.learning_rate, len(batch), core.step
    scores, label = F.linear(x, weight, bias), int(labels[0])
    p = F.softmax(scores, dim=1)
    loss = float(F.cross_entropy(scores, labels))
    leaves = weight.clone().requires_grad_(), bias.clone().requires_grad_()
    of_weight, of_bias = torch.autograd.grad(F.cross_entropy(F.linear(x, *leaves), labels), leaves)
    new_bias = bias - rate * of_bias
    loss_after = float(F.cross_entropy(F.linear(x, weight - rate * of_weight, new_bias), labels))
    taken = None if after is None else float(F.cross_entropy(after.scores(x), labels))
    right = float(p[0, label])
    gradient = _column(of_bias, 6, OF_A_GRADIENT)
    update = [_column(bias, 6), gradient, _column(new_bias, 6, OF_A_GRADIENT)]
    if after is not None:
        update.append(_column(torch.as_tensor(after.parameters[1]), 6, OF_A_GRADIENT))
    softmax = [_column(scores[0], 4, OF_A_SCORE), *2 * [_column(p[0], 4, OF_A_SHARE)]]
    of_loss = [fixed(one, 6, ROUNDING) for one in (loss, loss_after)]
    return {
        "metrics": [
            count((after or core).iteration), fixed(loss, 4, ROUNDING), fixed(taken, 4, ROUNDING), of_loss[0],
            of_loss[0], short(abs(rounding["loss"] - rounding["loss_torch"]), 2),
        ],
        "formulas": _dot_product(x[0], weight, bias, scores[0], digit),
        "cells": [
            cell
            for columns in (softmax, [gradient, gradient], update)
            for row in zip(CLASSES, *columns, strict=True)
            for cell in row
        ],
        "strong": [
            str(size), str(label), str(digit), f"[{size}, 10]", short(rounding["softmax_difference"], 2),
            fixed(-math.log(right), 4, OF_A_SCORE), "2.303", fixed((right - 1) / size, 6, OF_A_GRADIENT),
            short(rounding["gradient_difference"], 2), short(rate),
            *([] if bias.any() else [f"exactly −{short(rate)} · g"]), *of_loss,
            *([] if taken is None else [fixed(taken, 6, ROUNDING)]),
        ],
    }  # fmt: skip


def _dot_product(x: Tensor, weight: Tensor, bias: Tensor, scores: Tensor, digit: int) -> list[Any]:
    products = x * weight[digit]
    largest = torch.argsort(-products.abs(), stable=True)[:3].tolist()
    terms = " ".join(rf"&+ {fixed(float(x[j]))} \cdot ({fixed(float(weight[digit, j]), 4)}) \\" for j in largest)
    total = fixed(float(products.double().sum()), 4, OF_A_SCORE)
    begin = rf"\begin{{aligned}} \textstyle\sum_j x_j W_{{{digit}j}} = {terms} &+ \dots \\ = &\; "
    logit = fixed(float(scores[digit]), 4, OF_A_SCORE)
    return [
        said(begin + r"{} \end{aligned}", total),
        said(f"z_{{{digit}}} = {{}} + ({{}}) = {{}}", total, fixed(float(bias[digit]), 4), logit),
    ]


def _column(values: Tensor, decimals: int, off: float = 0.0) -> list[Any]:
    return [fixed(float(value), decimals, off) for value in values]
