"""`python -m loadtest SCENARIO`, or `--trace FILE`: start a worker, flood it, judge it, stop it.

Locust plays the flood in a process of its own; its exit code is the verdict's, and becomes this one's. It is told whom to
flood, and asks nobody else (:mod:`loadtest.run.alone`).
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from edge.configfile import parse, read
from edge.errors import AntirelouError
from edge.units import SECOND_MS, parse_duration
from loadtest.door import Failed
from loadtest.flood.choice import choose
from loadtest.flood.file import shipped
from loadtest.flood.scenario import Scenario
from loadtest.flood.trace import check
from loadtest.judge.verdict import State
from loadtest.worker.child import passing_on, running, stop_at_once
from loadtest.worker.own import NotStarted, OwnWorker, free_port

_LOCUSTFILE = Path(__file__).parent / "locustfile.py"
_PROCESSES_MAX = 64
_PASSED_ON = ("seed", "rate", "limit", "run_time", "connections", "verdict_json", "junit", "html", "csv", "loglevel")
"""The options that Locust, or the locustfile, understands by the same names."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]}, epilog=f"Scenarios: {', '.join(shipped())}")
@click.argument("names", metavar="SCENARIO|FILE...", nargs=-1)
@click.option(
    "--trace", is_flag=True, help="Play what workers recorded: FILE is a trace, or the folder that they lie in."
)
@click.option("--speed", type=float, help="Seconds of the world in one second of play.  [default: the scenario's; 1]")
@click.option("--config-file", default="edge.toml", show_default=True, help="Static file of the worker to start.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes of the worker.")
@click.option(
    "--processes",
    default=0,
    type=click.IntRange(0, _PROCESSES_MAX),
    help="Locust processes beside the one that leads; 0: that one plays as well.",
)
@click.option(
    "--seed", type=int, help="Another flood of the same kind; one seed is one flood.  [default: the scenario's]"
)
@click.option("--rate", type=float, help="Factor on the scenario's number of messages.")
@click.option("--limit", multiple=True, help='What must hold, such as "cost.total <= 5"; may be repeated.')
@click.option("--run-time", help="Stop then, and judge what was sent until then: 30s, 5m.")
@click.option("--connections", type=int, help="The most connections that all processes open together.")
@click.option(
    "--delay",
    default="5s",
    show_default=True,
    help='How long the provider takes to detach or attach the number, in the world, where the file has receiving.detach = "yes".',
)
@click.option("--report", help="Where the HTML report goes.  [default: var/flood-SCENARIO.html]")
@click.option("--verdict-json", help="Where the verdict goes as JSON.")
@click.option("--junit", help="Where the verdict goes as JUnit XML.")
@click.option("--html", help="Where Locust's own report goes, which ends with ours.")
@click.option("--csv", help="Prefix of the files of Locust's own figures.")
@click.option("--loglevel", help="How much Locust logs: WARNING, INFO, DEBUG.")
def main(
    names: tuple[str, ...],
    *,
    trace: bool,
    speed: float | None,
    config_file: str,
    workers: int,
    processes: int,
    delay: str,
    report: str | None,
    **passed_on: Any,
) -> None:
    """Flood a worker of your own with SCENARIO, a name or a file.

    With --trace, each FILE is what a worker recorded, and all of them are played together.

    Exit 0: all promises and limits were kept. 3: one was broken. 4: inconclusive. 2: the flood could not be played.
    """
    if not names or (len(names) > 1 and not trace):
        raise click.UsageError(f"write {'at least one trace' if trace else 'one scenario'}, and options beside it")
    stop_at_once()
    flood, text = _read(names if trace else (), names[0], speed, Path(config_file))
    try:
        with tempfile.TemporaryDirectory(prefix="flood-") as folder:
            worker = OwnWorker(Path(folder), text, flood, workers, _delay_s(delay) / flood.speed)
            if worker.line is not None and processes:
                raise Failed(
                    f"--processes: {config_file} has the number detached, which one process plays alone; leave it out"
                )
            arguments = [
                *("--trace" if trace else "--scenario", *names, "--config-file", str(worker.file)),
                *("--own", "--host", worker.url, "--report", report or f"var/flood-{flood.name}.html"),
                *(() if worker.line is None else ("--line", str(worker.line))),
                *(() if speed is None else ("--speed", str(speed))),
                *_forks(processes),
                *_options(passed_on),
            ]
            with worker.running():
                code = _locust(worker, *arguments)
    except NotStarted as error:
        raise Failed(str(error)) from None
    except KeyboardInterrupt:
        raise Failed("stopped before the flood was played to its end") from None
    sys.exit(code)


def _delay_s(text: str) -> float:
    try:
        return parse_duration(text) / SECOND_MS
    except ValueError as error:
        raise Failed(f"--delay: {error}") from None


def _read(traces: tuple[str, ...], scenario: str, speed: float | None, file: Path) -> tuple[Scenario, str]:
    """Return the flood, and the text of the static file. Raises Failed of what is wrong with either."""
    try:
        flood = choose(scenario, traces, speed)
        if flood.trace is not None:
            check(flood.trace.files)
        text = read(file)
        parse(text, str(file))  # what is wrong with it is said here, under its own name
    except AntirelouError as error:
        raise Failed(str(error)) from None
    return flood, text


def _options(passed_on: dict[str, Any]) -> Iterator[str]:
    """Yield the options that were given, as Locust's command line has them."""
    for name in _PASSED_ON:
        value = passed_on[name]
        for each in value if isinstance(value, tuple) else () if value is None else (value,):
            yield f"--{name.replace('_', '-')}={each}"


def _forks(processes: int) -> list[str]:
    """Return what makes Locust play with several processes, which meet at a port of their own."""
    port = str(free_port())
    return ["--processes", str(processes), "--master-bind-port", port, "--master-port", port] if processes else []


def _locust(worker: OwnWorker, *arguments: str) -> int:
    """Run Locust to its end; its own summary goes to a file, for the verdict says more."""
    command = [sys.executable, "-m", "loadtest.run.alone", "-f", str(_LOCUSTFILE), "--headless"]
    command += ["--loglevel", "WARNING", "--json-file", str(worker.file.parent / "locust"), *arguments]
    with running(command, worker.environ) as process, passing_on(process):
        code = process.wait()
    return code if code in [state.value for state in State] else State.FAILED.value
