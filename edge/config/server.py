"""`[server]`: the worker's side of the network."""

import re
from typing import Annotated

import msgspec

from edge.config.table import Names, Table, require, require_paths, require_variables

_BIND = re.compile(r"unix:[^\0]+|(?!unix:)([\w.-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})", re.ASCII)
_PORT_MAX = 65_535


class Server(Table, frozen=True):
    """The worker's side of the network. A CDN or a proxy stands in front, so it is on loopback by default. Relative paths as in `ledger.url`."""

    bind: str = "127.0.0.1:8000"
    """An address and a port, or `unix:` and the path of a socket."""
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    body_bytes_max: Annotated[int, msgspec.Meta(ge=1024, le=1_048_576)] = 32_768
    """A message of 1,600 emoji with ten pictures is 23 kB of form; the rest is for fields that are yet to come."""
    origin_secret_env: Names = msgspec.field(default_factory=list)
    status_key_env: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    tls_client_ca: str | None = None
    """An authority: whoever has no certificate of it is refused before a request is read. For a CDN that brings one."""
    counter: bool = False
    """A public page of how many wrote and how many were answered. Off by default: it shows trolls what they do."""
    counter_money: bool = False
    state: str | None = None
    """The folder of what survives a worker that is killed. Default: that of the SQLite ledger, else `/var/lib/antirelou`."""
    trace: str | None = None
    """A folder. Off by default: a trace tells when who wrote, if not who it was."""
    trace_mb_max: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 64
    """The size of all traces in the folder together: some 400,000 messages."""

    def __post_init__(self) -> None:
        require_variables(self.origin_secret_env, "origin-secret-env")
        require_variables(self.status_key_env or [], "status-key-env")
        for key in ("tls_cert", "tls_key", "tls_client_ca", "state", "trace"):
            require_paths(getattr(self, key), key.replace("_", "-"))
        bind = _BIND.fullmatch(self.bind)
        require(
            bind is not None and int(bind["port"] or 0) <= _PORT_MAX,
            f'bind: found {self.bind!r}; write an address and a port, such as "127.0.0.1:8000", or a socket, such as '
            '"unix:/run/antirelou/antirelou.sock"',
        )
        require(
            (self.tls_cert is None) == (self.tls_key is None),
            "tls-cert and tls-key: only one is given; write both, or neither",
        )
        require(
            self.tls_client_ca is None or self.tls_cert is not None,
            "tls-client-ca: without tls-cert and tls-key nobody is asked for a certificate; write those too",
        )
        require(
            self.counter or not self.counter_money,
            "counter-money: without counter = true nothing is shown; write that too",
        )
        require(self.state != "", 'state: empty; write a folder, such as "/var/lib/antirelou", or leave the key out')
        require(self.trace != "", 'trace: empty; write a folder, such as "traces", or leave the key out')
