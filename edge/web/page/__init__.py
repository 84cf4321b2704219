"""The page at `/status`: loaded when somebody first asks for it."""

PATHS = ("/status", "/status/live.json")
