"""Recognises a request that came through our own CDN, which adds a secret that nobody else knows.

Several secrets are accepted while one replaces the other; they are compared in constant time.
"""

import hmac
from collections.abc import Sequence

from edge.core.wire.provider import Headers

HEADER = b"x-origin-secret"


class Origin:
    """The secrets that the CDN may add; none means that nobody is asked for one."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = [secret.encode() for secret in secrets]

    def admits(self, headers: Headers) -> bool:
        """Return whether the request carries one of the secrets, or none is asked for."""
        if not self._secrets:
            return True
        given = headers.get(HEADER, b"")
        return sum(hmac.compare_digest(given, secret) for secret in self._secrets) > 0
