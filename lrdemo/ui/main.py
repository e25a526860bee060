"""Every page: navigation, transport, heading, the page itself, the way on."""

import streamlit as st

from lrdemo.ui import controls, frame, state
from lrdemo.ui.lesson.step_control import step_transport
from lrdemo.ui.navigation import pages, place_of

st.set_page_config(page_icon="✏️", layout="wide")
frame.begin()
page = st.navigation(pages(), position="top")
place = place_of(page)
state.write_url()
if place.transport == "run":
    controls.transport()
elif place.transport == "race":
    controls.race_transport()
elif place.transport == "comparison":
    controls.comparison_transport()
elif place.transport == "step":
    step_transport()
frame.heading(place)
page.run()
frame.way_on(place)
