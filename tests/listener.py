"""A server of a test's own, in a thread of this process."""

import threading
from contextlib import contextmanager


@contextmanager
def listening(server, release):
    """Serve in a thread, and yield the address; at the end whoever hangs is let go by setting `release`."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        release.set()
        server.shutdown()
        thread.join()
