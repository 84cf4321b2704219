"""An arrival: one message of a flood, with its instant, its sender, and whether it deserves an answer.

1. `index` is the place in the flood. Of n Locust processes, process w plays the arrivals whose `index % n == w`; the flood
   is the same for every n.
2. `at_us` counts from the flood's start and is what the clock on the wall must show, after time compression.
3. A repeat (`replayed`, `retried`) carries the message id, the sender, the text, the picture and the number of an earlier arrival.
"""

from enum import StrEnum

import msgspec

TIMEOUT_US = 15_000_000
"""The time after which a request is lost: as long as a provider waits. Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides."""


class Kind(StrEnum):
    """The kinds of arrivals, by what they do to the worker."""

    FRESH = "fresh"
    """An honest message, seen for the first time."""
    FORGED = "forged"
    """A message in which all is right but the signature: sent by somebody who does not know the secret."""
    REPLAYED = "replayed"
    """A captured valid request, sent again by somebody else."""
    RETRIED = "retried"
    """The provider delivers a message again because it thinks that the first delivery failed."""
    OVERSIZE = "oversize"
    """A validly signed body larger than the worker accepts."""
    MALFORMED = "malformed"
    """A validly signed form that lacks what makes it a message."""
    SLOW_LORIS = "slow_loris"
    """A request that dribbles in and never ends: its last byte is missing."""

    @property
    def is_repeat(self) -> bool:
        """Whether an earlier arrival has the same message id."""
        return self in _REPEATS

    @property
    def is_delivered(self) -> bool:
        """Whether it is the provider that brings it, so that it can hold it back."""
        return self in _DELIVERED

    @property
    def is_message(self) -> bool:
        """Whether the provider vouches for it: only such a one may ever be answered."""
        return self in _MESSAGES


_REPEATS = frozenset({Kind.REPLAYED, Kind.RETRIED})
_MESSAGES = _REPEATS | {Kind.FRESH}
_DELIVERED = frozenset({Kind.FRESH, Kind.RETRIED})


Planned = tuple[int, int, int, str, str, str, Kind, bool, bool, int]
"""World's instant, phase, running number in it (which together order a flood); then an arrival's own fields."""


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """One request to send."""

    index: int
    at_us: int
    sender: str
    text: str
    message_id: str
    kind: Kind
    genuine: bool
    """Whether a person who writes for the first time stands behind it, rather than a troll."""
    picture: bool = False
    """Whether a picture comes with the text."""
    number: int = 0
    """The place of the number that it is written to, in the order of the static file."""
