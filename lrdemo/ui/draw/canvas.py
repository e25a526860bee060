"""The drawing canvas: the only caller of st_canvas, and the way from its data to a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from lrdemo.digit import ink_from_rgba
from lrdemo.ui import state
from lrdemo.ui.scripts import joined
from lrdemo.ui.server.visitor import Picture

SIDE = 280
BRUSH = 20
TITLE = "Your drawing"
TOOLS_SCRIPT = joined(Path(__file__).with_name("canvas_tools.js"))

_pin_tools = st.components.v2.component("lrdemo_canvas_tools", js=TOOLS_SCRIPT)


def drawing_canvas() -> None:
    """Show the canvas; what the visitor draws on it becomes the picture in question."""
    visitor = state.visitor()
    key = f"canvas_{st.session_state.setdefault('canvas_number', 0)}"
    if key not in st.session_state:
        # The canvas is new, or the visitor comes back to its page: it begins with the last drawing.
        st.session_state["canvas_start"] = visitor.drawing
    result = st_canvas(
        stroke_width=BRUSH,
        stroke_color="#000000",
        background_color="#ffffff",
        height=SIDE,
        width=SIDE,
        initial_drawing=st.session_state["canvas_start"],
        return_image_data=True,
        key=key,
    )
    _pin_tools(key="pin_tools", height=1)
    if result.json_data is None or result.image_data is None or result.json_data == visitor.drawing:
        return
    visitor.drawing = result.json_data
    rgba = np.asarray(result.image_data)
    visitor.picture = Picture(TITLE, rgba, strokes_of(result.json_data, rgba))


def clear() -> None:
    """Empty the canvas."""
    visitor = state.visitor()
    visitor.drawing = None
    st.session_state["canvas_number"] = st.session_state.get("canvas_number", 0) + 1
    visitor.picture = Picture(TITLE, np.full((SIDE, SIDE, 4), 255, np.uint8))


def strokes_of(drawing: dict[str, Any], rgba: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float64], ...] | None:
    """Return the pointer's paths [n, 2] in canvas pixels, or None where they do not tell what is on the canvas.

    Strokes that were moved, turned or scaled with the canvas's editing tool no longer lie where they were drawn.
    """
    strokes = tuple(_points(part["path"]) for part in drawing.get("objects", []) if part.get("path"))
    ink = ink_from_rgba(rgba)
    if not strokes or not ink.any():
        return None
    points = np.concatenate(strokes)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    seen = np.array([columns[0], rows[0], columns[-1], rows[-1]], dtype=np.float64)
    limits = [0, 0, SIDE, SIDE]
    told = np.concatenate([points.min(axis=0) - BRUSH / 2, points.max(axis=0) + BRUSH / 2]).clip(min=0).clip(max=limits)
    return strokes if np.abs(seen * SIDE / len(rgba) - told).max() < BRUSH / 2 else None


def _points(path: list[list[Any]]) -> npt.NDArray[np.float64]:
    """Return the end points of SVG path commands (M x y, L x y, Q cx cy x y …), [n, 2]."""
    return np.array([command[-2:] for command in path if len(command) >= 3], dtype=np.float64)
