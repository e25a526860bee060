"""The drawing canvas: the only caller of st_canvas, and the way from its data to a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from lrdemo.ui import state
from lrdemo.ui.draw.strokes import BRUSH, SIDE, strokes_of
from lrdemo.ui.scripts import joined
from lrdemo.ui.server.picture import Picture

TITLE = "Your drawing"
TOOLS_SCRIPT = joined(Path(__file__).with_name("canvas_tools.js"))

_tools = st.components.v2.component("lrdemo_canvas_tools", js=TOOLS_SCRIPT)


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
    _tools(key="pin_tools", data={"restored": key if _restored() else None}, height=1)
    if result.json_data is None or result.image_data is None or result.json_data == visitor.drawing:
        return
    visitor.drawing = result.json_data
    rgba = np.asarray(result.image_data)
    visitor.picture = Picture(TITLE, rgba, strokes_of(result.json_data, rgba))


def clear() -> None:
    """Forget the drawing: the browser has emptied the canvas, or hidden one that had begun with it."""
    visitor = state.visitor()
    visitor.drawing = None
    if _restored():
        # Another takes the place of the hidden one.
        st.session_state["canvas_number"] += 1
    visitor.picture = Picture(TITLE, np.full((SIDE, SIDE, 4), 255, np.uint8))


def _restored() -> bool:
    return bool((st.session_state["canvas_start"] or {}).get("objects"))
