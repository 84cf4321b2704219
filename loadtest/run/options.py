"""The flood's own options on Locust's command line, and which of them a person may still change in the web form.

1. Nothing that says whom to attack, where a secret is or what file to write can be changed in the form.
2. The form's page and the master's port are bound to loopback, unless the command line says otherwise.
"""

from argparse import SUPPRESS, Namespace
from typing import Any

from loadtest.engine.engine import CONNECTIONS_MAX
from loadtest.flood.choice import choose
from loadtest.flood.file import shipped
from loadtest.flood.thresholds import NAMES
from loadtest.run.job import Job

LOOPBACK = "127.0.0.1"
FORM_FIELDS = frozenset(
    {"scenario", "speed", "seed", "rate", "limit", "run_time", "user_count", "spawn_rate", "host", "profile"}
)
"""The fields that Locust's form may post; `host` only as it is."""


class Choices(list[str]):
    """Names to choose from in the form; the command line may name a file as well."""

    def __contains__(self, name: object) -> bool:
        return True


def add_to(parser: Any) -> None:
    """Add the options to Locust's parser, and make its defaults safe."""
    parser.set_defaults(web_host=LOOPBACK, master_bind_host=LOOPBACK, only_summary=True)
    _add_flood(parser)
    _add_what_no_form_may_change(parser)


def _add_flood(parser: Any) -> None:
    """Add what is played, and what must hold; all but the files stand in the form as well."""
    parser.add_argument(
        "--scenario",
        default="raid",
        choices=Choices(shipped()),
        metavar="NAME|FILE",
        help=f"Flood to play: {', '.join(shipped())}, or the path of a scenario file",
    )
    parser.add_argument(
        "--trace",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="What workers recorded, played in place of a scenario: files, or the folders that they lie in",
        include_in_web_ui=False,
    )
    parser.add_argument(
        "--speed",
        type=float,
        help="Seconds of the world in one second of play. Default: the scenario's own, 1 for a trace",
    )
    parser.add_argument("--seed", type=int, help="One seed, one flood. Default: the scenario's own")
    parser.add_argument("--rate", type=float, default=1.0, help="Factor on the scenario's number of messages")
    parser.add_argument(
        "--limit",
        action="append",
        help=f'What must hold, such as "cost.total <= 8.75"; may be repeated, in the form with ";" between. Figures: {", ".join(NAMES)}',
    )


def _add_what_no_form_may_change(parser: Any) -> None:
    """Add where the worker is, what is written and where, and what the command that starts Locust tells it."""
    for name, default, text in (
        (
            "--config-file",
            "edge.toml",
            "Static file of the worker under test; without --host its server.bind is the target",
        ),
        ("--i-own", "", "HOST:PORT of a worker of yours that is not on this machine"),
        ("--report", "", "Write the HTML report to this file"),
        ("--verdict-json", "", "Write the verdict as JSON to this file"),
        ("--junit", "", "Write the verdict as JUnit XML to this file"),
        ("--markdown", "", "Write the verdict as Markdown to this file"),
    ):
        parser.add_argument(name, default=default, help=text, include_in_web_ui=False)
    parser.add_argument("--line", default="", help=SUPPRESS, include_in_web_ui=False)
    parser.add_argument("--kept", default="", help=SUPPRESS, include_in_web_ui=False)
    parser.add_argument("--own", action="store_true", help=SUPPRESS, include_in_web_ui=False)
    parser.add_argument(
        "--connections",
        type=int,
        default=CONNECTIONS_MAX,
        help="The most connections that all processes open together; those of slow lorises come on top",
        include_in_web_ui=False,
    )


def refuse_what_does_nothing(options: Namespace) -> None:
    """Raise ValueError for options of Locust's that say nothing here, wherever they were given."""
    for given, name in ((options.num_users, "-u/--users"), (options.spawn_rate, "-r/--spawn-rate")):
        if given:
            raise ValueError(
                f"{name}: one user plays the whole part of a process, so their number says nothing; leave it out (on the "
                "command line, in locust.conf or in the environment), and write --rate for more messages"
            )


def job_of(frozen: Namespace, form: Namespace) -> Job:
    """Return what is asked for: by the command line as it was at the start, and by the form where that may speak.

    Raises ScenarioError, and ValueError of what is no number.
    """
    limits = form.limit.split(";") if isinstance(form.limit, str) else form.limit or ()
    scenario = choose(form.scenario, frozen.trace, None if form.speed in (None, "") else float(form.speed))
    return Job(
        scenario=scenario,
        seed=scenario.seed if form.seed in (None, "") else int(form.seed),
        rate=float(form.rate),
        thresholds=tuple(limit for limit in limits if limit.strip()),
        config_file=frozen.config_file,
        host=frozen.host or "",
        i_own=frozen.i_own,
        connections=frozen.connections,
        own=frozen.own,
        line=frozen.line,
        in_trial=bool(frozen.kept),
    )
