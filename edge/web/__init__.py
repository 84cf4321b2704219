"""The worker over HTTP: the webhook as an ASGI application, the pages beside it, and how a worker listens."""
