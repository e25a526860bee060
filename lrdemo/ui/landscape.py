"""The loss along the line from a run's start to where it is: as a chart, and in words whether it is convex."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lrdemo.formats import count, fixed
from lrdemo.ui.charts import BLUE, GRID, ORANGE, Chart, Option, axis, line
from lrdemo.ui.figures import show_chart

UNTRAINED = "There is no line yet: the run is still at its start. Press Start."
DIVERGED = "There is no line to draw: the loss is not finite. Choose a lower learning rate, then press Reset."
CONVEX = "The line is **convex**: it bends upwards everywhere, as with every softmax regression."
NOT_CONVEX = "The line is **not convex**: somewhere it bends downwards, as hidden layers allow."
CONVEX_NETWORK = "The line is **convex** here; with hidden layers it need not be."


def show_line(found: dict[str, Any], linear: bool) -> None:
    """Show what `lrdemo.answers.landscape:line` has found of a run whose model is linear or not."""
    losses = found["losses"]
    if not found["iteration"] and losses.max() == losses.min():
        st.info(UNTRAINED)
    elif not np.isfinite(losses).all():
        st.warning(DIVERGED)
    else:
        show_chart(line_chart(found), 260, key="line")
        st.markdown(NOT_CONVEX if not found["convex"] else CONVEX if linear else CONVEX_NETWORK)


def line_chart(found: dict[str, Any]) -> Chart:
    """Return the chart of the loss along the line."""
    places, losses, images = found["places"], found["losses"], count(found["images"])
    at = {place: loss for place, loss in zip(places, losses, strict=True)}
    lowest = min(at, key=lambda place: at[place])
    where = f"iteration {count(found['iteration'])}"
    option: Option = {
        "grid": GRID | {"top": 28},
        "animation": False,
        "xAxis": axis(f"place on the line (0 = start, 1 = {where})", min=places[0], max=places[-1], interval=0.25),
        "yAxis": axis(f"loss on {images} training images", 36, min=0),
        "series": [line("loss", places, losses, BLUE), _ends(at[0.0], at[1.0], where)],
    }
    alt = (
        f"Loss on {images} training images along the straight line from the start to {where}: "
        f"{fixed(losses[0], 3)} at {fixed(places[0])}, {fixed(at[0.0], 3)} at the start, {fixed(at[1.0], 3)} at "
        f"{where}, {fixed(losses[-1], 3)} at {fixed(places[-1])}. It is lowest at {fixed(lowest)}. "
        f"{'It bends upwards everywhere.' if found['convex'] else 'Somewhere it bends downwards.'}"
    )
    return Chart(f"The loss on the straight line from the start to {where}", option, alt)


def _ends(start: float, end: float, where: str) -> Option:
    label = {"show": True, "position": "top", "formatter": "{b}", "fontSize": 12}
    return {
        "type": "scatter", "symbolSize": 11, "itemStyle": {"color": ORANGE, "opacity": 1}, "label": label,
        "data": [
            {"name": "start", "value": [0, start], "label": {"position": "right"}},
            {"name": where, "value": [1, end]},
        ],
    }  # fmt: skip
