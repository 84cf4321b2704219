"""Who may see the status, and press its button.

1. The status key opens it: as `Authorization: Bearer …` for programs; a browser sends it once, in a form, and gets a cookie
   for it, so that it never stands in an address. Without a key, a direct connection from this machine does.
2. The cookie says until when it is good, and is signed: every worker knows it, none keeps anything of it, and it ends with
   the key.
3. A button changes something, so it needs more: a token that only our own page holds, and no sign of another site.
"""

import hashlib
import hmac
import re
from urllib.parse import urlsplit

from starlette.requests import Request

from edge.units import DAY_MS
from edge.web.nearby import is_nearby, is_on_loopback

COOKIE = "antirelou_status"
_BEARER = re.compile("^bearer +", re.IGNORECASE)
"""The scheme is one in any case (RFC 9110, 11.1)."""
LASTS_MS = 30 * DAY_MS
"""A phone stays where it is let in for a month."""


class Visitors:
    """The visitors of one number's status."""

    def __init__(self, key: str | None, secret: bytes) -> None:
        """Take the status key, and a secret that all workers of the number have."""
        self.key = key
        self._secret = hashlib.sha256(b"status\0" + secret + (key or "").encode()).digest()

    def may_see(self, request: Request, now_ms: int) -> bool:
        """Return whether a request comes from somebody who may see it."""
        if self.key is None:
            return is_nearby(request)
        return self.is_key(_BEARER.sub("", request.headers.get("authorization", ""))) or self._has_cookie(
            request, now_ms
        )

    def is_key(self, given: str) -> bool:
        """Return whether that is the status key."""
        return self.key is not None and hmac.compare_digest(given.encode(), self.key.encode())

    def cookie(self, now_ms: int) -> str:
        """Return the value of a cookie that opens the page."""
        until = str(now_ms + LASTS_MS)
        return f"{until}.{self._signed('cookie', until)}"

    def token(self, request: Request, now_ms: int) -> str:
        """Return what a form of ours carries, for that visitor; it changes by the day."""
        return self._token(request, now_ms // DAY_MS)

    def may_press(self, request: Request, token: str, now_ms: int) -> bool:
        """Return whether a button was pressed by somebody who may, on our own page of today or yesterday."""
        return (
            self._comes_by_page(request, now_ms)
            and _is_ours(request)
            and any(
                hmac.compare_digest(token.encode(), self._token(request, now_ms // DAY_MS - ago).encode())
                for ago in (0, 1)
            )
        )

    def _comes_by_page(self, request: Request, now_ms: int) -> bool:
        return is_nearby(request) if self.key is None else self._has_cookie(request, now_ms)

    def _has_cookie(self, request: Request, now_ms: int) -> bool:
        until, _, signed = request.cookies.get(COOKIE, "").partition(".")
        is_signed = hmac.compare_digest(signed.encode(), self._signed("cookie", until).encode())
        return is_signed and now_ms < int(until) <= now_ms + LASTS_MS + DAY_MS

    def _token(self, request: Request, day: int) -> str:
        return self._signed("button", f"{day} {request.cookies.get(COOKIE, '')}")

    def _signed(self, what: str, value: str) -> str:
        return hmac.new(self._secret, f"{what}\0{value}".encode(), "sha256").hexdigest()


def is_in_clear(request: Request) -> bool:
    """Return whether a cookie has to do without TLS: the browser runs on this machine."""
    return is_on_loopback(request.headers.get("host", ""))


def _is_ours(request: Request) -> bool:
    """Return whether no other site is behind a request, as far as the browser says."""
    origin = request.headers.get("origin")
    return request.headers.get("sec-fetch-site", "same-origin") == "same-origin" and (
        origin is None or _host_of(origin) == _host_of(f"//{request.headers.get('host', '')}") != ""
    )


def _host_of(address: str) -> str:
    """Return the host of an address; blank where there is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # of brackets that hold no address
        return ""
