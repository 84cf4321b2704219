"""The follower: the part of a process that plays. It takes jobs, and tells what it has seen."""

from collections.abc import Callable, Iterator
from typing import Any

from locust.env import Environment
from locust.rpc import Message

from edge.errors import AntirelouError
from loadtest.flood.arrival import Arrival
from loadtest.judge.run import Run
from loadtest.run.clocks import steady_us
from loadtest.run.job import Job
from loadtest.run.messages import ASK_TIME, BEGIN, FAILED, JOB, PIECE, READY, STOP, TIME, Messenger, Piece
from loadtest.run.player import Player


class Follower:
    """Holds the player of the job that came last."""

    def __init__(self, environment: Environment, runner: Any) -> None:
        """Listen to a runner that takes messages."""
        self._runner: Messenger = runner
        self._stats = environment.stats
        self._player: Player | None = None
        self.flood: Callable[[Run], Iterator[Arrival]] = Run.flood
        """Makes the flood for its players. An only process makes it once, for both of its parts."""
        for name, listener in (
            (JOB, self._take_job),
            (ASK_TIME, self._tell_time),
            (BEGIN, self._begin),
            (STOP, self._stop),
        ):
            runner.register_message(name, listener)
        events: Any = environment.events
        events.report_to_master.add_listener(self._report_to_master)

    def play(self) -> None:
        """Play the job that came last, once."""
        player = self._player
        if player is None or player.has_ended:
            return
        try:
            player.play(lambda: self._runner.send_message(READY, [player.waits_with, player.connections, player.asked]))
        except AntirelouError as error:
            self._runner.send_message(FAILED, str(error))
        except Exception as error:
            self._runner.send_message(FAILED, f"{type(error).__name__}: {error}")
            raise

    def take(self) -> Piece | None:
        """Return what has been counted since the last time; None if there is nothing to play."""
        return None if self._player is None else self._player.take()

    def _take_job(self, msg: Message, **_: Any) -> None:
        try:
            self._player = Player(Job.from_dict(msg.data), self._stats, self.flood)
        except (AntirelouError, ValueError) as error:
            self._runner.send_message(FAILED, str(error))

    def _tell_time(self, **_: Any) -> None:
        self._runner.send_message(TIME, steady_us())

    def _begin(self, msg: Message, **_: Any) -> None:
        if self._player is not None:
            self._player.begin(msg.data)

    def _stop(self, **_: Any) -> None:
        if self._player is not None:
            self._player.stop()

    def _report_to_master(self, data: dict[str, Any], **_: Any) -> None:
        piece = self.take()
        if piece is not None and self._player is not None:
            data[PIECE] = [self._player.job.token, piece.tally.to_dict(), piece.ended]
