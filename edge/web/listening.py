"""Granian's options from the static file: how a worker listens.

1. TCP, or a unix socket that its owner and group may use. The socket of a server that was killed is cleared away; one that
   is still served is not. A port is taken as soon as it is looked at, and one that somebody else has is refused: workers
   share theirs (SO_REUSEPORT), and so would the workers of a second server, to whom the kernel would deal half of the messages.
2. HTTP/1.1; HTTP/2 as well where only the proxy can connect, by a socket or with a client's certificate. Granian gives a
   connection that may speak either no time limit until it has said which: whoever can connect could hold all of them,
   in silence and for ever (docs/explanation/under-fire.md).
3. As many connections as open files allow, and the limit of open files is raised as far as the system lets us.
4. All of this is checked before a worker starts, and so is TLS (:mod:`edge.web.tls`).
"""

import errno
import ipaddress
import logging
import os
import resource
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings, HTTP2Settings
from granian.log import LogLevels

from edge.config import Config, Server
from edge.errors import ConfigError
from edge.system import logs
from edge.system.access import why_not_written
from edge.web.tls import tls_options

DRAIN_S = 10
"""The longest that a worker may take to finish its replies: longer than the ledger may take to answer."""
START_S = 20.0
"""The longest that a new worker may take until it serves, at a reload: then the old one goes all the same."""
CONNECTIONS_MAX = 8_192
"""Per worker, idle ones included: Granian's own 1,024 let anybody shut everybody out by holding connections open."""
FILES_SPARE = 128
"""Files that a worker may open besides its connections: it needs some 35, and opens others in passing."""
FILES_SPARE_MIN = 48
"""The same where there are few: half of them are for connections, as long as this much is left."""
FILES_MIN = 64
"""With fewer a worker would hold no connections worth speaking of."""
_EVERYBODY = ipaddress.ip_address("255.255.255.255")
SOCKET_PATH_BYTES_MAX = 107
"""The longest path of a unix socket (unix(7): 108 with the zero at its end)."""
BACKLOG = 4_096
HEADER_READ_TIMEOUT_MS = 15_000
"""The time limit for a request's head, from the first moment of a connection and again after each answer: what says nothing is closed."""
PING_MS = 15_000
"""The interval at which an HTTP/2 peer has to show that it lives: nothing else ends such a connection."""
BUFFER_BYTES_MAX = 65_536
"""The most that one connection may hold of request line and headers: providers and CDNs send under 4 KiB of them."""
SOCKET_MODE = 0o660
"""The mode of the socket: the CDN's or the proxy's user is in our group."""


log = logging.getLogger("antirelou")


def options(config: Config, base: Path) -> dict[str, Any]:
    """Return Granian's options; the benchmark's floor runs on the same ones."""
    return {
        **_address(config.server, base),
        **tls_options(config.server, base),
        "interface": Interfaces.ASGI,
        "workers": config.server.workers,
        "http": HTTPModes.auto if _is_for_a_proxy_only(config.server) else HTTPModes.http1,
        "http1_settings": HTTP1Settings(header_read_timeout=HEADER_READ_TIMEOUT_MS, max_buffer_size=BUFFER_BYTES_MAX),
        "http2_settings": HTTP2Settings(max_headers_size=BUFFER_BYTES_MAX, keep_alive_interval=PING_MS),
        "backlog": BACKLOG,
        "backpressure": connections_max(),
        "websockets": False,
        "respawn_failed_workers": True,
        "respawn_interval": START_S,
        "workers_kill_timeout": DRAIN_S,
        "log_level": LogLevels.warning,
        "log_dictconfig": logs.GRANIAN,
    }


def connections_max() -> int:
    """Return how many connections a worker may hold: fewer where the system allows it fewer open files.

    Granian at the limit of open files tries to accept over and over, at the cost of a whole core; at its own it waits.
    """
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return CONNECTIONS_MAX
    return max(1, min(CONNECTIONS_MAX, files - _files_spare(files)))


def check_files() -> None:
    """Raise ConfigError where the system allows a worker too few open files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != most < FILES_MIN:
        raise ConfigError(
            f"open files: the hard limit is {most}, and a worker needs {FILES_MIN} at least; "
            f"raise it (ulimit -n, LimitNOFILE), to {CONNECTIONS_MAX + FILES_SPARE:,} if you can"
        )


def allow_files() -> None:
    """Let this process and its workers open as many files as their connections need: shells and systemd start with 1,024.

    Raises ConfigError where the system allows too few, and logs where it allows fewer than a worker could use.
    """
    check_files()
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    connections = connections_max()
    if connections < CONNECTIONS_MAX:
        log.warning(
            "open files: the hard limit is %d, so a worker holds %d connections at once; with %d (ulimit -n, LimitNOFILE) it holds %d",
            most, connections, CONNECTIONS_MAX + FILES_SPARE, CONNECTIONS_MAX,
        )  # fmt: skip
    needed = connections + _files_spare(most)
    if resource.RLIM_INFINITY != allowed < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, most))


def check_address(server: Server, base: Path) -> None:
    """Look at the address as a server would, and change nothing. Raises ConfigError for one that no worker can listen on.

    One that is in use is none of those: our own server may run.
    """
    path = socket_path(server, base)
    if path is not None:
        _check_socket(path)
        return
    host, port = _host_and_port(server)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        right = "127.0.0.1" if host == "localhost" else "0.0.0.0"  # noqa: S104 — an example of all addresses
        raise ConfigError(
            f'server.bind: {host} is a name, and workers listen on addresses; write one, such as "{right}:{port}"'
        ) from None
    if port == 0:
        raise ConfigError('server.bind: port 0 is none; write one from 1 to 65535, such as "127.0.0.1:8000"')
    if address.is_multicast or address == _EVERYBODY:
        raise ConfigError(
            f'server.bind: nobody connects to {host}, the address of many; write one, such as "0.0.0.0:{port}"'
        )
    _check_port(host, port)


def make_way(server: Server, base: Path) -> socket.socket | None:
    """See that workers can listen, and no other server's: a port is taken, and a socket is not served.

    The port is ours for as long as what is returned is open. A dead socket stays for :func:`clear_socket`: it may be one on which
    another server is just about to listen. Raises ConfigError for an address that is taken, or cannot be had.
    """
    check_address(server, base)
    path = socket_path(server, base)
    if path is not None:
        _is_dead(path)  # dead or not there, it is no other server's
        return None
    host, port = _host_and_port(server)
    try:
        return _take_port(host, port)
    except OSError as error:
        raise ConfigError(f"server.bind: {_why_not_bound(error, host, port)}") from None


def clear_socket(path: Path) -> None:
    """Remove a socket that nobody serves any more; the caller is alone in its folder. Raises ConfigError for one that is served."""
    if _is_dead(path):
        path.unlink(missing_ok=True)


def _is_dead(path: Path) -> bool:
    """Return whether a socket is there on which nobody listens, or not yet. Raises ConfigError for one that is served."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except FileNotFoundError:
            return False
        except ConnectionRefusedError:
            return True
    raise ConfigError(f"server.bind: {path} is served by another process; end it first")


def socket_path(server: Server, base: Path) -> Path | None:
    """Return the path of the unix socket, or None where it is TCP."""
    scheme, _, name = server.bind.partition(":")
    return base / name if scheme == "unix" else None


def clients_of(server: Server, base: Path) -> Callable[[socket.socket], bool]:
    """Return what tells whether a connection is one that a client of this server has made."""
    path = socket_path(server, base)
    if path is not None:
        name = os.path.realpath(path)
        return lambda connection: connection.getsockname() == name
    port = _host_and_port(server)[1]
    return lambda connection: connection.family != socket.AF_UNIX and connection.getsockname()[1] == port


def socket_mark(path: Path) -> tuple[int, int, int] | None:
    """Return what tells a socket from another one that has taken its place, or None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _files_spare(files: int) -> int:
    return min(FILES_SPARE, max(FILES_SPARE_MIN, files // 2))


def _check_port(host: str, port: int) -> None:
    """Try to listen there; that somebody does already is no complaint."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            # It shares no port, unlike the workers', so it fails beside whoever listens; connections that ended do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise ConfigError(f"server.bind: {_why_not_bound(error, host, port)}") from None


def _check_socket(path: Path) -> None:
    whole = os.path.realpath(path)
    length = len(os.fsencode(whole))
    if length > SOCKET_PATH_BYTES_MAX:
        raise ConfigError(
            f"server.bind: {whole} is {length} bytes long, and the path of a socket has {SOCKET_PATH_BYTES_MAX} at most; "
            'choose a shorter one, such as "unix:/run/antirelou/antirelou.sock"'
        )
    if not path.parent.is_dir():
        raise ConfigError(f"server.bind: the folder {path.parent} does not exist; make it, or choose another")
    reason = why_not_written(path.parent)
    if reason:
        raise ConfigError(f"server.bind: no socket can be made in {path.parent}: {reason}")
    if path.is_symlink() and not path.exists():
        raise ConfigError(f"server.bind: {path} is a link that leads nowhere; remove it, or choose another path")
    if path.exists() and not path.is_socket():
        raise ConfigError(f"server.bind: {path} exists and is not a socket; choose another path")


def _take_port(host: str, port: int) -> socket.socket:
    """Return a socket that hears nobody, and beside which only our own workers can listen. Raises OSError."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        # Who listens without sharing is alone on a port; connections that have ended do not count.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        taken.listen(0)
        # From here on it is in the way of everybody who does the same, and not of those who share.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.shutdown(socket.SHUT_RDWR)  # it listens no more, and stays bound
    except OSError:
        taken.close()
        raise
    return taken


def _why_not_bound(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} of {host} is in use; end who listens there, or choose another port"
        case errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine; write one that is, such as 127.0.0.1"
        case errno.EAFNOSUPPORT:
            return f"this machine does not speak IPv6, which {host} needs; write another address, such as 127.0.0.1"
        case errno.EACCES:
            return f"port {port} may only be opened by root; choose one from 1024 up"
        case _:
            return f"{host} and port {port} cannot be listened on: {error.strerror}; write another address"


def _is_for_a_proxy_only(server: Server) -> bool:
    return server.bind.startswith("unix:") or server.tls_client_ca is not None


def _address(server: Server, base: Path) -> dict[str, Any]:
    path = socket_path(server, base)
    if path is not None:
        return {"uds": path, "uds_permissions": SOCKET_MODE}
    host, port = _host_and_port(server)
    return {"address": host, "port": port}


def _host_and_port(server: Server) -> tuple[str, int]:
    host, _, port = server.bind.rpartition(":")
    return host.strip("[]"), int(port)
