"""Recognises a request that was made on this machine, by somebody who meant it: loopback alone is no identity.

A proxy on the same machine connects from a loopback address for the whole world, and a page of any site makes the browser of
whoever opens it send requests to this machine. So three things must hold.

1. The connection comes from a loopback address.
2. `Host` is a loopback name or address: a name of somebody else's that leads here (DNS rebinding) is not. `Origin` and
   `Referer`, where they are sent, name the same host.
3. Every header is one that a browser or a program sends by itself: proxies add theirs, and there are more of those than can
   be listed. No other site's page is behind it (https://www.w3.org/TR/fetch-metadata/).
"""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request

_BY_ITSELF = frozenset(
    [
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "authorization",
        "cache-control",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "dnt",
        "host",
        "if-modified-since",
        "if-none-match",
        "keep-alive",
        "origin",
        "pragma",
        "priority",
        "range",
        "referer",
        "save-data",
        "te",
        "upgrade-insecure-requests",
        "user-agent",
    ]
)
_BY_BROWSERS = ("sec-ch-", "sec-fetch-", "sec-gpc", "sec-purpose")
_OURS = ("none", "same-origin")
_FROM = ("origin", "referer")


def is_nearby(request: Request) -> bool:
    """Return whether a request is a direct one from this machine."""
    headers = request.headers
    return (
        request.client is not None
        and _is_loopback(request.client.host)
        and is_on_loopback(headers.get("host", ""))
        and all(_host_of(headers[name]) == headers["host"] for name in _FROM if name in headers)
        and all(name in _BY_ITSELF or name.startswith(_BY_BROWSERS) for name in headers)
        and headers.get("sec-fetch-site", "none") in _OURS
    )


def is_on_loopback(host: str) -> bool:
    """Return whether what a request calls its host is this machine."""
    return _is_loopback(_name(host))


def _host_of(address: str) -> str:
    """Return the host and port of an address; blank where there is none, as in `null`."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def _name(host: str) -> str:
    """Return a host without its port and brackets."""
    before, colon, port = host.rpartition(":")
    name = before if colon and port.isdigit() else host
    return "127.0.0.1" if name.rstrip(".").lower() == "localhost" else name.strip("[]")


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback
