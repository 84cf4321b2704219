"""Signatures: HMAC with everything hashed in advance that can be, compared in constant time.

A signature covers the address first and the message last. The address and both pads of the key are the same for every
message, so they are hashed once (RFC 2104, section 4) and the two states copied: half the time of a whole HMAC, and two
thirds of that of a copied :mod:`hmac` object, which wraps each of these steps (1.3 against 1.9 µs).
"""

from binascii import b2a_base64
from collections.abc import Callable, Iterable
from hmac import compare_digest
from typing import Protocol

_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))


class Hash(Protocol):
    """A hash object, as :mod:`hashlib` makes it."""

    @property
    def block_size(self) -> int:
        """The size of a block in bytes."""
        ...

    def copy(self) -> "Hash":
        """Return a hash that continues from here."""
        ...

    def update(self, data: bytes, /) -> None:
        """Hash more."""
        ...

    def digest(self) -> bytes:
        """Return the digest of all so far."""
        ...


class Mac:
    """The HMAC of messages that begin alike."""

    def __init__(self, new_hash: Callable[[bytes], Hash], secret: str, beginning: str) -> None:
        key = secret.encode()
        block_size = new_hash(b"").block_size
        if len(key) > block_size:
            key = new_hash(key).digest()
        key = key.ljust(block_size, b"\0")
        self._inner = new_hash(key.translate(_INNER_PAD))
        self._inner.update(beginning.encode())
        self._outer = new_hash(key.translate(_OUTER_PAD))

    def digest(self, rest: bytes) -> bytes:
        """Return the HMAC of the common beginning and the rest."""
        inner = self._inner.copy()
        inner.update(rest)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()


def signed_in_base64(macs: Iterable[Mac], rest: bytes, *signatures: bytes) -> bool:
    """Return whether one of the signatures is that of one of the keys."""
    for mac in macs:  # loops, because any() would cost every refused message half a microsecond
        expected = b2a_base64(mac.digest(rest), newline=False)
        for signature in signatures:
            if compare_digest(expected, signature):
                return True
    return False


def signed_in_hex(macs: Iterable[Mac], rest: bytes, signature: bytes) -> bool:
    """Return whether the signature is that of one of the keys."""
    return any(compare_digest(mac.digest(rest).hex().encode(), signature) for mac in macs)
