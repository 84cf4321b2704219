"""A number's webhook as its provider has it, and what it takes to see and to set it. Pure: whoever uses it makes the calls.

A provider gets a class of its own only where being detached stops the bill, and its documentation says so.
"""

from typing import Protocol

import msgspec

from edge.api.call import Call, Calls, Returned
from edge.api.fate import Fate


class Access(msgspec.Struct, frozen=True):
    """What it takes to use a provider's API. It holds secrets, so it is never shown."""

    account: str
    key: str
    secret: str
    url: str = ""
    """The beginning of the API's addresses; blank for the provider's own."""

    def __repr__(self) -> str:
        """Return what may be said of it."""
        return "Access()"


class Webhook(msgspec.Struct, frozen=True):
    """What the provider has for a number."""

    id: str
    """The provider's own name of the number."""
    address: str
    """The address that it calls for a message; blank where it calls none."""
    overrides: tuple[str, ...] = ()
    """What stands in the way of being detached: each is called instead of the address, or when it is not there."""


class WebhookApi(Protocol):
    """The part of a provider's API that is about one number's webhook."""

    def look(self) -> Calls[Webhook | Fate]:
        """Return the calls that find out what the provider has; or what became of the one that failed."""
        ...

    def write(self, webhook: Webhook, address: str) -> Call:
        """Return the call that sets the address and nothing else; blank: the provider calls none."""
        ...

    def written(self, returned: Returned, address: str) -> Fate:
        """Return what became of such a call."""
        ...


class WebhookApiType(Protocol):
    """A class of these, as it is made."""

    def __call__(self, access: Access, phone: str) -> WebhookApi:
        """Take what it takes to call, and our number."""
        ...
