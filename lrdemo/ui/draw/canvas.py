"""The pad with its tools, and the way from the canvas's data to a picture; the only caller of st_canvas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import CanvasResult, st_canvas

from lrdemo.ui import state
from lrdemo.ui.draw.strokes import strokes_of
from lrdemo.ui.live import live_view
from lrdemo.ui.scripts import VIEW, joined, read
from lrdemo.ui.section import section
from lrdemo.ui.server.pen import BRUSH, INK, PAPER, SIDE
from lrdemo.ui.server.picture import BLANK, DRAWING, Picture

HERE = Path(__file__).parent
TOOLS_SCRIPT = joined(VIEW / "closing.js", HERE / "canvas_tools.js")
TOOLS_STYLE = read(HERE / "canvas_tools.css")
PAGE_STYLE = HERE / "draw.css"
WIDTHS = {"Thin": 18, "Medium": BRUSH, "Thick": 48}
ERASER = 2
"""Widths of the brush that the eraser is wide."""

_tools = st.components.v2.component("lrdemo_canvas_tools", css=TOOLS_STYLE, js=TOOLS_SCRIPT)


def pad() -> None:
    """Show the pad with its tools."""
    visitor = state.visitor()
    if visitor.undecided:
        visitor.picture = BLANK
    _pad()


@section
def _pad() -> None:
    visitor = state.visitor()
    with st.container(key="pad"):
        _canvas()
        live_view("pad", visitor.run.token)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="pad_tools"):
        _tools(
            key="drawing_tools",
            data={
                "restored": _key() if _restored() else None,
                "empty": not (visitor.drawing or {}).get("objects"),
                "widths": WIDTHS,
                **_brush(),
            },
            on_act_change=_act,
            width="content",
        )


def _canvas() -> None:
    visitor = state.visitor()
    key, brush = _key(), _brush()
    if key not in st.session_state:
        # The canvas is new, or the visitor comes back to its page: it begins with the last drawing.
        visitor.keep_pen()
        st.session_state["canvas_start"] = visitor.drawing
        st.session_state["canvas_received"] = None
    st_canvas(
        stroke_width=brush["width"] * (ERASER if brush["erase"] else 1),
        stroke_color=PAPER if brush["erase"] else INK,
        background_color=PAPER,
        height=SIDE,
        width=SIDE,
        initial_drawing=st.session_state["canvas_start"],
        return_image_data=True,
        key=key,
        on_change=receive,
    )
    receive()


def receive() -> None:
    """Take what the canvas has sent, once. Whatever changes the picture does that first: a stroke may have just ended.

    A click that comes right after a stroke comes in one rerun with it.
    """
    # With a Clear may come the canvas that the browser has emptied; what was on it has to be remembered first.
    if _acted() != "clear":
        _take(_held())


def _take(held: dict[str, Any] | None) -> None:
    if held is None or held["raw"] == st.session_state.get("canvas_received"):
        return
    drawing = st.session_state["canvas_received"] = held["raw"]
    rgba = np.asarray(CanvasResult(drawing, held["data"], True).image_data)
    state.visitor().drew(drawing, Picture(DRAWING, rgba, strokes_of(drawing, rgba)))


def _held() -> dict[str, Any] | None:
    """Return the canvas's data, "raw", and its picture, "data"; None before it has sent any."""
    held = (st.session_state.get(_key()) or {}).get("drawing")
    return held if held and held["data"] else None


def _acted() -> str | None:
    """Return which tool has brought this rerun about, if any."""
    acted: str | None = (st.session_state.get("drawing_tools") or {}).get("act")
    return acted


def _act() -> None:
    act, brush = _acted(), _brush()
    receive()
    if act == "undo":
        undo()
    elif act == "clear":
        clear()
    elif act == "eraser":
        brush["erase"] = not brush["erase"]
    elif act in WIDTHS:
        brush["width"] = WIDTHS[act]


def undo() -> None:
    """Take back the last stroke of a drawing that was there before the canvas was, or the last Clear."""
    visitor = state.visitor()
    drawing = visitor.drawing or {}
    if drawing.get("objects"):
        st.session_state["canvas_start"] = {**drawing, "objects": drawing["objects"][:-1]}
    elif visitor.cleared is not None:
        st.session_state["canvas_start"] = visitor.cleared
        visitor.cleared = None


def clear() -> None:
    """Forget the drawing: the browser has emptied the canvas, or hidden one that had begun with it."""
    visitor, held = state.visitor(), _held()
    if held and held["raw"].get("objects"):
        _take(held)
    visitor.clear()
    st.session_state["canvas_received"] = held and held["raw"]
    _brush()["erase"] = False
    if _restored():
        # Another takes the place of the hidden one.
        st.session_state["canvas_number"] += 1


def _key() -> str:
    return f"canvas_{st.session_state.setdefault('canvas_number', 0)}"


def _brush() -> dict[str, Any]:
    found: dict[str, Any] = st.session_state.setdefault("brush", {"erase": False, "width": BRUSH})
    return found


def _restored() -> bool:
    return bool((st.session_state["canvas_start"] or {}).get("objects"))
