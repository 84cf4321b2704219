"""Addresses in the static file: what is one, and what a secret may be sent to."""

import ipaddress
import re
from urllib.parse import unquote, urlsplit

from edge.config.table import require


def is_address(url: str) -> bool:
    """Return whether it is a whole address of the web."""
    try:
        return (
            re.fullmatch(r"https?://[^\s/?#]+(/[^\s#]*)?(#\S*)?", url) is not None
            and urlsplit(url).hostname is not None
            and urlsplit(url).port != 0
        )
    except ValueError:  # of brackets that hold no address, and of ports that are none
        return False


def is_bare_address(url: str) -> bool:
    """Return whether it is a scheme and a host, and a port if there is one."""
    return is_address(url) and re.fullmatch(r"https?://[^/?#@]+/?", url) is not None


def require_api_url(url: str) -> None:
    """Require an address that a secret may be sent to: encrypted, or on this machine."""
    require(
        is_address(url) and not re.search(r"[?#@]", url),
        'api-url: not the beginning of an address; write one such as "https://api.twilio.com"',
    )
    require(
        url.startswith("https:") or _is_this_machine(urlsplit(url).hostname or ""),
        "api-url: without TLS everybody on the way reads the secret; write https://, or name a server on this machine",
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def path_of(url: str) -> str:
    """Return the path of an address, as a request for it has it."""
    return unquote(urlsplit(url).path) or "/"
