"""Compare: kept runs on common axes, their settings and results, and what can be done with one of them."""

import streamlit as st

from lrdemo.ui import kept_control, kept_sections

st.html(kept_sections.STYLE)
kept_control.keep_button()
kept_sections.side_by_side()
kept_control.one_run()
kept_sections.templates()
kept_sections.elsewhere()
