"""The open-loop player: sends every arrival when it is due, whatever became of the ones before.

1. Arrivals never wait for responses. A free connection takes the next one; if there is none another is opened, up to
   `connections_max`. What is due beyond that is queued, and every such wait is counted, not hidden.
2. Three instants make three series: due, sent, done. Sent is when the engine acted on the arrival, so a worker that is slow
   to accept connections is not excused. Nor is one that keeps them all busy: `queued_us` of the delay, spent in the queue for a
   free one, is no lateness of the engine.
3. What has happened on the connections is read before something is sent: a request rarely meets a closed one.
4. A request that has no response after `timeout_us` is lost: its outcome is unknown, and its connection is closed. One that
   still waits when the engine itself is ended is given up, which says nothing of how long the worker takes.
5. It naps every 20 ms, so that whatever else the process does (Locust's messages, its pages, signals) goes on.
"""

import errno
from collections import deque
from collections.abc import Callable
from typing import Protocol

from loadtest.engine.connection import Connection, Lost
from loadtest.engine.poller import READ, WRITE
from loadtest.engine.response import Response
from loadtest.engine.schedule import NEVER_US, Due, Schedule
from loadtest.engine.system import PLAIN, System
from loadtest.engine.target import Target
from loadtest.flood.arrival import TIMEOUT_US, Arrival, Kind

CONNECTIONS_MAX = 1_000
"""A Granian worker accepts 1,024 by default; what is opened beyond that waits at its door while others idle inside."""
_BREATH_US = 20_000
_SWEEP_US = 250_000
_DRIP_US = 1_000_000
_EARLY_US = 120
"""A wait of the kernel may end this late; that much is waited busily."""
_NAP_US = 5_000
_WINK_US = 1
"""Enough for gevent: it looks at timers and sockets after fifty sleeps of nothing, or after each of something (measured)."""
_BURST = 32
"""Sends in a row before responses are read: what has come must not wait behind what goes."""
_PREPARE = 4
_NO_ROOM = (errno.EMFILE, errno.ENFILE)
_HELD_BYTES = 32
"""The bytes of its body that a slow loris holds back; every second one holds back its head as well."""


class Sink(Protocol):
    """Takes what the engine saw. Instants are offsets from the flood's start."""

    def record(self, arrival: Arrival, response: Response | None, sent_us: int, done_us: int, queued_us: int) -> None:
        """Take one request and its response; None if it was lost. `queued_us` it was queued for a connection."""
        ...

    def give_up(self, arrival: Arrival, sent_us: int) -> None:
        """Take one that was sent, and for whose response the engine could not wait."""
        ...

    def hold_back(self, arrival: Arrival) -> None:
        """Take one that was not sent, because the provider did not deliver it."""
        ...

    def flush(self) -> None:
        """Do what need not be done for every request."""
        ...


class Engine:
    """Plays one process's schedule against one target."""

    def __init__(
        self,
        target: Target,
        schedule: Schedule,
        sink: Sink,
        *,
        connections_max: int = CONNECTIONS_MAX,
        timeout_us: int = TIMEOUT_US,
        system: System = PLAIN,
        delivers: Callable[[Arrival], bool] | None = None,
    ) -> None:
        """`delivers` says whether the provider would bring an arrival that is due; None: it would bring all."""
        self._target, self._schedule, self._sink = target, schedule, sink
        self._connections_max, self._timeout_us = connections_max, timeout_us
        self._delivers = delivers
        self._system, self._poller = system, system.poller()
        self._connections: dict[int, Connection] = {}
        self._free: list[Connection] = []
        self._dripping: set[Connection] = set()
        self._queue: deque[tuple[Due, int]] = deque()
        """The arrivals that wait for a connection, and since when."""
        self._outstanding = 0
        self._now_us: Callable[[], int] = lambda: 0
        self._stopped_us: int | None = None
        self._breathed_us = self._swept_us = self._dripped_us = 0
        self.connections_opened = 0
        self.connection_limit_hits = 0
        self.spun_us = 0
        """Time spent waiting busily, which is the engine's choice and not its load."""

    @property
    def waits_with(self) -> str:
        """The name of its poller."""
        return self._poller.name

    @property
    def played_us(self) -> int:
        """Return the offset before which everything due has been sent."""
        if self._stopped_us is not None:
            return self._stopped_us
        unsent_us = self._queue[0][0].at_us if self._queue else self._schedule.next_at_us
        if unsent_us == NEVER_US:
            return self._schedule.last_us + 1
        return max(0, min(unsent_us, self._now_us()))

    def play(self, now_us: Callable[[], int]) -> None:
        """Send everything and wait for what comes back; `now_us` is the flood's clock, negative before its start."""
        self._now_us = now_us
        self._breathed_us = self._swept_us = self._dripped_us = now_us()
        try:
            while self._schedule.next_at_us != NEVER_US or self._outstanding or self._queue:
                self._turn()
        finally:
            self._end()

    def stop(self) -> None:
        """Send nothing more; what is on its way is waited for as ever."""
        self._stopped_us = self.played_us
        self._schedule.stop()
        self._queue.clear()

    def _turn(self) -> None:
        schedule, began_us = self._schedule, self._now_us()
        until_due_us = schedule.next_at_us - began_us
        if until_due_us > _NAP_US and not self._outstanding:
            self._nap(min(until_due_us, _BREATH_US) - _NAP_US // 2)
            return
        wait_us = min(until_due_us - _EARLY_US, _BREATH_US)
        if wait_us > _NAP_US // 2 and schedule.hungry:
            schedule.prepare(_PREPARE)
            wait_us = 0
        ready = self._poller.wait(max(0, wait_us))
        if ready:
            self._receive(ready)
        now_us = self._now_us()
        if schedule.next_at_us <= now_us or self._queue:
            self._send_due(now_us)
        elif wait_us <= 0 and not ready:
            self.spun_us += now_us - began_us
        if now_us - self._breathed_us >= _BREATH_US:
            self._breathe(now_us)

    def _send_due(self, now_us: int) -> None:
        while self._queue:
            due, since_us = self._queue[0]
            if not self._send(due, now_us, now_us - since_us):
                break
            self._queue.popleft()
        schedule = self._schedule
        for _ in range(_BURST):
            if schedule.next_at_us > now_us:
                break
            due = schedule.pop()
            if self._delivers is not None and not self._delivers(due.arrival):
                self._sink.hold_back(due.arrival)
                continue
            if self._queue or not self._send(due, now_us):
                self._queue.append((due, now_us))
                self.connection_limit_hits += 1
            now_us = self._now_us()

    def _send(self, due: Due, now_us: int, queued_us: int = 0) -> bool:
        """Send one arrival, and return whether a connection was to be had for it."""
        if due.arrival.kind is Kind.SLOW_LORIS:
            return self._dribble(due, now_us)
        while (connection := self._take()) is not None:
            if self._carry(connection, due, now_us, queued_us):
                return True
        return False

    def _take(self) -> Connection | None:
        """Return a free connection, or a new one; None at the limit."""
        while self._free:
            connection = self._free.pop()
            if connection.is_open:
                return connection
        if len(self._connections) - len(self._dripping) >= self._connections_max:
            return None
        return self._open()

    def _open(self) -> Connection | None:
        """Return a new connection; None if the system has no more to give."""
        try:
            connection = Connection(self._target, self._system.socket)
        except OSError as error:
            if error.errno in _NO_ROOM and self._connections:
                return None
            raise
        self.connections_opened += 1
        self._connections[connection.descriptor] = connection
        self._poller.register(connection.descriptor, READ)
        return connection

    def _carry(self, connection: Connection, due: Due, now_us: int, queued_us: int) -> bool:
        """Send over a connection; return False if it had ended before, so that nothing of the request has left."""
        try:
            complete = connection.send(due.payload)
        except Lost:
            self._close(connection)
            if connection.is_used:
                return False
            self._sink.record(due.arrival, None, now_us, self._now_us(), queued_us)
            return True
        connection.due, connection.sent_us, connection.queued_us = due, now_us, queued_us
        self._outstanding += 1
        if not complete:
            self._poller.modify(connection.descriptor, READ | WRITE)
        return True

    def _receive(self, ready: list[tuple[int, int]]) -> None:
        for descriptor, event in ready:
            connection = self._connections[descriptor]
            try:
                if event & WRITE and connection.send(connection.unsent):
                    self._poller.modify(descriptor, READ)
                response = connection.receive() if event & ~WRITE else None
            except Lost:
                self._lose(connection)
            else:
                if response is not None:
                    self._finish(connection, response)

    def _finish(self, connection: Connection, response: Response) -> None:
        done_us = self._now_us()
        due, connection.due, connection.is_used = connection.due, None, True
        if connection in self._dripping:
            self._close(connection)
        else:
            self._outstanding -= 1
            if response.keeps_alive and not connection.unsent:
                self._free.append(connection)
            else:
                self._close(connection)
        if due is not None:
            self._sink.record(due.arrival, response, connection.sent_us, done_us, connection.queued_us)

    def _lose(self, connection: Connection) -> None:
        """Close a connection, and count what it carried as lost."""
        due = connection.due
        if due is not None:
            self._outstanding -= connection not in self._dripping
            self._sink.record(due.arrival, None, connection.sent_us, self._now_us(), connection.queued_us)
        self._close(connection)

    def _close(self, connection: Connection) -> None:
        self._poller.unregister(connection.descriptor)
        del self._connections[connection.descriptor]
        self._dripping.discard(connection)
        connection.close()

    def _dribble(self, due: Due, now_us: int) -> bool:
        """Begin a request that never ends, on a connection of its own beside the limit; return whether there was one."""
        connection = self._open()
        if connection is None:
            return False
        shown = 1 if due.arrival.index % 2 else max(1, len(due.payload) - _HELD_BYTES)
        connection.due, connection.sent_us = due, now_us
        connection.unsent, connection.held = due.payload[:shown], due.payload[shown:]
        self._dripping.add(connection)
        self._poller.modify(connection.descriptor, READ | WRITE)
        return True

    def _breathe(self, now_us: int) -> None:
        self._sink.flush()
        if now_us - self._swept_us >= _SWEEP_US:
            self._swept_us = now_us
            self._sweep(now_us - self._timeout_us)
        if now_us - self._dripped_us >= _DRIP_US:
            self._dripped_us = now_us
            self._drip()
        self._nap(_WINK_US)

    def _nap(self, length_us: int) -> None:
        self._system.nap(length_us / 1_000_000)
        self._breathed_us = self._now_us()

    def _sweep(self, sent_before_us: int) -> None:
        for connection in [one for one in self._connections.values() if one.due is not None]:
            if connection.sent_us < sent_before_us and connection not in self._dripping:
                self._lose(connection)

    def _drip(self) -> None:
        for connection in list(self._dripping):
            try:
                connection.drip()
            except Lost:
                self._lose(connection)

    def _end(self) -> None:
        """Close everything; what is still on its way is given up."""
        for connection in list(self._connections.values()):
            if connection.due is not None:
                self._sink.give_up(connection.due.arrival, connection.sent_us)
            self._close(connection)
        self._sink.flush()
        self._poller.close()
