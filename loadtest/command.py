"""`python -m loadtest SCENARIO`, or `--trace FILE`: start a worker, flood it, judge it, stop it; with several seeds again and again.

Locust plays the flood in a process of its own; its exit code is the verdict's, and becomes this one's. It is told whom to
flood, and asks nobody else (:mod:`loadtest.run.alone`).
"""

import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from edge.configfile import parse, read
from edge.errors import AntirelouError
from edge.units import SECOND_MS, parse_duration
from loadtest.door import Failed
from loadtest.flood.choice import check_numbers, choose
from loadtest.flood.file import shipped
from loadtest.flood.scenario import Scenario
from loadtest.flood.trace import check
from loadtest.judge.trial import Played, Trial
from loadtest.judge.trial import read as read_played
from loadtest.judge.verdict import State
from loadtest.report.output import SUMMARY, NotWritten, prove, write_trial
from loadtest.report.several import seed_line
from loadtest.worker.child import passing_on, running, stop_at_once
from loadtest.worker.own import NotStarted, OwnWorker, free_port

_LOCUSTFILE = Path(__file__).parent / "locustfile.py"
_PROCESSES_MAX = 64
_SEEDS_MAX = 1_000
_PASSED_ON = ("seed", "rate", "limit", "run_time", "connections", "loglevel")
"""The options that Locust, or the locustfile, understands by the same names; and those that name a file for what came of one flood."""
_RESULTS = ("verdict_json", "junit", "markdown", "html", "csv")
_OF_ONE = ("seed", "html", "csv")
"""Those that mean nothing where several seeds are played."""


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
@click.option(
    "--seeds",
    type=click.IntRange(1, _SEEDS_MAX),
    help="Play the flood that many times, with the seeds 1, 2, 3 and so on, each against a new worker, and judge the means.",
)
@click.option("--rate", type=float, help="Factor on the scenario's number of messages.")
@click.option("--limit", multiple=True, help='What must hold, such as "cost.total <= 5"; may be repeated.')
@click.option("--run-time", help="Stop then, and judge what was sent until then: 30s, 5m.")
@click.option("--connections", type=int, help="The most connections that all processes open together.")
@click.option(
    "--delay",
    default="5s",
    show_default=True,
    help='How long the provider takes to detach or attach a number, in the world, where the file has receiving.detach = "yes".',
)
@click.option("--report", help="Where the HTML report goes.  [default: var/flood-SCENARIO.html]")
@click.option("--verdict-json", help="Where the verdict goes as JSON.")
@click.option("--junit", help="Where the verdict goes as JUnit XML.")
@click.option(
    "--markdown",
    help=f"Where the verdict goes as Markdown; where {SUMMARY} is set, as in GitHub's CI, that file gets it too.",
)
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
    seeds: int | None,
    **given: Any,
) -> None:
    """Flood a worker of your own with SCENARIO, a name or a file.

    With --trace, each FILE is what a worker recorded, and all of them are played together.

    Exit 0: all promises and limits were kept. 3: one was broken. 4: inconclusive. 2: the flood could not be played.
    """
    if not names or (len(names) > 1 and not trace):
        raise click.UsageError(f"write {'at least one trace' if trace else 'one scenario'}, and options beside it")
    if seeds is not None:
        _refuse_of_one(given)
    stop_at_once()
    flood, text = _read(names if trace else (), names[0], speed, Path(config_file))
    plan = _Plan(
        flood,
        text,
        config_file,
        workers,
        processes,
        _delay_s(delay),
        ["--trace" if trace else "--scenario", *names, *(() if speed is None else ("--speed", str(speed)))],
    )
    results = {name: given[name] for name in _RESULTS} | {"report": report or f"var/flood-{flood.name}.html"}
    options = [*_options({name: given[name] for name in _PASSED_ON})]
    asked = _asked(results)
    try:
        prove(asked)  # Locust would make folders of its own before it asks us
        if seeds is None:
            code, _ = plan.play(*options, *_options(results))
        else:
            code = _trial(plan, seeds, options, asked)
    except (NotStarted, NotWritten) as error:
        raise Failed(str(error)) from None
    except KeyboardInterrupt:
        raise Failed("stopped before the flood was played to its end") from None
    sys.exit(code)


def _asked(results: dict[str, Any]) -> Namespace:
    """Return the files for what came of it as Locust's parser would have them."""
    return Namespace(
        **{name: path or "" for name, path in results.items()},
        html_file=results["html"] or "",
        csv_prefix=results["csv"] or "",
        kept="",
    )


def _refuse_of_one(given: dict[str, Any]) -> None:
    """Refuse, beside several seeds, what is of one flood alone."""
    for name in _OF_ONE:
        if given[name] is not None:
            raise click.UsageError(
                "--seed and --seeds: both given; keep one"
                if name == "seed"
                else f"--{name}: of one flood, and --seeds plays several; leave it out"
            )


@dataclass(frozen=True)
class _Plan:
    """What is played each time: a flood against a new worker, with a ledger and secrets of its own."""

    flood: Scenario
    text: str
    """The static file."""
    config_file: str
    workers: int
    processes: int
    delay_s: float
    arguments: list[str]

    def play(self, *options: str) -> tuple[int, bool]:
        """Play it once, and return Locust's exit code, and whether somebody has asked to end it. Raises NotStarted, Failed."""
        with tempfile.TemporaryDirectory(prefix="flood-") as folder:
            delay_s = self.delay_s / self.flood.speed
            worker = OwnWorker(Path(folder), self.text, self.flood, self.workers, delay_s)
            if worker.line is not None and self.processes:
                raise Failed(
                    f"--processes: {self.config_file} has numbers detached, which one process plays alone; leave it out"
                )
            arguments = [
                *(*self.arguments, "--config-file", str(worker.file), "--own", "--host", worker.url),
                *(() if worker.line is None else ("--line", str(worker.line))),
                *_forks(self.processes),
                *options,
            ]
            with worker.running():
                return _locust(worker, *arguments)


def _trial(plan: _Plan, seeds: int, options: list[str], asked: Namespace) -> int:
    """Play a flood with the seeds from 1 on, and return the exit code of the verdict on all of them. Raises NotWritten."""
    if plan.flood.trace is not None:
        raise Failed("--seeds: a trace is one flood, whatever the seed; leave it out")
    floods: list[Played] = []
    with tempfile.TemporaryDirectory(prefix="flood-") as folder:
        for seed in range(1, seeds + 1):
            kept = Path(folder, str(seed))
            try:
                code, is_asked_to_end = plan.play(*options, f"--seed={seed}", f"--kept={kept}")
            except KeyboardInterrupt:
                if floods:
                    break  # what was played is judged
                raise
            if code == State.FAILED.value or not kept.exists():
                return State.FAILED.value  # and has said why
            head, played = read_played(kept.read_bytes())
            floods.append(played)
            click.echo(seed_line(played))
            if is_asked_to_end:
                break
    trial = Trial(head, tuple(floods), seeds)
    write_trial(trial, asked)
    return trial.verdict.state.value


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
        config = parse(text, str(file))  # what is wrong with it is said here, under its own name
        check_numbers(flood, len(config.numbers), str(file))
    except AntirelouError as error:
        raise Failed(str(error)) from None
    return flood, text


def _options(given: dict[str, Any]) -> Iterator[str]:
    """Yield the options that were given, as Locust's command line has them."""
    for name, value in given.items():
        for each in value if isinstance(value, tuple) else () if value is None else (value,):
            yield f"--{name.replace('_', '-')}={each}"


def _forks(processes: int) -> list[str]:
    """Return what makes Locust play with several processes, which meet at a port of their own."""
    port = str(free_port())
    return ["--processes", str(processes), "--master-bind-port", port, "--master-port", port] if processes else []


def _locust(worker: OwnWorker, *arguments: str) -> tuple[int, bool]:
    """Run Locust to its end; its own summary goes to a file, for the verdict says more."""
    command = [sys.executable, "-m", "loadtest.run.alone", "-f", str(_LOCUSTFILE), "--headless"]
    command += ["--loglevel", "WARNING", "--json-file", str(worker.file.parent / "locust"), *arguments]
    with running(command, worker.environ) as process, passing_on(process) as asked:
        code = process.wait()
    return code if code in [state.value for state in State] else State.FAILED.value, bool(asked)
