"""For teachers: a lesson of 45 minutes."""

import streamlit as st

st.markdown("Notes")
