"""The chart of one step: the loss after it for each learning rate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrdemo.formats import fixed, short
from lrdemo.ui.lesson.drag_chart import Axis, Curve, Dots, DragChart, Handle, Line


def loss_by_rate(
    rates: Sequence[float], losses: Sequence[float], size: int, taken: tuple[float, float] | None
) -> DragChart:
    """Chart the loss after a step of each rate; the handle has a place at each rate but the first, which is 0.

    `taken` is the rate of the step that was taken and its loss.
    """
    points = np.array([rates, losses]).T
    before, top = losses[0], 1.05 * max(losses)
    gap = next(gap for gap in (0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 1e3, 1e4, 1e5) if 6 * gap > top)
    ticks = [gap * place for place in range(int(top / gap) + 1)]
    end = round(rates[-1])
    words = [_told(rate, loss, before) for rate, loss in zip(rates[1:], losses[1:], strict=True)]
    at = np.array([taken]) if taken else np.empty((0, 2))
    best = int(np.argmin(losses))
    return DragChart(
        title=f"Loss on these {size:,} images after a step of size η",
        x=Axis("learning rate η", 0, rates[-1], range(0, end + 1, 1 if end <= 4 else 2)),
        y=Axis("loss L after the step", 0, top, ticks, 2 if gap < 0.1 else 1 if gap < 1 else 0),
        handle=Handle("learning rate η", points[1:], words, "orange", guides=True),
        curves=[Curve("", points, "red")],
        dots=[Dots("the step taken", at, "text", "diamond")] if taken else [],
        lines=[Line(before, "before the step")],
        alt=f"From {fixed(before, 3)} without a step the loss falls to {fixed(losses[best], 3)} at η = "
        f"{short(rates[best])} and rises to {fixed(losses[-1], 3)} at η = {short(rates[-1])}.",
    )


def _told(rate: float, loss: float, before: float) -> str:
    verdict = "lower than before" if loss < before else "too large a step: higher than before"
    return f"η = {short(rate)}: the loss becomes {fixed(loss, 3)}, {verdict}"
