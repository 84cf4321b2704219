"""A number's bill as its provider's API has it, and what it takes to read it. Pure: whoever uses it makes the calls.

Nothing of it is read but what the bill is about: no text of a message is kept.
"""

from typing import Protocol

import msgspec

from edge.api.call import Calls
from edge.api.fate import Fate
from edge.api.webhook import Access


class BilledMessage(msgspec.Struct, frozen=True):
    """One message on a bill, in the provider's own words."""

    id: str
    from_: str
    to: str
    time: str
    direction: str
    segments: str
    price: str
    """Blank where there is none yet."""
    currency: str
    """In capital letters; blank where it is not said."""


class BillApi(Protocol):
    """The part of a provider's API that is about what one number's messages cost."""

    def messages(self, since: str, until: str) -> Calls[list[BilledMessage] | Fate]:
        """Return the calls that read all messages from and to the number between two instants, such as 2026-11-28T00:00:00Z.

        At the end there is what they are, or what became of the call that failed.
        """
        ...


class BillApiType(Protocol):
    """A class of these, as it is made."""

    def __call__(self, access: Access, phone: str) -> BillApi:
        """Take what it takes to call, and our number."""
        ...
