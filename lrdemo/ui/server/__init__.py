"""The server beside Streamlit: the service, the visitors, and the routes to their browsers."""
