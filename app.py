"""Start the demonstration: `streamlit run app.py`, or `uvicorn app:app` for a class."""

import streamlit as st

from lrdemo.ui.server import app as server

app = st.App("lrdemo/ui/main.py", routes=server.routes, middleware=server.middleware, lifespan=server.lifespan)
