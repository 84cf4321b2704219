"""A real worker for the tests: its own process, its own file, its own ledger, ended by pid.

What a test needs of the wire is written here again, on purpose: signing and sending are not borrowed from the worker.
"""

import base64
import hashlib
import hmac
import http.client
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from loadtest.provider.segments import received
from tests.needs import need

SECRET = "a-secret-of-the-tests"
PHONE = "+33937000000"
URL = "https://sms.example.org/sms"
REPLY = "Bonjour. Non, c'est non."
START_S = 60.0
"""As long as a test waits for what takes a second: on two cores that did ten things at once some of it took 20."""
SPAWNING = (sys.executable, "-m", "tests.spawned")
"""The command line of `antirelou` whose workers are spawned, on any Python."""
PROGRAM = SPAWNING if os.environ.get("WORKERS") == "spawned" else (sys.executable, "-m", "edge")
"""The command line of `antirelou`: `WORKERS=spawned make test TEST=tests/process` runs tests as from Python 3.14 on."""
RESOURCE_TRACKER = b"multiprocessing.resource_tracker"
"""The standard library's own process beside those that it spawns; it ends with the last of them."""

CONFIG = f"""
[number]
phone = "{PHONE}"
provider = "twilio"
url = "{URL}"
secret-env = "TWILIO_AUTH_TOKEN"

[reply]
text = "{REPLY}"

[price]
currency = "EUR"
received = "{{received}}"
reply = {{{{ "+33" = "0.0763", "+44" = "0.04" }}}}

[budget]
kitty = "{{kitty}}"
per-day = "{{per_day}}"
burst = "{{burst}}"

[limit]
sender = {{{{ burst = 1, count = 1, period = "24h" }}}}
block = {{{{ digits = 4, burst = {{block}}, count = 1, period = "1h" }}}}

[server]
bind = "{{bind}}"
workers = {{workers}}
"""


_ports = itertools.cycle(random.SystemRandom().sample(range(10_000, 32_000), 22_000))
"""Below those that Linux gives to whoever calls somebody, one of which may be taken before a server is there to listen."""


def free_port() -> int:
    """Return a TCP port that nobody listens on, another one each time."""
    while True:
        port = next(_ports)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port


def config(
    *,
    bind: str = "127.0.0.1:8000",
    workers: int = 1,
    kitty: str = "2000",
    per_day: str = "100000",
    burst: str = "100000",
    block: int = 1_000_000,
    received: str = "0.0075",
) -> str:
    """Return a static file; by default only the sender's limit is in the way."""
    return CONFIG.format(
        bind=bind, workers=workers, kitty=kitty, per_day=per_day, burst=burst, block=block, received=received
    )


def sender(number: int) -> str:
    """Return one of a million numbers that nobody has: Arcep keeps +336 39 98 xx xx for fiction, and gives out none around."""
    return f"+33639{number:06}"


def fields(from_: str, text: str, message_id: str) -> dict[str, str]:
    """Return the form of one inbound message, blank fields included."""
    return {
        "ToCountry": "FR", "ToState": "", "SmsMessageSid": message_id, "NumMedia": "0", "ToCity": "", "FromZip": "",
        "SmsSid": message_id, "FromState": "", "SmsStatus": "received", "FromCity": "", "Body": text,
        "FromCountry": "FR", "To": PHONE, "ToZip": "", "NumSegments": str(received(text)), "MessageSid": message_id,
        "AccountSid": "AC" + "0" * 32, "From": from_, "ApiVersion": "2010-04-01",
    }  # fmt: skip


def sign(form: dict[str, str], secret: str = SECRET, url: str = URL) -> str:
    """Return the signature that the provider's page describes."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def request(from_: str, text: str, message_id: str, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of one inbound message."""
    form = fields(from_, text, message_id)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": sign(form, secret)}
    return headers, urlencode(form).encode()


def message_id(number: int) -> str:
    """Return a message id in the provider's shape."""
    return f"SM{number:032x}"


class Worker:
    """A running `antirelou serve`."""

    def __init__(self, process: subprocess.Popen[str], address: tuple[str, int], log: Path) -> None:
        self.process = process
        self.address = address
        self.log = log

    def connect(self, timeout_s: float = 10.0) -> http.client.HTTPConnection:
        """Return a connection to it."""
        return http.client.HTTPConnection(*self.address, timeout=timeout_s)

    def answers(self, path: str = "/healthz") -> bool:
        """Return whether a page is there, and says yes; False while nobody listens."""
        try:
            return self.get(path)[0] == 200
        except OSError:
            return False

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Return status and body of a page."""
        connection = self.connect()
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def status(self) -> dict[str, Any]:
        """Return what /status.json says."""
        found: dict[str, Any] = json.loads(self.get("/status.json")[1])
        return found

    def send(self, from_: str, text: str, message_id: str, secret: str = SECRET) -> tuple[int, str]:
        """Send one message; return status and body."""
        connection = self.connect()
        try:
            headers, body = request(from_, text, message_id, secret)
            connection.request("POST", "/sms", body, headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def children(self) -> list[int]:
        """Return the pids of the worker processes."""
        found: list[int] = []
        gone = suppress(FileNotFoundError, ProcessLookupError)  # the server, or a worker that was there a moment ago
        with gone:
            for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
                with gone:
                    if RESOURCE_TRACKER not in Path(f"/proc/{pid}/cmdline").read_bytes():
                        found.append(int(pid))
        return found

    def kill_tree(self) -> None:
        """End it and its workers as a power cut would, and wait until they are gone."""
        pids = self.children()
        self.process.kill()
        for pid in pids:
            kill(pid)
        self.process.wait()
        await_(lambda: not any(is_running(pid) for pid in pids))

    def stop(self) -> int:
        """End it as an init system would; return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(START_S)


def kill(pid: int) -> None:
    """Send SIGKILL to a process that we started, if it still runs."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def is_running(pid: int) -> bool:
    """Return whether a process runs, or a thread that it has left behind; unburied alone it does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" or len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False


def await_(holds: Any, timeout_s: float = START_S) -> None:
    """Poll until something holds; fail if it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "did not come about in time"
        os.sched_yield()
        time.sleep(0.005)


@contextmanager
def serving(
    folder: Path,
    text: str,
    *,
    name: str = "edge.toml",
    environ: dict[str, str] | None = None,
    files_max: str | None = None,
    program: Sequence[str] = PROGRAM,
) -> Iterator[Worker]:
    """Serve a static file, ready to answer; whatever happens, nothing of it is left running."""
    file = folder / name
    file.write_text(text)
    worker = start(file, environ, files_max, program)
    try:
        yield worker
    finally:
        if worker.process.poll() is None:
            worker.process.send_signal(signal.SIGTERM)
            try:
                worker.process.wait(START_S)
            except subprocess.TimeoutExpired:
                worker.kill_tree()


def start(
    file: Path,
    environ: dict[str, str] | None = None,
    files_max: str | None = None,
    program: Sequence[str] = PROGRAM,
) -> Worker:
    """Start a worker on a file and wait until it is ready; it may be allowed fewer open files than the tests.

    If it does not become ready, nothing of it is left running.
    """
    limit = []
    if files_max is not None:
        need("prlimit")
        limit = ["prlimit", f"--nofile={files_max}"]
    host, _, port = (
        next(line for line in file.read_text().splitlines() if line.startswith("bind")).split('"')[1].rpartition(":")
    )
    log = file.with_suffix(".log")
    with log.open("a") as out:
        process = subprocess.Popen(
            [*limit, *program, "serve", str(file)],
            env={**os.environ, "TWILIO_AUTH_TOKEN": SECRET, **(environ or {})},
            stdout=out, stderr=out, text=True,
        )  # fmt: skip
    worker = Worker(process, (host, int(port)), log)

    def ready() -> bool:
        assert process.poll() is None, log.read_text()
        return worker.answers("/readyz")

    try:
        await_(ready)
    except BaseException:
        worker.kill_tree()
        raise
    return worker
