"""What is shown of kept runs beside each other: curves, a table, templates, and the way to their mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import streamlit as st

from lrdemo.formats import count, fixed
from lrdemo.pictures import UNITS_SHOWN, data_url, limit_of
from lrdemo.shapes import CLASSES, FORMS, SIDE, layers
from lrdemo.stroke_pictures import signed_inputs
from lrdemo.ui import kept_table, state
from lrdemo.ui.figures import show_chart, table
from lrdemo.ui.kept_charts import Axis, Line, accuracy, loss
from lrdemo.ui.kept_control import lines
from lrdemo.ui.notice import plain
from lrdemo.ui.section import following

STYLE = Path(__file__).with_name("kept.css")
CHART_HEIGHT = 300
AXIS = "kept_axis"
ZOOM = 3


@following
def side_by_side() -> None:
    """Draw the curves of all runs on common axes, and the table of what differs."""
    found = lines()
    if not found:
        st.markdown(
            "Nothing to compare yet. Train a run, keep it, change one thing, train again: here both are drawn on "
            "common axes. **Start** above trains the first one."
        )
        return
    unit: Axis = st.segmented_control("Against", get_args(Axis), default="iterations", required=True, key=AXIS)
    left, right = st.columns(2, gap="medium")
    with left:
        show_chart(loss(found, unit), CHART_HEIGHT, "kept_loss")
    with right:
        show_chart(accuracy(found, unit), CHART_HEIGHT, "kept_accuracy")
    heads, rows = kept_table.rows(found)
    table(heads, rows, left=1)
    held_out = sorted({one.run.settings.held_out for one in found} - {0})
    judged = f" Runs that hold images out are judged on those ({', '.join(map(count, held_out))})." if held_out else ""
    st.caption(
        f"Only settings that differ are listed; bold: other than most runs have. Seconds are processor time for "
        f"training on this computer.{judged}"
    )
    st.download_button(
        "All curves as CSV", lambda: kept_table.as_csv(lines()), "runs.csv", "text/csv", icon=":material/download:",
        key="kept_csv",
    )  # fmt: skip


@following
def templates() -> None:
    """Draw what runs have learnt, below each other on one colour scale where they get the same of an image."""
    found = lines()
    if len(found) < 2:
        return
    st.header("What they have learnt", anchor=False)
    for size, form in FORMS.items():
        _on_one_scale([one for one in found if layers(one.run.parameters)[0][0].shape[1] == size], form.shape)


def _on_one_scale(found: list[Line], shape: tuple[int, ...]) -> None:
    weights = [layers(one.run.parameters)[0][0] for one in found]
    if not found:
        return
    limit = max(limit_of(weight[:UNITS_SHOWN]) for weight in weights)
    for one, weight in zip(found, weights, strict=True):
        linear = len(weight) == CLASSES
        what = "the ten templates, 0 to 9" if linear else "the first ten hidden units"
        st.markdown(f"**{plain(one.label)}**: {what}")
        row = signed_inputs(weight[:UNITS_SHOWN].reshape(-1, *shape), limit, ZOOM)
        alt = f"{one.label}: {what}, as pictures of their weights"
        st.image(data_url(np.concatenate(list(row), axis=1)), alt=alt, width=UNITS_SHOWN * SIDE * ZOOM)
    st.caption(
        f"All on one scale: full colour is reached at ±{fixed(limit, 2)}. Red speaks for the digit, blue against it."
    )


def elsewhere() -> None:
    """Say where else kept runs can be looked at."""
    if not len(state.visitor().kept):
        return
    st.markdown(
        "**Make it your run** shows a kept run on every page: its templates, its answer to your drawing, its mistakes. "
        "On *Mistakes*, a kept run can be chosen as the other model: what one gets right and the other does not."
    )
