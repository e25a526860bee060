"""The frame of every page: navigation, transport, heading, then the page and the way on."""

from pathlib import Path

import streamlit as st

from lrdemo.ui import controls, state
from lrdemo.ui.navigation import FOLDER, following, pages, place_of

st.set_page_config(page_icon="✏️", layout="wide")
st.html(Path(__file__).with_name("frame.css"))
page = st.navigation(pages(), position="top")
place = place_of(page)
st.set_page_config(page_title=f"{place.title} · lrdemo")
state.write_url()
if place.transport == "run":
    controls.transport()
elif place.transport == "race":
    controls.race_transport()
st.title(place.heading, anchor=False)
page.run()
after = following(place)
st.page_link(FOLDER / after.file, label=f"Next: {after.heading}", icon=":material/arrow_forward:",
             icon_position="right")  # fmt: skip
