"""The target of a flood: a worker of one's own, or nobody.

1. A loopback address is one's own, and so is a unix socket. Anything else must be named exactly, as `--i-own HOST:PORT`.
2. The name is resolved once, and what was checked is what is connected to.
3. The engine speaks HTTP/1.1 without TLS: to the worker itself, not to the CDN in front of it.
"""

import ipaddress
import socket
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from edge.errors import AntirelouError

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared with, never bound to
_HTTP_PORT = 80
_UNIX = "unix:"


class TargetError(AntirelouError):
    """Nothing may be sent there."""


class Target(NamedTuple):
    """An address to connect to, and the name by which it was given."""

    name: str
    family: int
    address: tuple[str, int] | str
    """A host's and a port, or the path of a socket."""

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        return isinstance(self.address, str) or ipaddress.ip_address(self.address[0]).is_loopback

    @property
    def url(self) -> str:
        """The target as it is written on Locust's command line."""
        return self.name if self.name.startswith(_UNIX) else f"http://{self.name}"


def find(text: str, *, i_own: str = "", base: Path = Path()) -> Target:
    """Return the target that `http://host:port` means, or what a worker listens at: `host:port`, or `unix:` and a path.

    A relative path starts at `base`. Raises TargetError.
    """
    if text.startswith(_UNIX):
        return Target(text, socket.AF_UNIX, str(base / text.removeprefix(_UNIX)))
    host, port = _split(text)
    name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    family, address = _resolve(host, port, name)
    target = Target(name, family, address)
    if not target.is_loopback and i_own != name:
        raise TargetError(
            f"{name} is not this machine, and floods are for one's own workers only; if it is yours, say --i-own {name}"
        )
    return target


def _split(text: str) -> tuple[str, int]:
    try:
        url = urlsplit(text if "://" in text else f"http://{text}")
        port = _HTTP_PORT if url.port is None else url.port
    except ValueError:  # of brackets without an end, and of ports that are none
        url, port = urlsplit(""), 0
    if not url.hostname or not port:
        raise TargetError(f'target: found {text!r}; write an address such as "http://127.0.0.1:8000"')
    if url.scheme != "http":
        raise TargetError(f"target: found {text!r}; the flood speaks http to the worker itself, not {url.scheme}")
    return _ANY.get(url.hostname, url.hostname), port


def _resolve(host: str, port: int, name: str) -> tuple[int, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # the latter of what no name can be
        raise TargetError(f"{name} is not to be found: {error}") from None
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)  # workers listen on IPv4 by default
    return family, (str(address[0]), port)
