"""One image as picture and as its 784 numbers at once: a component in which each pixel can be pointed at."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lrdemo.arrays import Bytes
from lrdemo.ui.figures import MIDDLE_GREY
from lrdemo.ui.scripts import VIEW, joined, read

FOLDER = Path(__file__).parent


def script() -> str:
    """Return the component's module."""
    return joined(VIEW / "numbers.js", VIEW / "elements.js", FOLDER / "pixel_grid.js", MIDDLE=MIDDLE_GREY)


_grid = st.components.v2.component(
    "lrdemo_pixel_grid", html=read(FOLDER / "pixel_grid.html"), css=read(FOLDER / "pixel_grid.css"), js=script()
)


def pixel_grid(image: Bytes, name: str, label: int) -> None:
    """Show an image of uint8 [28, 28], 0 paper … 255 ink, with its name and its label."""
    _grid(data={"pixels": image.reshape(-1).tolist(), "name": name, "label": label}, key="pixel_grid")
