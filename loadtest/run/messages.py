"""The messages between the process that leads and those that play, which travel as Locust's own do."""

from typing import Any, NamedTuple, Protocol

from loadtest.judge.tally import Tally

JOB, READY, BEGIN, STOP, FAILED = "flood_job", "flood_ready", "flood_begin", "flood_stop", "flood_failed"
ASK_TIME, TIME = "flood_ask_time", "flood_time"
"""The names by which Locust hands them to their listeners."""
PIECE = "flood"
"""The place of a piece in Locust's own reports to its master."""


class Messenger(Protocol):
    """Locust's runner, as far as messages go."""

    def send_message(self, msg_type: str, data: Any = None, client_id: str | None = None) -> None:
        """Send to one process, or to all."""
        ...


class Piece(NamedTuple):
    """A part of what one process has counted, which has not been told before."""

    tally: Tally
    ended: bool
    """Whether it is the last one."""
