"""The comparison of features on its page: what each row says, and what the visitor may learn from it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from lrdemo import pictures
from lrdemo.answers.strangers import MEASURED, READ_OF_100
from lrdemo.arrays import Float32s
from lrdemo.candidates import DEEP, LINEAR, Candidate
from lrdemo.formats import count, percent
from lrdemo.serving.board import Snapshot
from lrdemo.shapes import HIDDEN
from lrdemo.styles import COPIES, STYLES, VARIANTS, Style, as_designed, variants
from lrdemo.ui import state
from lrdemo.ui.comparison_control import comparison
from lrdemo.ui.live import live_view
from lrdemo.ui.section import following_of
from lrdemo.ui.server.choice import offered

GETS = {
    "pixels": "784 pixels, as in MNIST",
    "deskewed": "784 pixels, the slant taken out",
    "normalised": "784 pixels, upright and evened out in size and proportions",
    "directions": "800 numbers: how much edge runs in each of 8 directions at 10×10 places",
}
"""What a model gets of an image, by features."""
PLAIN, BEST = LINEAR[0], LINEAR[4]
STYLED = tuple(candidate for candidate in LINEAR if candidate.styles)
SHOWN_VARIANTS = 9
PAGE_STYLE = Path(__file__).with_suffix(".css")


def live() -> None:
    """Draw the comparison as it trains."""
    state.digits()  # Where there are none, the page ends with a sentence.
    visitor, run = state.visitor(), comparison()
    visitor.leave_empty_pad()
    live_view(
        "comparison", run.token, rows=[row(one) for one in run.candidates], pictures=offered(visitor),
        measured=f"Strangers’ drawings: not live, but measured beforehand on {MEASURED}.",
    )  # fmt: skip


def row(candidate: Candidate) -> dict[str, Any]:
    """Return what the row of a candidate says."""
    deep = candidate.model == "mlp"
    gets = GETS[candidate.features]
    words = f"{gets}; then {HIDDEN[0]} and {HIDDEN[1]} hidden units" if deep else gets
    return {
        "label": candidate.label,
        "short": candidate.short,
        "words": "The same, trained with made-up digits as well" if candidate in STYLED else words,
        "parameters": candidate.parameters,
        "strangers": strangers(candidate),
        "learnt": "Weights of ten hidden units" if deep else "The ten templates",
    }


def strangers(candidate: Candidate) -> float | None:
    """Return how many of 100 strangers' drawings such a model reads, None where that was not measured."""
    return READ_OF_100.get((candidate.model, candidate.features, candidate.styles))


@following_of(comparison)
def lesson() -> None:
    """Tell what the comparison has shown, once it has finished."""
    run = comparison()
    snapshot = run.snapshot()
    if snapshot is None or snapshot.state != "finished":
        st.markdown("What do you expect? When the comparison has finished, what it shows is put into words here.")
        return
    tested = dict(zip(run.candidates, (lane.tests[-1].accuracy for lane in snapshot.lanes), strict=True))
    best = LINEAR[-1]
    st.markdown(
        f"**Features.** The model is the same: ten rows of weights. On pixels it classifies {percent(tested[PLAIN])} "
        f"of the test images correctly, on directions {percent(tested[BEST])}. Of 100 strangers' drawings it reads "
        f"{strangers(PLAIN)} and {strangers(BEST)}."
    )
    st.markdown(
        f"**Data.** Made-up digits change little on the test images: {percent(tested[BEST])} without them, "
        f"{percent(tested[best])} with them. Of 100 strangers' drawings the model then reads {strangers(best)} instead "
        f"of {strangers(BEST)}."
    )
    st.markdown(f"**Depth.** {_of_depth(tested)}")


def _of_depth(tested: dict[Candidate, float]) -> str:
    plain, best = DEEP
    linear = LINEAR[-1]
    words = (
        f"A multilayer perceptron learns {count(plain.parameters)} numbers. On pixels it reads {strangers(plain)} of "
        f"the strangers' drawings, fewer than the linear model with {count(BEST.parameters)} numbers on directions "
        f"({strangers(BEST)}). Once features and data are good, depth adds little: of 100 drawings the perceptron "
        f"reads {strangers(best)} and the linear model {strangers(linear)}"
    )
    if best not in tested:
        return f"{words}. Tick the box above to train it beside the linear models."
    return (
        f"{words}; of the test images they classify {percent(tested[best])} and {percent(tested[linear])} correctly. "
        f"On pixels, depth lifts {percent(tested[PLAIN])} to {percent(tested[plain])}."
    )


def other_ways() -> None:
    """Show other ways to write."""
    st.header("Other ways to write", anchor=False)
    st.markdown(
        "Not everybody writes digits as they are in MNIST. Some curl the 9, bar the 7, or put a foot under the 1, and "
        "a model that has hardly seen such digits takes them for others. These were made up: strokes written down as "
        f"points, nobody's handwriting. Each is drawn {VARIANTS} times with variations, and all of them are mixed into "
        f"the training images {COPIES} times."
    )
    images, names = _designs()
    _ways(images, names)
    st.markdown(f"Some variations of *{names[0]}*:")
    _ways(_variations(), [], f"A variation of {names[0]}")
    gain()
    st.markdown(
        "Draw a curled 9 or a barred 7 on the page *Draw*, then come back: the rows above say which models read it."
    )


@following_of(comparison)
def gain() -> None:
    """Show how many variations that no model was trained on each of them reads, with other ways and without."""
    run = comparison()
    snapshot: Snapshot | None = run.snapshot()
    if snapshot is None or not snapshot.iteration:
        st.markdown("**What they buy:** press Start, and the models are asked about variations that none has seen.")
        return
    found = run.ask("lrdemo.answers.other_ways:read")
    shares = dict(zip(run.candidates, found["shares"], strict=True))
    st.markdown(
        f"**What they buy.** {count(found['of'])} other variations, which no model was trained on, at iteration "
        f"{count(found['iteration'])}:"
    )
    lines = [
        f"| {with_them.features} | {percent(shares[_without(with_them)], 0)} | {percent(shares[with_them], 0)} |"
        for with_them in STYLED
    ]
    head = ["| read by the linear model on | without them | trained with them |", "|---|---|---|"]
    st.markdown("\n".join([*head, *lines]))


def _ways(images: Float32s, names: Sequence[str], words: str = "") -> None:
    """Show digits [N, 28, 28] side by side, each above its name; pictures without names are told in words."""
    found = []
    for place, picture in enumerate(pictures.ink(images, zoom=1)):
        caption = f"<figcaption>{escape(names[place])}</figcaption>" if names else ""
        source = pictures.data_url(picture)
        found.append(f'<figure><img src="{source}" alt="{escape(words)}">{caption}</figure>')
    st.html(f'<div class="ways">{"".join(found)}</div>')


def _without(candidate: Candidate) -> Candidate:
    return Candidate(candidate.model, candidate.features)


@lru_cache(maxsize=1)
def _designs() -> tuple[Float32s, list[str]]:
    """Return each way to write as it was designed, [N, 28, 28] in 0 … 1, and its name, digit by digit."""
    ordered: list[Style] = sorted(STYLES, key=lambda style: -style.label)
    return np.stack([as_designed(style) for style in ordered]), [f"{one.label}, {one.name}" for one in ordered]


@lru_cache(maxsize=1)
def _variations() -> Float32s:
    return variants(max(STYLES, key=lambda style: style.label), SHOWN_VARIANTS)
