"""The one picture: a digit → ten templates → ten scores → ten probabilities → one cost; for the chapters about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import streamlit as st

from lrdemo.arrays import Float32s
from lrdemo.lesson.run_copy import RunCopy
from lrdemo.serving.board import Lane, Snapshot
from lrdemo.serving.frames import Shown, encode
from lrdemo.settings import Settings
from lrdemo.shapes import CELLS, DIRECTIONS, EDGES, PIXELS
from lrdemo.ui import live, state
from lrdemo.ui.scripts import PICTURES, VIEW, joined
from lrdemo.ui.server.choice import offered

SCRIPTS = (
    "numbers", "elements", "strokes", "pictures", "forms", "bars", "decode", "choice", "machine", "closing", "still",
)  # fmt: skip
ALL = "xWzpL"
"""The letters of all parts: pixels, templates, scores, probabilities, cost."""


def script() -> str:
    """Return the module of the picture that stands still."""
    return joined(*(VIEW / f"{name}.js" for name in SCRIPTS), **PICTURES)


_still = st.components.v2.component("lrdemo_machine", css=live.style(), js=script())


def machine(chapter: Literal["scores", "answer", "cost"], met: str, lit: Mapping[str, str]) -> None:
    """Show the picture with the numbers of the visitor's run.

    `met` are the parts that former chapters have told of, `lit` those that light up for each step, by its name, in the
    order of the steps: both as letters, such as "xW".
    """
    state.digits()  # Where there are none, the page ends with a sentence.
    visitor = state.visitor()
    visitor.leave_empty_pad()
    _tell_of_edges(visitor.run.settings)
    live.live_view(
        "machine", visitor.run.token, chapter, chapter=chapter, met=list(met), pictures=offered(visitor),
        lit={name: list(parts) for name, parts in lit.items()},
    )  # fmt: skip


def still_machine(
    key: str, copy: RunCopy, image: Float32s, inputs: Float32s, label: int, title: str, lit: Mapping[str, str]
) -> None:
    """Show the picture with the numbers of a copy of the run, for an image [28, 28], `inputs` [D] for the model.

    The title names the image; `lit` is as for `machine`.
    """
    _tell_of_edges(copy.settings)
    none = np.zeros(0, np.float32)
    parameters = np.concatenate([copy.weight.reshape(-1), copy.bias])
    lane = Lane(copy.learning_rate, parameters, none, none, none.reshape(0, 3))
    snapshot = Snapshot(
        0, "paused", copy.iteration, copy.settings.iterations, copy.settings.iterations_per_epoch, 0, 0.0, float("nan"),
        (lane,),
    )  # fmt: skip
    told = {"chapter": "step", "title": title, "met": list(ALL), "lit": {name: list(lit[name]) for name in lit}}
    shown = Shown(image, inputs, title, label=label)
    _still(data=encode(snapshot, {"told": told, "taught": 0}, frozenset({"templates", "answer"}), shown), key=key)


def _tell_of_edges(settings: Settings) -> None:
    """Say it where the model gets the edges of an image, since the lesson speaks of pixels."""
    if settings.features == "directions":
        size = f"{DIRECTIONS} directions at {CELLS} × {CELLS} places"
        st.caption(
            f"Your run gets **directions** in place of pixels: *x* has {EDGES.size} numbers, edges in {size}. Where "
            f"this page says {PIXELS} pixels, read {EDGES.size} edges; all else is the same."
        )
