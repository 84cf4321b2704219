"""One trace, ready to be played: the messages as the desk gets them, and who is who. Made once, played under many files."""

from typing import NamedTuple

import msgspec

from edge.core.text.optout import Word
from edge.core.wire.message import Message
from edge.simulation.numbers import Numbers
from edge.simulation.recording import Recording


class Sent(NamedTuple):
    """One message and the instant at which it came."""

    ms: int
    message: Message
    number: int = 0
    """The place of the number that it was written to."""


class Sender(msgspec.Struct):
    """What the flood knows of a sender."""

    genuine: bool | None
    is_served: bool
    """Whether there was a price."""
    first_ms: int
    last_ms: int
    number: int = 0
    """The one that they wrote to first."""


class Night(msgspec.Struct, frozen=True):
    """A trace that can be played."""

    recording: Recording
    numbers: Numbers
    sent: list[Sent]
    senders: dict[str, Sender]
    """By stand-in number."""


def night_of(recording: Recording, *, one_segment: bool = False) -> Night:
    """Return a trace ready to be played; its texts as long as they were, or each one segment. Raises TraceError."""
    numbers, senders = Numbers(), dict[str, Sender]()
    sent: list[Sent] = []
    words = {"": None} | {word.value: word for word in Word}
    for place, met in enumerate(recording.met):
        number = numbers.of(met, recording.name)
        segments = 1 if one_segment else max(1, met.segments)
        message = Message(number, "", met.message or f"#{place}", "", words[met.word], segments, met.media)
        sent.append(Sent(met.ms, message, met.number))
        known = senders.get(number)
        if known is None:
            senders[number] = Sender(met.genuine, met.prefix != "", met.ms, met.ms, met.number)
        else:
            known.last_ms = met.ms
            known.genuine = known.genuine or met.genuine
    return Night(recording, numbers, sent, senders)
