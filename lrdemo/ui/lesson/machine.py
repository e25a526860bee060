"""The one picture: a digit → ten templates → ten scores → ten probabilities → one cost; for the chapters about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from lrdemo.ui import state
from lrdemo.ui.live import live_view
from lrdemo.ui.server.choice import offered

Part = Literal["x", "W", "z", "p", "L"]
"""Pixels, templates, scores, probabilities, cost."""


def machine(chapter: Literal["scores", "answer", "cost"], met: str, lit: Mapping[str, str]) -> None:
    """Show the picture with the numbers of the visitor's run.

    `met` are the parts that former chapters have told of, `lit` those that light up for each step, by its name, in the
    order of the steps: both as letters, such as "xW".
    """
    state.digits()  # Where there are none, the page ends with a sentence.
    visitor = state.visitor()
    visitor.leave_empty_pad()
    live_view(
        "machine", visitor.run.token, chapter, chapter=chapter, met=list(met), pictures=offered(visitor),
        lit={name: list(parts) for name, parts in lit.items()},
    )  # fmt: skip
