"""Where alerts go: the addresses in a variable, one after the other with white space between. They hold secrets, and are never shown.

`ntfys://TOKEN@host/topic` is a topic of ntfy, `https://user:password@host/path` a webhook that gets JSON; without TLS
(`ntfy://`, `http://`) only on this machine. Whatever else has a scheme is for apprise.
"""

import base64
import ipaddress
import re
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from edge.errors import ConfigError

NTFY, WEBHOOK, OTHER = "ntfy", "webhook", "apprise"
_TLS = {"ntfys": True, "ntfy": False, "https": True, "http": False}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://.+", re.ASCII | re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.ASCII | re.IGNORECASE)
_PATH = re.compile(r"[!-~]*")


class Channel(msgspec.Struct, frozen=True):
    """One channel: its address, ready to be called."""

    kind: str
    name: str
    """What may be said of it: its place in the variable, and its kind."""
    url: str
    authorization: str = ""
    """The value of the header; blank where none is asked for."""
    topic: str = ""


def channels_of(text: str, where: str) -> list[Channel]:
    """Return the channels whose addresses a variable holds. Raises ConfigError, which says which one is wrong, and not what it is."""
    return [_channel(number, given, where) for number, given in enumerate(text.split(), start=1)]


def url_of(text: str, where: str) -> str:
    """Return one address of the web, as it is called. Raises ConfigError."""
    parts = _parts(text, where)
    if parts.scheme not in {"https", "http"}:
        raise ConfigError(f"{where}: not an address of the web; write one such as https://hc.example.org/some-id")
    return _checked(parts, where)


def _channel(number: int, text: str, where: str) -> Channel:
    where = f"{where}: address {number}"
    if _SCHEME.fullmatch(text) is None:
        raise ConfigError(
            f"{where}: has no scheme; write one such as ntfys://TOKEN@ntfy.example.org/topic or https://…"
        )
    scheme = text.partition(":")[0].lower()
    if scheme not in _TLS:
        return Channel(OTHER, f"{number} {scheme}", text)
    parts = _parts(text, where)
    url = _checked(parts, where)
    if scheme in {"https", "http"}:
        return Channel(WEBHOOK, f"{number} {WEBHOOK}", url, _authorization(parts))
    topic = parts.path.strip("/")
    if not re.fullmatch(r"[-_A-Za-z0-9]{1,64}", topic) or parts.query:
        raise ConfigError(
            f"{where}: no topic of ntfy; write one of letters, digits, - and _, such as ntfys://host/topic"
        )
    base = url.removesuffix(parts.path)
    return Channel(NTFY, f"{number} {NTFY}", f"{base}/", _authorization(parts), topic)


def _parts(text: str, where: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _port = parts.port
    except ValueError:
        raise ConfigError(f"{where}: its host or its port is none") from None
    if not _HOST.fullmatch(parts.hostname or "") or not _PATH.fullmatch(parts.path + parts.query):
        raise ConfigError(f"{where}: its host, or its path, is none: write letters and digits, all else as %XX")
    return parts


def _checked(parts: SplitResult, where: str) -> str:
    """Return an address without its secrets. Raises ConfigError where they would be sent in the clear."""
    host = parts.hostname or ""
    scheme = "https" if _TLS[parts.scheme] else "http"
    if scheme == "http" and not _is_this_machine(host):
        raise ConfigError(
            f"{where}: without TLS everybody on the way reads what is said, and the secret with it; write "
            f"{'ntfys' if parts.scheme == 'ntfy' else 'https'}://, or name a server on this machine"
        )
    shown = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port is not None else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{shown}{port}{parts.path}{query}"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _authorization(parts: SplitResult) -> str:
    """Return the header for what stands before the host: a user and a password, or a token alone."""
    if parts.username is None:
        return ""
    user = unquote(parts.username)
    if parts.password is None:
        return f"Bearer {user}"
    return "Basic " + base64.b64encode(f"{user}:{unquote(parts.password)}".encode()).decode()
