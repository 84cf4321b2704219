"""The contract of a provider: pure functions over bytes. No clock, no socket, no configuration file.

1. Verify first: sender, text and id are taken out of a request only when its signature is right, where there is one.
2. What is signed and is no message to us is `not_a_message`: a report, our own outgoing message, a call. What is signed and is
   nothing that the provider sends is `malformed`.
3. A refusal is a :class:`edge.core.wire.reason.Reason`, returned and never raised.
4. Compare secrets in constant time.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from edge.core.wire.message import Message
from edge.core.wire.reason import Reason

Headers = Mapping[bytes, bytes]
"""Headers by their names in lower case, as ASGI gives them; of a repeated one the last."""


class Provider(Protocol):
    """Reads the requests of one number at one provider, and writes the answers."""

    methods: frozenset[str]
    """The HTTP methods that it uses; anything else is `wrong_method`."""
    content_type: bytes
    """The type of every answer with status 200, silence included."""
    silence: bytes
    """The body of an answer that makes the provider send nothing (and not retry)."""
    signatures: Sequence[bytes]
    """The headers that may hold a signature of its; none where nothing is signed."""

    def read(self, method: str, query: bytes, headers: Headers, body: bytes) -> Message | Reason:
        """Return the message, or `not_a_message`, `bad_signature`, `malformed` or `wrong_type`."""
        ...

    def explain(self, method: str, query: bytes, headers: Headers, body: bytes, *, guess: bool) -> str:
        """Return what would have verified a request that did not, or, if `guess`, what is likely; blank if nothing is.

        Never a secret, a number or a path. Takes milliseconds, so that nobody asks for each request.
        """
        ...

    def compile(self, text: str) -> tuple[bytes, ...]:
        """Return the answer's body in pieces, to be joined by the digits of the sender's number, without its plus sign.

        One piece where the answer names nobody. Raises ConfigError for a text that no answer can carry.
        """
        ...


class Ceiling(NamedTuple):
    """A limit on the bill that the provider itself offers, and that holds when nothing here does."""

    what: str
    source: str
    """The address where its documentation says so."""


class ProviderType(Protocol):
    """A class of providers, as :mod:`edge.setup` calls it to make one."""

    needs_secret: bool
    """Whether a secret verifies its requests."""
    needs_secret_path: bool
    """Whether nothing in a request proves who sent what, so that the path or the CDN has to."""
    ceilings: Sequence[Ceiling]
    """What it offers as a limit of its own."""
    note: str
    """What the operator has to see to at the provider, since nothing here can see it; blank if there is nothing."""

    no_detach: str
    """Why a number must not be detached there to save money, with its source; blank where that stops the bill."""

    def __call__(self, *, phone: str, url: str, secrets: Sequence[str]) -> Provider:
        """Take our number, its webhook's address as entered at the provider, and the secrets while they rotate."""
        ...
