"""`antirelou demo`: the number in a minute: a real worker, a real ledger, real HTTP; a person and a troll write to it, and the bill is printed."""

import http.client
import json
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

import edge
from edge.config import Config
from edge.configfile import load
from edge.errors import AntirelouError
from edge.meaning.terms import prices_of, webhook_path
from edge.samples.message import request
from edge.units import format_money

START_S = 15.0
END_S = 15.0
STOPS = (signal.SIGTERM, signal.SIGHUP)
"""What else asks a program to end."""
TROLL_MESSAGES = 1000
PERSON, TROLL, FRIEND = "+33639980001", "+33639981312", "+33639982001"


def example() -> Path:
    """Return the example file: beside the package in a checkout, inside it when installed."""
    inside = Path(edge.__file__).with_name("example.toml")
    return inside if inside.exists() else Path(edge.__file__).parent.parent / "edge.toml"


@click.command()
@click.option(
    "--keep", type=click.Path(path_type=Path), help="A new folder that keeps the file, the ledger and a trace."
)
def demo(keep: Path | None) -> int:
    """Start a worker on an example, let a person and a troll write to it, and print who got what, why, and the bill.

    The trace that --keep leaves is for 'antirelou simulate': the same messages under other limits.
    """
    for number in STOPS:  # as Ctrl-C does: the worker is ended as well, and the folder removed
        signal.signal(number, signal.default_int_handler)
    with _folder(keep) as folder:
        return Demo(folder, recorded=keep is not None).run()


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Yield the folder to play in: a new one that stays, or one that is removed.

    Raises:
        AntirelouError: The folder to keep is there already, or cannot be made.
    """
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="antirelou-demo-") as folder:
            yield Path(folder)
        return
    try:
        keep.mkdir(mode=0o700)
    except FileExistsError:
        raise AntirelouError(f"--keep: {keep} is there already; nothing was overwritten; name a new folder") from None
    except OSError as error:
        raise AntirelouError(f"--keep: {keep} cannot be made: {error.strerror}") from None
    yield keep


class Demo:
    """One play of it."""

    def __init__(self, folder: Path, *, recorded: bool) -> None:
        self._port = _free_port()
        self._secret = secrets.token_hex(16)
        self._file, self._traces = folder / "edge.toml", folder / "traces" if recorded else None
        written = f'{example().read_text()}\n[server]\nbind = "127.0.0.1:{self._port}"\n'
        if self._traces:
            self._traces.mkdir()
            written += 'trace = "traces"\n'
        self._file.write_text(written)
        self._config: Config = load(self._file)
        self._sent = 0
        self._surprises = 0

    def run(self) -> int:
        """Play all scenes, print the bill."""
        click.echo(f"example file, embedded ledger, all in {self._file.parent}")
        with self._worker():
            click.echo(f"{'who':34}{'messages':>9}  got")
            self._scene("a person", PERSON, "Salut, c'est Paul", {"answered": 1})
            self._scene("the same person again", PERSON, "Tu reponds pas ?", {"sender_limit": 1})
            self._scene("somebody who forges the provider", FRIEND, "Hello", {"bad_signature": 1}, secret="forged")  # noqa: S106
            trolled = {"answered": 1, "sender_limit": TROLL_MESSAGES - 1}
            self._scene("a troll", TROLL, "t'es ou ???", trolled, count=TROLL_MESSAGES)
            self._scene("somebody who says STOP", FRIEND, "Stop!", {"opted_out": 1})
        click.echo("… the worker is stopped and started again …")
        with self._worker():
            self._scene("the troll again", TROLL, "alors ?", {"sender_limit": 1})
            status = self._get("/status.json")
        self._bill(status)
        if self._traces:
            click.echo("what another limit would have done with the same messages:")
            shown = shlex.join(map(str, [self._file, self._traces]))
            click.echo(f"  antirelou simulate {shown} --sweep limit.sender.burst=1,5")
        return 1 if self._surprises else 0

    def _scene(
        self, who: str, sender: str, text: str, expected: dict[str, int], *, count: int = 1, secret: str | None = None
    ) -> None:
        before = self._get("/status.json")["by_reason"]
        bodies = self._send(sender, text, count, secret or self._secret)
        after = self._get("/status.json")["by_reason"]
        reasons = {
            reason: after[reason] - before.get(reason, 0) for reason in after if after[reason] != before.get(reason)
        }
        replies = sum(b"<Message" in body for body in bodies)
        got = f"{replies} reply, " if replies else "no reply, "
        why = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
        mark = "" if reasons == expected else click.style(f"  (expected: {expected})", fg="red")
        self._surprises += reasons != expected
        click.echo(f"{who:34}{count:9,}  {got}{why}{mark}")

    def _send(self, sender: str, text: str, count: int, secret: str) -> list[bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        bodies = []
        for _ in range(count):
            self._sent += 1
            headers, body = request(self._config, secret, sender, text, f"SM{self._sent:032x}")
            connection.request("POST", webhook_path(self._config), body, headers)
            bodies.append(connection.getresponse().read())
        connection.close()
        return bodies

    def _bill(self, status: dict[str, Any]) -> None:
        currency, spent, messages = status["currency"], status["spent"], status["messages"]
        [price, *_] = prices_of(self._config).values()
        ungated = messages * (self._config.price.received + price[1])
        click.echo(
            f"the bill: {spent['replies']} {currency} for {status['replies']} replies, {spent['received']} for receiving "
            f"{messages:,} messages; {status['kitty_left']} of {format_money(self._config.budget.kitty)} left"
        )
        click.echo(f"without the gate: {format_money(ungated)} {currency}")

    def _get(self, path: str) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        connection.request("GET", path)
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return found

    @contextmanager
    def _worker(self) -> Iterator[None]:
        environ = os.environ | {str(self._config.number.secret_env): self._secret}
        command = [sys.executable, "-m", "edge", "serve", str(self._file)]
        started = time.monotonic()
        process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)  # noqa: S603 — our own program
        try:
            self._await_start(process, started + START_S)
            click.echo(f"worker ready in {time.monotonic() - started:.1f} s at http://127.0.0.1:{self._port}")
            yield
        finally:
            process.terminate()
            try:
                process.wait(END_S)
            finally:
                process.kill()

    def _await_start(self, process: subprocess.Popen[bytes], deadline: float) -> None:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=1)
                connection.request("GET", "/readyz")
                connection.getresponse()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AntirelouError(
            "demo: the worker did not start; run 'antirelou check' and 'antirelou serve' on the example"
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
