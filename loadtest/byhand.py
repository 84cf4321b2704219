"""`python -m loadtest.byhand FILE`: serve a static file until Ctrl-C, and print a curl line that works. It is `make run`.

1. A secret whose variable is not set is made up for this run, so that nobody else knows it, whoever can reach the port.
2. The line is the same message each time: whoever sends it again is the provider that retries, and gets the same reply.
"""

import os
import secrets
import shlex
import socket
import sys
from pathlib import Path

import click

from edge.config import Config, Server
from edge.configfile import load
from edge.errors import AntirelouError
from loadtest.door import run
from loadtest.flood.arrival import Arrival, Kind
from loadtest.flood.phones import somebody
from loadtest.provider.credentials import origin_secret, signing_secret
from loadtest.provider.signing import Encoder
from loadtest.worker.own import variables

_FICTION = "+33639980001"
"""Arcep keeps it for fiction; elsewhere it is a mobile as the country's plan writes it. It never leaves this machine."""
_NOT_SHOWN = ("User-Agent", "Content-Length")
_PROBE_S = 1.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 — where a worker listens that does so everywhere


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", metavar="FILE")
def main(name: str) -> None:
    """Serve FILE until Ctrl-C, and print how to send it a message."""
    if not name:  # as of `make run FILE=`; a path of nothing would be this folder
        raise click.UsageError("FILE: found ''; write the path of a static file, such as edge.toml")
    file = Path(name)
    try:
        config = load(file)
        made_up = [name for name in variables(config) if not os.environ.get(name)]
        environ = os.environ | {name: secrets.token_hex(16) for name in made_up}
        line = curl(config, file.parent, environ)
    except (AntirelouError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    if not _is_taken(config.server, file.parent):  # else the line would reach somebody else, and `serve` says that
        said = [f"{name} is not set: a secret is made up for this run" for name in made_up]
        if (authority := config.server.tls_client_ca) is not None:
            said.append(f"CLIENT stands for a client's certificate, and key, of the authority {authority}")
        said.append("a message as the provider sends it; the same line again is a retry, and gets the same reply:")
        click.echo("\n".join([*said, line]))
        sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", "edge", "serve", str(file)], environ)  # noqa: S606  our own worker


def curl(config: Config, base: Path, environ: dict[str, str]) -> str:
    """Return the command line that sends one message, from a prefix that is priced. Raises AntirelouError for want of a secret, ValueError of an unknown provider."""
    prefix = next(iter(config.price_at(0).reply))
    sender = _FICTION if _FICTION.startswith(prefix) else somebody(prefix)
    arrival = Arrival(0, 0, sender, "Salut", "SM" + "0" * 32, Kind.FRESH, genuine=True)
    encode = Encoder(config, signing_secret(config, base, environ), origin_secret(config, environ))
    head, _, body = encode(arrival).decode().partition("\r\n\r\n")
    request, *headers = head.split("\r\n")
    _, path, _ = request.split(" ")
    way = _way(config.server, base)
    shown = [part for header in headers if not header.startswith(_NOT_SHOWN) for part in ("-H", header)]
    return shlex.join(["curl", "-i", *way[:-1], way[-1] + path, *shown, "--data-raw", body])


def _is_taken(server: Server, base: Path) -> bool:
    """Return whether somebody listens already where a worker would."""
    if server.bind.startswith("unix:"):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(_socket(server, base)) == 0
    host, port = _host_and_port(server)
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PROBE_S).close()
    except OSError:
        return False
    return True


def _way(server: Server, base: Path) -> list[str]:
    """Return curl's options that lead to a worker, and at last the beginning of a URL."""
    # The certificate is for the world's name of the number, which this is not.
    tls = [] if server.tls_cert is None else ["--insecure"]
    if server.tls_client_ca is not None:
        tls += ["--cert", "CLIENT.pem", "--key", "CLIENT.key"]
    scheme = "https" if tls else "http"
    if server.bind.startswith("unix:"):
        return [*tls, "--unix-socket", _socket(server, base), f"{scheme}://localhost"]
    host, port = _host_and_port(server)
    return [*tls, f"{scheme}://{host}:{port}"]


def _host_and_port(server: Server) -> tuple[str, str]:
    """Return where a worker is to be reached from this machine."""
    host, _, port = server.bind.rpartition(":")
    return _ANYWHERE.get(host, host), port


def _socket(server: Server, base: Path) -> str:
    return str(base / server.bind.removeprefix("unix:"))


if __name__ == "__main__":
    run(main, "loadtest.byhand")
