"""A map of 60,000 points that pans and zooms in the browser and shows the image behind the point that is pointed at.

The points travel once, 5 bytes each, and each image when it is asked for, by a second component: changed data of the
map itself would send all points again.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import streamlit as st

from lrdemo import formats
from lrdemo.arrays import Bytes
from lrdemo.lesson.pca import Projection
from lrdemo.ui.figures import signed_pictures
from lrdemo.ui.lesson.page import question, scene, step
from lrdemo.ui.scripts import PICTURES, VIEW, joined, read
from lrdemo.ui.section import section

COLOURS = (
    "#3b6fb6", "#ee6677", "#228833", "#9a8700", "#1a9fc4",
    "#b8408a", "#d97706", "#7a5cc0", "#8c6546", "#808890",
)  # fmt: skip

FOLDER = Path(__file__).parent


def script() -> str:
    """Return the map's module."""
    own = (FOLDER / f"pca_{part}.js" for part in ("points", "view", "painting", "map"))
    return joined(VIEW / "strokes.js", VIEW / "pictures.js", VIEW / "closing.js", *own, **PICTURES, COLOURS=COLOURS)


_map = st.components.v2.component(
    "lrdemo_pca_map", html=read(FOLDER / "pca_map.html"), css=read(FOLDER / "pca_map.css"), js=script()
)
_picture = st.components.v2.component("lrdemo_pca_picture", js=joined(FOLDER / "picked_image.js"))


@section
def pca_map(found: Projection, points: bytes, images: Bytes) -> None:
    """Show the map and tell how it comes about; `points` are packed by `lrdemo.lesson.pca.quantised`."""
    with scene("map") as (picture, told):
        with picture:
            st.markdown("**All 60,000 training images: near each other if they are alike**")
            result: Any = _map(data=points, key="pca_map", on_picked_change=lambda: None)
            if getattr(result, "picked", None) is not None:
                st.session_state["map_picked"] = int(result.picked)
            index = st.session_state.get("map_picked", 0)
            _picture(data=struct.pack("<I", index) + images[index].tobytes(), key="pca_picture")
        with told:
            step(
                "map",
                "A map of all images",
                "An image is a point with 784 coordinates, too many to draw. **Principal component analysis** (PCA) "
                "finds the direction in which the images differ most, then, at a right angle to it, the one in which "
                "they differ most of what is left. How far an image lies along these two is its place on the map.",
            )
            st.markdown(
                "Point at a dot, or tap it, to see its image. Drag to move; click, then turn the wheel to zoom. A "
                "numbered button picks out one digit. Keys: arrows, + and −, 0 for all, Enter for the dot nearest the "
                "middle."
            )
            step(
                "directions",
                "The two directions are pictures, too",
                "Ink on red moves an image to the right (in the second picture: up), ink on blue to the left (down), "
                "ink on white not at all.",
            )
            signed_pictures(found.directions.reshape(2, 28, 28), ["across →", "up ↑"], "Direction", width=140)
            question(
                "Why do the digits overlap on the map?",
                f"784 numbers were reduced to two, which keep {formats.percent(found.shares.sum(), 0)} of the "
                "differences between images (of their *variance*). What tells a 3 from an 8 is mostly in the other "
                "directions.",
            )
