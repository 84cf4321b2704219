"""The experiments: which flood, with which seeds, through which file or files."""

from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLE = "edge.toml"
"""The static file at the top of the repository."""
ONE_SEGMENT = ("--segments", "one")

_PLAIN = "\n[knock]\nshare = 0\n"
_WEEK = '\n[limit]\nsender = { period = "7d" }\n'
_DETACHED = '\n[receiving]\ndetach = "yes"\n'
ADDED = {
    EXAMPLE: "",
    "plain.toml": _PLAIN,
    "week.toml": _PLAIN + _WEEK,
    "five.toml": "\n[limit]\nblock = { burst = 5 }\n",
    "plain-detached.toml": _PLAIN + _DETACHED,
    "detached.toml": _DETACHED,
    "four.toml": "",
    "four-detached.toml": _DETACHED,
}
"""What is added to the example file to have each of the others; the last two have four numbers besides."""
_NUMBERS = 4


@dataclass(frozen=True)
class Experiment:
    """Floods of one kind, through one file or two."""

    name: str
    flood: str
    """A shipped scenario, or a file beside this one."""
    seeds: int
    file: str
    other: str | None = None
    """The file that the same floods are played through as well."""
    options: tuple[str, ...] = ONE_SEGMENT
    first: int = 1
    """The first seed."""
    plot: str | None = None
    """The page's picture, from the top of the repository."""

    @property
    def is_swept(self) -> bool:
        """Whether a key gets several values."""
        return "--sweep" in self.options

    @property
    def once(self) -> "Experiment":
        """The same with its first seed alone, without a picture."""
        return replace(self, seeds=1, plot=None)


def text_of(file: str) -> str:
    """Return the text of a static file that an experiment names."""
    example = (ROOT / EXAMPLE).read_text(encoding="utf-8") + ADDED[file]
    if not file.startswith("four"):
        return example
    head, table, rest = example.partition("[number]\n")
    number, end, rest = rest.partition("\n[reply]")
    numbers = (number.replace("000000", f"00000{i}").replace("/sms", f"/sms/{i}") for i in range(_NUMBERS))
    return head + "\n".join(f"[{table.strip()}]\n{one}" for one in numbers) + end + rest


def _knock(flood: str, seeds: int = 20, first: int = 1) -> Experiment:
    return Experiment(f"knock {flood}", flood, seeds, "plain.toml", EXAMPLE, first=first)


def _farm(flood: str) -> Experiment:
    return Experiment(f"farm {flood}", flood, 10, "five.toml", EXAMPLE)


def _numbers(flood: str) -> Experiment:
    return Experiment(f"numbers {flood}", flood, 20, EXAMPLE, "four.toml")


def _detached_numbers(flood: str) -> Experiment:
    return Experiment(f"detach and {flood}", flood, 20, "four.toml", "four-detached.toml")


def _detach(flood: str, *options: str, name: str = "") -> Experiment:
    return Experiment(
        f"detach {flood}{name}", flood, 20, "plain.toml", "plain-detached.toml", options=options or ONE_SEGMENT
    )


def _heard(flood: str, seeds: int = 20) -> Experiment:
    return Experiment(f"detach and knock {flood}", flood, seeds, EXAMPLE, "detached.toml")


def _slow(flood: str, delay: str) -> Experiment:
    return _detach(flood, *ONE_SEGMENT, "--delay", delay, name=f" {delay}")


def _week(flood: str, seeds: int = 20, first: int = 1) -> Experiment:
    return Experiment(f"week {flood}", flood, seeds, "plain.toml", "week.toml", first=first)


_SHARES = ("--sweep", "knock.share=0,0.125,0.25,0.375,0.5")
_FRONTIER = ("--sweep", "limit.sender.period=1h,6h,24h,7d", "--sweep", "budget.per-day=20,35,70")
_2017 = 2017

EXPERIMENTS = {
    one.name: one
    for one in (
        *map(_knock, ("sybil", "knocks", "sybil-again", "raid-typed", "raid-3000", "learned", "calm")),
        _knock("weekend-2017", 4, _2017),
        *map(_farm, ("farm-50", "farm-500", "sybil-again")),
        *map(_numbers, ("numbers", "numbers-raid")),
        *map(_detached_numbers, ("numbers", "numbers-raid")),
        Experiment(
            "share",
            "raid-typed",
            6,
            EXAMPLE,
            options=(*ONE_SEGMENT, *_SHARES),
            plot="docs/explanation/who-gets-the-money.svg",
        ),
        *map(_detach, ("sybil-again", "raid-3000", "weekend-again", "month")),
        *map(_detach, ("troll-5000.toml", "raid-50", "viral")),
        _detach("weekend-again", "--segments", "as-sent", name=" as sent"),
        *(_slow(flood, delay) for flood in ("sybil-again", "raid-3000") for delay in ("60s", "300s")),
        *map(_heard, ("sybil-again", "raid-3000", "weekend-again")),
        _heard("month", 5),
        _week("weekend-2017", 4, _2017),
        *map(_week, ("raid-3000", "sybil-again")),
        Experiment(
            "frontier",
            "weekend-2017",
            4,
            "plain.toml",
            options=(*ONE_SEGMENT, *_FRONTIER),
            first=_2017,
            plot="docs/how-to/choose-your-limits.svg",
        ),
        Experiment("a night", "weekend-2017", 1, EXAMPLE, first=_2017),
        Experiment("a night as sent", "weekend-2017", 1, EXAMPLE, options=(), first=_2017),
    )
}
