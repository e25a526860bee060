"""Runs as rows: the settings in which they differ, what came of each, and all their numbers as a file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from lrdemo.formats import MISSING, count, fixed, percent, short
from lrdemo.settings import TABLE
from lrdemo.ui.kept_charts import Line
from lrdemo.ui.notice import plain
from lrdemo.ui.server.kept_runs import WATCHED

RESULTS = ("iteration", "accuracy", "loss", "seconds")
COLUMNS = (
    "run", "iteration", "epoch", "seconds", "learning_rate_at_start", "loss", "accuracy", "test_loss", "test_accuracy",
)  # fmt: skip


def differing(lines: Sequence[Line]) -> list[str]:
    """Return the names of the settings in which not all runs agree."""
    return [
        name for name in TABLE
        if name not in WATCHED and len({getattr(one.run.settings, name) for one in lines}) > 1
    ]  # fmt: skip


def rows(lines: Sequence[Line]) -> tuple[list[str], list[list[str]]]:
    """Return heads and cells, as Markdown: bold is what differs from what most runs have."""
    names = differing(lines)
    usual = {name: Counter(getattr(one.run.settings, name) for one in lines).most_common(1)[0][0] for name in names}
    by_hand = [_by_hand(one) for one in lines]
    heads = ["run", *(TABLE[name].label for name in names), *(["by hand"] if any(by_hand) else []), *RESULTS]
    return heads, [
        [plain(one.label), *_chosen(one, names, usual), *([done or MISSING] if any(by_hand) else []), *_results(one)]
        for one, done in zip(lines, by_hand, strict=True)
    ]


def as_csv(lines: Sequence[Line]) -> bytes:
    """Return a row for each iteration of each run; shares are 0 … 1, tests stand where they were made."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in lines:
        run = one.run
        tests = {int(at): (loss, accuracy) for at, loss, accuracy in run.test_table.tolist()}
        for at in range(run.iteration + 1):
            trained = [run.loss[at - 1], run.accuracy[at - 1]] if at else ["", ""]
            where = [at, *(float(one.across(np.array([float(at)]), unit)[0]) for unit in ("epochs", "seconds"))]
            writer.writerow([one.name, *where, run.settings.learning_rate, *trained, *tests.get(at, ("", ""))])
    return target.getvalue().encode()


def _chosen(one: Line, names: Sequence[str], usual: dict[str, Any]) -> list[str]:
    values = [(getattr(one.run.settings, name), usual[name]) for name in names]
    return [f"**{plain(said(value))}**" if value != most else plain(said(value)) for value, most in values]


def said(value: object) -> str:
    """Return a setting's value as it is said."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return short(value) if isinstance(value, int | float) else str(value) or MISSING


def _by_hand(one: Line) -> str:
    changes, taught = one.run.rate_changes, one.run.taught
    parts = [f"rate changed {changes} times" if changes > 1 else "rate changed"] if changes else []
    parts += [f"taught {taught} times" if taught > 1 else "taught"] if taught else []
    return ", ".join(parts)


def _results(one: Line) -> list[str]:
    run = one.run
    test = run.tests[-1] if len(run.tests) else None
    when = "" if test is None or test.iteration == run.iteration else f" at {count(test.iteration)}"
    told = "diverged" if run.diverged else f"{percent(test.accuracy if test else None, 2)}{when}"
    seconds = float(one.across(np.array([float(run.iteration)]), "seconds")[0])
    return [count(run.iteration), told, fixed(test.loss if test else None, 3), fixed(seconds, 1)]


