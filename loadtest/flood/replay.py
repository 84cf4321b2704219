"""A trace, played again: requests as they came, at their instants, from made-up numbers.

1. Each hash becomes one number, in the order in which hashes first appear: the same in every process, no two alike. A
   sender that was no person becomes a word, one without a price a number that no country has. What had no sender comes from a new
   number each time. Blocks are not recorded: numbers are far apart.
2. The reason says what is sent (`KINDS`), not what has to come back: that is the oracle's, on the worker's file of today.
3. A message that came before to the same number comes again with the same id, text and picture. Version 1 has no ids: there, a `duplicate` delivers its
   sender's last answered message again. What came first before the trace began is the first that this flood knows of, and
   so a fresh one.
4. What was once said is not recorded: texts are made up, as many segments long as those were. So nobody asks to be left
   alone, and who had asked (`opted_out`) sends an ordinary message.
5. Who was genuine no worker knows, but a flood that was written as a trace does; phases of a scenario may add people who are.
"""

from collections.abc import Iterator
from itertools import count
from random import Random

from edge.core.wire.reason import Reason
from loadtest.flood.arrival import Kind, Planned
from loadtest.flood.phones import scattered
from loadtest.flood.scenario import Trace
from loadtest.flood.texts import of_segments
from loadtest.flood.trace import Met, Say, read

KINDS = {
    Reason.DUPLICATE: Kind.RETRIED,
    Reason.BAD_SIGNATURE: Kind.FORGED,
    Reason.NOT_OUR_EDGE: Kind.FORGED,
    Reason.NOT_FOUND: Kind.FORGED,
    Reason.MALFORMED: Kind.MALFORMED,
    Reason.NOT_A_MESSAGE: Kind.MALFORMED,  # no worker records it; played as what costs nothing either
    Reason.WRONG_METHOD: Kind.MALFORMED,
    Reason.WRONG_TYPE: Kind.MALFORMED,
    Reason.TOO_LARGE: Kind.OVERSIZE,
    Reason.TOO_SLOW: Kind.SLOW_LORIS,
}
"""The kind of arrival for a recorded reason. Every other reason was a message's, which is sent as a fresh one."""
_NOWHERE = "+999"
"""A prefix that no country has, and no file a price for."""


def replay(trace: Trace, place: int, chance: Random, after: int, say: Say) -> Iterator[Planned]:
    """Yield what a trace asks to send; `place` is its own among the phases of its flood, `after` as in :mod:`loadtest.flood.stream`.

    Raises TraceError.
    """
    people = _People(trace.prefix, place, after)
    known: dict[tuple[int, str], tuple[str, str, bool]] = {}
    first_ms = None
    for n, met in enumerate(read(trace.files, say)):
        first_ms = met.ms if first_ms is None else first_ms
        kind = Kind.FRESH if met.reason is None else KINDS.get(met.reason, Kind.FRESH)
        message_id, text = f"SM{chance.getrandbits(128):032x}", of_segments(met.segments, chance)
        picture = met.media
        if kind in (Kind.FRESH, Kind.RETRIED):
            name = met.number, met.message or met.sender
            again = name in known and (kind is Kind.RETRIED or met.message != "")
            kind = Kind.RETRIED if again else Kind.FRESH
            if again:
                message_id, text, picture = known[name]
            elif met.message or met.reason in (Reason.ANSWERED, Reason.DUPLICATE):
                known[name] = message_id, text, picture
        genuine = met.genuine is True and kind is Kind.FRESH
        at_us, sender = (met.ms - first_ms) * 1_000, people.sender(met)
        yield (at_us, place, n, sender, text, message_id, kind, genuine, picture, met.number)


class _People:
    """The senders of a trace: one made-up number for each hash."""

    def __init__(self, prefix: str, home: int, after: int) -> None:
        self._prefix, self._home = prefix, home
        self._turn = count(after)
        self._known: dict[str, str] = {}

    def sender(self, met: Met) -> str:
        """Return the sender of a request."""
        known = self._known.get(met.sender)
        if known is None:
            known = self._new(met.reason)
            if met.sender:
                self._known[met.sender] = known
        return known

    def _new(self, reason: Reason | None) -> str:
        k = next(self._turn)
        if reason is Reason.NOT_A_PERSON:
            return f"NOBODY{k}"
        return scattered(_NOWHERE if reason is Reason.UNSERVED else self._prefix, self._home, k)
