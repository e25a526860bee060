"""The pad with its tools, and the way from the canvas's data to a picture; the only caller of st_canvas."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from lrdemo import pictures
from lrdemo.ui import state
from lrdemo.ui.draw.confidence import training_for_drawings
from lrdemo.ui.draw.strokes import strokes_of
from lrdemo.ui.scripts import joined, read
from lrdemo.ui.section import section
from lrdemo.ui.server.pen import BRUSH, INK, PAPER, SIDE
from lrdemo.ui.server.picture import BLANK, DRAWING, Picture, picture_of

HERE = Path(__file__).parent
TOOLS_SCRIPT = joined(HERE / "canvas_tools.js")
TOOLS_STYLE = read(HERE / "canvas_tools.css")
WIDTHS = {"Thin": 18, "Medium": BRUSH, "Thick": 48}
ERASER = 2
"""Widths of the brush that the eraser is wide."""

_tools = st.components.v2.component("lrdemo_canvas_tools", css=TOOLS_STYLE, js=TOOLS_SCRIPT)


def pad() -> None:
    """Show the pad with its tools, test images to take instead, and the run that is best for drawings."""
    visitor = state.visitor()
    if visitor.undecided:
        visitor.picture = BLANK
    _pad(visitor.shown_version)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="other_pictures"):
        # Empty at first: a widget whose state is lost when the page is left reports its default value, and 0 would put
        # test image 0 in place of the drawing.
        st.number_input("Or a test image (0 to 9,999)", 0, 9_999, None, key="test_image", width=190,
                        on_change=take_test_image)  # fmt: skip
        st.button("Any", icon=":material/casino:", key="any_test_image", on_click=take_any_test_image,
                  help="Any test image")  # fmt: skip
        training_for_drawings()


@section
def _pad(drawn_for: int) -> None:
    visitor = state.visitor()
    if visitor.picture.drawn:
        _canvas()
    else:
        _test_image()
    if visitor.shown_version != drawn_for:
        # The answer is pushed to the browser already; now the sections beside and below follow.
        st.rerun()


def take_test_image() -> None:
    """Make the test image whose number was given the picture in question."""
    if st.session_state["test_image"] is not None:
        state.visitor().picture = picture_of(st.session_state["test_image"])


def take_any_test_image() -> None:
    """Make any test image the picture in question."""
    st.session_state["test_image"] = random.randrange(10_000)
    take_test_image()


def _canvas() -> None:
    visitor = state.visitor()
    key = f"canvas_{st.session_state.setdefault('canvas_number', 0)}"
    if key not in st.session_state:
        # The canvas is new, or the visitor comes back to its page: it begins with the last drawing.
        st.session_state["canvas_start"] = visitor.drawing
        if visitor.drawing_now:
            # The last stroke ended as the page was left, and the canvas took it along.
            visitor.picture = visitor.last_drawn
    brush = st.session_state.setdefault("brush", {"erase": False, "width": BRUSH})
    result = st_canvas(
        stroke_width=brush["width"] * (ERASER if brush["erase"] else 1),
        stroke_color=PAPER if brush["erase"] else INK,
        background_color=PAPER,
        height=SIDE,
        width=SIDE,
        initial_drawing=st.session_state["canvas_start"],
        return_image_data=True,
        key=key,
    )
    drawing = result.json_data
    if drawing is not None and drawing != visitor.drawing and result.image_data is not None:
        rgba = np.asarray(result.image_data)
        visitor.drew(drawing, Picture(DRAWING, rgba, strokes_of(drawing, rgba)))
    _tools(
        key="drawing_tools",
        data={
            "restored": key if _restored() else None,
            "empty": not (visitor.drawing or {}).get("objects"),
            "widths": WIDTHS,
            **brush,
        },
        on_act_change=_act,
    )


def _test_image() -> None:
    picture = state.visitor().picture
    with st.container(key="test_image_pad"):
        st.image(pictures.data_url(pictures.ink(picture.pixels / 255, SIDE // 28)), alt=picture.title, width="stretch")
    st.button("Back to my drawing", icon=":material/draw:", key="back_to_drawing", on_click=_back)


def _back() -> None:
    visitor = state.visitor()
    visitor.picture = visitor.last_drawn


def _act() -> None:
    act, brush = st.session_state["drawing_tools"]["act"], st.session_state["brush"]
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
    visitor = state.visitor()
    if (visitor.drawing or {}).get("objects"):
        visitor.cleared = visitor.drawing
    visitor.drawing = None
    st.session_state["brush"]["erase"] = False
    if _restored():
        # Another takes the place of the hidden one.
        st.session_state["canvas_number"] += 1
    visitor.picture = BLANK


def _restored() -> bool:
    return bool((st.session_state["canvas_start"] or {}).get("objects"))
