"""A claim on a worker: of all floods on this machine one at a time is played against it.

The claim is a name of the system's own (Linux), which is free again when its process ends, however it does. Where there is no such
name nothing is claimed, and what a second flood does shows in the worker's books.
"""

import socket
import sys

from loadtest.engine.target import Target
from loadtest.run.probe import SetupError


class Claim:
    """At most one target's."""

    def __init__(self) -> None:
        self._held: socket.socket | None = None

    def take(self, target: Target) -> None:
        """Claim a target. Raises SetupError if another flood has."""
        self.release()
        if sys.platform != "linux":
            return
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0antirelou-flood-{target.address}")
        except OSError:
            claim.close()
            raise SetupError(
                f"another flood is played against {target.name}: the two would spend from one kitty; wait for its end"
            ) from None
        self._held = claim

    def release(self) -> None:
        """Let others have it."""
        if self._held is not None:
            self._held.close()
            self._held = None
