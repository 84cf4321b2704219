"""What speaks to others over HTTP: one client that opens connections, and what becomes of a call."""
