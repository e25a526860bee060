"""The Streamlit glue: everything that knows of the browser, the session and the server."""
