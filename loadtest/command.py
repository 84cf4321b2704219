"""`python -m loadtest SCENARIO`, or `--trace FILE`: start a worker, flood it, judge it, stop it.

Locust plays the flood in a process of its own; its exit code is the verdict's, and becomes this one's.
"""

import subprocess
import sys
import tempfile
from itertools import takewhile
from pathlib import Path

import click

from edge.configfile import load
from edge.errors import AntirelouError
from loadtest.flood.choice import choose
from loadtest.flood.file import shipped
from loadtest.flood.trace import check
from loadtest.judge.verdict import State
from loadtest.worker.own import NotStarted, OwnWorker, free_port

_LOCUSTFILE = Path(__file__).parent / "locustfile.py"


class Failed(click.ClickException):
    """The flood could not be played."""

    exit_code = State.FAILED.value


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True},
    epilog=f"Scenarios: {', '.join(shipped())}",
)
@click.argument("arguments", metavar="SCENARIO|FILE...", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--trace", is_flag=True, help="Play what workers recorded: FILE is a trace, or the folder that they lie in."
)
@click.option("--speed", type=float, help="Seconds of the world in one second of play.  [default: the scenario's; 1]")
@click.option("--config-file", default="edge.toml", show_default=True, help="Static file of the worker to start.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes of the worker.")
@click.option("--processes", default=0, help="Locust processes beside the one that leads; 0: that one plays as well.")
@click.option("--report", help="Where the HTML report goes.  [default: var/flood-SCENARIO.html]")
def main(
    arguments: tuple[str, ...],
    *,
    trace: bool,
    speed: float | None,
    config_file: str,
    workers: int,
    processes: int,
    report: str | None,
) -> None:
    """Flood a worker of your own with SCENARIO, a name or a file. What else Locust understands is handed on to it.

    With --trace, each FILE is what a worker recorded, and all of them are played together.

    Exit 0: all promises and limits were kept. 3: one was broken. 4: inconclusive. 2: the flood could not be played.
    """
    names = tuple(takewhile(lambda argument: not argument.startswith("-"), arguments))
    locust_arguments = arguments[len(names) :]
    if not names or (len(names) > 1 and not trace):
        raise click.UsageError(f"write {'at least one trace' if trace else 'one scenario'}, and options after it")
    try:
        flood = choose(names[0], names if trace else (), speed)
        if flood.trace is not None:
            check(flood.trace.files)
        load(Path(config_file))  # what is wrong with it is said here, under its own name
        text = Path(config_file).read_text(encoding="utf-8-sig")
    except AntirelouError as error:
        raise Failed(str(error)) from None
    with tempfile.TemporaryDirectory(prefix="flood-") as folder:
        try:
            worker = OwnWorker(Path(folder), text, flood, workers)
            with worker.running():
                code = _locust(
                    worker,
                    *("--trace" if trace else "--scenario", *names, "--config-file", str(worker.file)),
                    *(() if speed is None else ("--speed", str(speed))),
                    *("--report", report or f"var/flood-{flood.name}.html"),
                    *_forks(processes),
                    *locust_arguments,
                )
        except NotStarted as error:
            raise Failed(str(error)) from None
    sys.exit(code)


def _forks(processes: int) -> list[str]:
    """Return what makes Locust play with several processes, which meet at a port of their own."""
    port = str(free_port())
    return ["--processes", str(processes), "--master-bind-port", port, "--master-port", port] if processes else []


def _locust(worker: OwnWorker, *arguments: str) -> int:
    """Run Locust to its end; its own summary goes to a file, for the verdict says more."""
    command = [sys.executable, "-m", "locust", "-f", str(_LOCUSTFILE), "--headless", "--loglevel", "WARNING"]
    summary = str(worker.file.parent / "locust")
    command += ["--json-file", summary, *arguments]
    return subprocess.run(command, env=worker.environ, check=False).returncode  # noqa: S603  our own Locust
