"""Real Redis and Valkey servers for the tests: own folder, loopback or a unix socket, ended by pid."""

import contextlib
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from valkey import Valkey

from tests.needs import is_met, need, valkey

READY = "eady to accept connections"
DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")


SERVERS = ("redis-server", "valkey-server")


def any_server() -> str:
    """Return the name of a server that this machine has."""
    return next(filter(is_met, SERVERS), SERVERS[-1])


def path_of(server: str) -> str:
    """Return where a server is. Skips the test if it is not there."""
    need(server)
    return (valkey() if server == "valkey-server" else shutil.which(server)) or server


class RunningServer:
    """A server process, until `stop` or `kill`; `start` starts it again on the same folder."""

    def __init__(self, server: str, folder: Path, *options: str, ready: str = READY) -> None:
        self.folder = folder
        self.socket = folder / "server.sock"
        self._check_aof = shutil.which("redis-check-aof") if server == "redis-server" else None
        self._arguments = [
            path_of(server),
            *options,
            "--dir",
            str(folder),
            "--unixsocket",
            str(self.socket),
            "--logfile",
            "",
        ]
        self._ready = ready
        self.start()

    @property
    def url(self) -> str:
        """The address at which it listens, whatever its options are."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start it, and return when it says that it is ready.

        Half a step at the end of its file is cut off first, as docs/reference/ledgers.md advises: Redis leaves some of it.
        """
        self.clamp()
        self._reader = None
        self.process = subprocess.Popen(self._arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        log = iter(self.process.stdout.readline, "")
        said = []
        if not any(said.append(line) or self._ready in line for line in log):
            self.stop()
            raise RuntimeError("".join(said))
        # From here on nobody reads what it says, but it must be able to go on saying it.
        self._reader = threading.Thread(target=lambda: list(log), daemon=True)
        self._reader.start()

    def clamp(self) -> None:
        """Cut off the half of a step that a kill may have left at the end of the file."""
        manifest = self.folder / "appendonlydir" / "appendonly.aof.manifest"
        if self._check_aof and manifest.exists():
            command = [self._check_aof, "--fix", str(manifest)]
            subprocess.run(command, input="y\n", stdout=subprocess.PIPE, text=True, check=True)

    def client(self) -> Valkey:
        """Return a client of our own, beside the ledger's."""
        return Valkey(unix_socket_path=str(self.socket), decode_responses=True)

    def pause(self) -> None:
        """Make it silent: it still accepts connections, and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it speak again."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an init system would."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(how)
            self.process.wait(20)
        if self._reader is not None:
            self._reader.join(
                20
            )  # it has read all that was said: what is closed while it reads is an error of its thread
        self.process.stdout.close()


@contextlib.contextmanager
def running(name: str, folder: Path, *options: str, ready: str = READY) -> Iterator[RunningServer]:
    """Run a server around a block; it listens on a unix socket, and on TCP only if the options say so."""
    server = RunningServer(name, folder, *(options or ("--port", "0", *DURABLE)), ready=ready)
    try:
        yield server
    finally:
        server.stop()


def listening(port: int, *options: str) -> Sequence[str]:
    """Return options to listen on a port of the loopback, too."""
    return ("--bind", "127.0.0.1", "--port", str(port), *DURABLE, *options)
