"""A worker of the harness's own: a copy of the static file in a folder of its own, started, awaited, stopped.

1. It listens on a free port of the loopback and has a new ledger; its secrets are made up on the spot. Nothing real is
   touched, and nobody's money is spent.
2. It ends with the run, whatever ends that (:mod:`loadtest.worker.child`).
"""

import http.client
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from edge.config import Config, Number
from edge.configfile import parse
from edge.errors import AntirelouError, ConfigError
from loadtest.flood.scenario import Scenario
from loadtest.provider.credentials import as_list
from loadtest.provider.line import Line
from loadtest.worker.child import running
from loadtest.worker.file import worker_file
from loadtest.worker.provider import Credentials, Owned, Provider, serving

_LOOPBACK = "127.0.0.1"
_START_S = 20.0
_PAUSE_S = 0.05


class NotStarted(AntirelouError):
    """There is no worker to flood."""


class OwnWorker:
    """The file and the environment of a worker, in a folder that is thrown away afterwards."""

    def __init__(self, folder: Path, text: str, scenario: Scenario, workers: int, delay_s: float = 0.0) -> None:
        """Write the file and the secrets; its provider takes `delay_s` to detach a number. Raises NotStarted."""
        self.file = folder / "edge.toml"
        self._log, self._line = folder / "worker.log", folder / "line"
        self._port, self._api_port, self._delay_s = free_port(), free_port(), delay_s
        try:
            written = worker_file(
                text,
                scenario,
                bind=f"{_LOOPBACK}:{self._port}",
                workers=workers,
                api_url=f"http://{_LOOPBACK}:{self._api_port}",
            )
            self._config = config = parse(written, self.file.name)
        except (ConfigError, ValueError) as error:
            raise NotStarted(str(error)) from None
        if config.server.tls_cert is not None:
            raise NotStarted("server.tls-cert: floods speak http without TLS; flood a file without it")
        self.file.write_text(written, encoding="utf-8")
        for name in [name for number in config.numbers for name in as_list(number.secret_file)]:
            (folder / name).write_text(secrets.token_hex(16), encoding="utf-8")
        named = _variables_in(msgspec.to_builtins(config, enc_hook=int))
        self.environ = os.environ | {name: secrets.token_hex(16) for name in named}

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{_LOOPBACK}:{self._port}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it for as long as the block takes. Raises NotStarted if it does not get ready."""
        with self._provider():
            yield from self._served()

    @property
    def line(self) -> Path | None:
        """The file that says to which numbers its provider delivers; None where nothing is detached."""
        return self._line if self._config.receiving.detach == "yes" else None

    @contextmanager
    def _provider(self) -> Iterator[None]:
        """Be the provider that the worker asks for something, if it does."""
        numbers = self._config.numbers
        owned = [
            Owned(place, number.phone, number.url, self._owner(number))
            for place, number in enumerate(numbers)
            if number.api_url
        ]
        if not owned:
            yield
            return
        with serving(Provider(Line.make(self._line, len(numbers)), owned, self._delay_s), self._api_port):
            yield

    def _owner(self, number: Number) -> Credentials:
        """Return who may ask the provider for something about a number."""
        names = (number.api_account_env, number.api_key_env, number.api_secret_env)
        return Credentials(*(self.environ[name or ""] for name in names))

    def _served(self) -> Iterator[None]:
        command = [sys.executable, "-m", "edge", "serve", str(self.file)]
        with self._log.open("w", encoding="utf-8") as log, running(command, self.environ, log) as process:
            self._wait_until_ready(process)
            yield

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        until_s = time.monotonic() + _START_S
        while not self._is_ready():
            if process.poll() is not None or time.monotonic() > until_s:
                said = self._log.read_text(encoding="utf-8").strip().splitlines()
                raise NotStarted(f"the worker did not start: {said[-1] if said else 'it said nothing'}")
            time.sleep(_PAUSE_S)

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection(_LOOPBACK, self._port, timeout=1)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _variables_in(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of all variables that a file names, in whichever table: none of the real ones is to be used."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _variables_in(value)
        elif key == "number" and isinstance(value, list):
            for number in value:
                yield from _variables_in(number)
        elif key.endswith("-env") and value:
            yield from as_list(value)


def variables(config: Config) -> list[str]:
    """Return the names of the variables in which the file looks for secrets."""
    server, secrets = config.server, [name for number in config.numbers for name in as_list(number.secret_env)]
    return [*secrets, *as_list(server.origin_secret_env), *as_list(server.status_key_env or [])]
