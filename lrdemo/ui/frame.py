"""What stands around every page: its style, the keys that work everywhere, its heading, and the way on."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lrdemo.ui.navigation import FOLDER, Place, following
from lrdemo.ui.scripts import VIEW, joined, read

PAGE_STYLES = (Path(__file__).with_name("frame.css"), Path(__file__).with_name("access.css"))


def script() -> str:
    """Return the module of what every page has."""
    return joined(VIEW / "address.js", VIEW / "frame.js")


def style() -> str:
    """Return the style of the frame's own button."""
    return read(VIEW / "projector.css")


_mount = st.components.v2.component("lrdemo_frame", css=style(), js=script())


def begin() -> None:
    """Set the style and the keys."""
    for page_style in PAGE_STYLES:
        st.html(page_style)
    _mount(key="frame")


def heading(place: Place) -> None:
    """Show the page's heading, and name the document after it."""
    st.set_page_config(page_title=f"{place.title} · lrdemo")
    st.title(place.heading, anchor=False)


def way_on(place: Place) -> None:
    """Link to the page that comes next."""
    after = following(place)
    with st.container(key="way_on"):
        st.page_link(FOLDER / after.file, label=f"Next: {after.heading}", icon=":material/arrow_forward:",
                     icon_position="right")  # fmt: skip
