"""`antirelou simulate`: what this very file would have done with that very night."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from edge.commands.common import FILE, JSON
from edge.config import Config
from edge.configfile import parse, read
from edge.errors import ConfigError
from edge.meaning.findings import examine
from edge.simulation import plot, report
from edge.simulation.night import Night, night_of
from edge.simulation.recording import TraceError, recording
from edge.simulation.sweep import Key, Variant, key_of, variants
from edge.simulation.trial import Trial, trials
from edge.units import MICROS, parse_duration

_NAMES = "trace-*.jsonl"
"""The names that workers give to their traces in the folder that they write them to."""
_LINE_BYTES_MAX = 100_000
_VARIANTS_MAX = 500


@click.command()
@FILE
@click.argument("traces", metavar="TRACE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@JSON
@click.option(
    "--segments",
    type=click.Choice(["as-sent", "one"]),
    default="as-sent",
    show_default=True,
    help="Messages as long as they were, or of one segment each.",
)
@click.option(
    "--compare",
    type=click.Path(path_type=Path),
    help="Another file: the same traces through both, and the differences.",
)
@click.option(
    "--sweep",
    multiple=True,
    help="A key with several values, such as limit.sender.period=1h,6h,24h,7d; may be repeated.",
)
@click.option(
    "--delay",
    default="5s",
    show_default=True,
    help='How long the provider takes to detach or attach the number, where the file has receiving.detach = "yes".',
)
@click.option("--plot", "plot_file", type=click.Path(path_type=Path), help="Where a plot goes, as SVG.")
def simulate(
    file: Path,
    traces: tuple[Path, ...],
    *,
    as_json_: bool,
    segments: str,
    compare: Path | None,
    sweep: tuple[str, ...],
    delay: str,
    plot_file: Path | None,
) -> int:
    """Say what FILE would have done with each TRACE: who is answered, what trolls get, the bill.

    A TRACE is a file, or the folder that several workers have written one night to. Nothing is sent, charged or kept: the real gate plays it in memory.
    """
    if compare is not None and sweep:
        raise click.UsageError("--compare and --sweep: both given; keep one")
    delay_ms = _delay(delay)
    text, keys = read(file), [key_of(one) for one in sweep]
    configs = [parse(text, str(file))]
    swept: list[Variant] = []
    if compare is not None:
        configs.append(parse(read(compare), str(compare)))
        if configs[1].price.currency != configs[0].price.currency:
            raise ConfigError(
                f"{compare}: price.currency: another one than in {file}; money in both has to be the same"
            )
    elif keys:
        swept = _swept(text, str(file), keys)
        configs = [variant.config for variant in swept]
    for config in configs:
        _check(config, file)
    found = trials(configs, _nights(traces, one_segment=segments == "one"), delay_ms)
    names = [str(path) for path in traces]
    told = _Told(file, compare, names, [key.name for key in keys], swept, found, configs[0].price.currency)
    click.echo(json.dumps(told.values(), ensure_ascii=False, indent=2) if as_json_ else "\n".join(told.lines()))
    if plot_file is not None:
        plot_file.write_text(told.plot(), encoding="utf-8")
    return 0


def _delay(text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise click.UsageError(f"--delay: {error}") from None


def _swept(text: str, name: str, keys: Sequence[Key]) -> list[Variant]:
    count = 1
    for key in keys:
        count *= len(key.values)
    if count > _VARIANTS_MAX:
        raise ConfigError(
            f"--sweep: {count:,} files; {_VARIANTS_MAX} are looked at in a minute, so leave some values out"
        )
    return list(variants(text, name, keys))


def _check(config: Config, file: Path) -> None:
    """Raise ConfigError for a file that `serve` would refuse, the date until which its money lasts aside."""
    error = next((error for error in examine(config, 0).errors), None)
    if error is not None:
        raise ConfigError(f"{file}: {error}")


def _nights(traces: Sequence[Path], *, one_segment: bool) -> Iterator[Night]:
    for path in traces:
        try:
            yield night_of(recording(str(path), _files(path)), one_segment=one_segment)
        except OSError as error:
            raise TraceError(f"{path}: cannot be read: {error.strerror}") from None


def _files(path: Path) -> Iterator[tuple[str, Iterator[bytes]]]:
    paths = sorted(path.glob(_NAMES)) if path.is_dir() else [path]
    if not paths:
        raise TraceError(f"{path}: no trace is in this folder ({_NAMES})")
    for one in paths:
        with one.open("rb") as file:
            yield str(one), iter(lambda file=file: file.readline(_LINE_BYTES_MAX), b"")  # type: ignore[misc]  # the type of a default is not inferred


class _Told(msgspec.Struct, frozen=True):
    """What was found, as it is printed, written and drawn."""

    file: Path
    compare: Path | None
    names: list[str]
    keys: list[str]
    swept: list[Variant]
    found: list[Trial]
    currency: str

    def lines(self) -> Iterator[str]:
        """Yield it for people."""
        currency, first = self.currency, self.found[0]
        if self.swept:
            rows = [(variant.values, trial) for variant, trial in zip(self.swept, self.found, strict=True)]
            yield from report.sweep_lines(self.keys, rows, currency)
        elif self.compare is not None:
            yield from report.comparison_lines((str(self.file), str(self.compare)), first, self.found[1], currency)
        elif len(self.names) > 1:
            yield from report.figure_lines(first, currency)
        else:
            yield from report.night_lines(self.names[0], first.outcomes[0], currency)
        if any(outcome.people is None for outcome in first.outcomes) and (self.swept or self.compare):
            yield "who is genuine nobody knows: senders stand for people"

    def values(self) -> dict[str, Any]:
        """Return it for programs."""
        first = self.found[0]
        nights = [report.night_values(name, out) for name, out in zip(self.names, first.outcomes, strict=True)]
        told: dict[str, Any] = {"currency": self.currency, "traces": self.names}
        if self.swept:
            rows = zip(self.swept, self.found, strict=True)
            return told | {
                "sweep": [
                    {
                        "values": dict(zip(self.keys, v.values, strict=True)),
                        "figures": report.figure_values(t.figures()),
                    }
                    for v, t in rows
                ]
            }
        told |= {"figures": report.figure_values(first.figures()), "nights": nights}
        if self.compare is not None:
            second = self.found[1]
            told["compared"] = {
                "file": str(self.compare),
                "figures": report.figure_values(second.figures()),
                "differences": report.figure_values(first.against(second), differences=True),
            }
        return told

    def plot(self) -> str:
        """Return it as a picture: money by day for one file, money against people for several."""
        money = f"bill, {self.currency}"
        if not self.swept and self.compare is None:
            days = [self._day(day) for day in range(max(len(o.by_day_micros) for o in self.found[0].outcomes))]
            return plot.by_day(days, title=f"Money a day: {self.file.name}", money=f"{self.currency} a day")
        known = all("people" in trial.figures() for trial in self.found)
        name = "people" if known else "senders"
        labels = [v.values for v in self.swept] or [(self.file.name,), (str(self.compare),)]
        dots = [
            plot.Dot(values[0], self._line(values), trial.figures()["bill"], trial.figures()[name])
            for values, trial in zip(labels, self.found, strict=True)
        ]
        dots.sort(key=lambda dot: dot.line)
        return plot.frontier(dots, title=f"Money against {name} answered", money=money, share=f"{name} answered")

    def _line(self, values: Sequence[str]) -> str:
        return ", ".join(
            f"{key.rpartition('.')[2]} {value}" for key, value in zip(self.keys[1:], values[1:], strict=True)
        )

    def _day(self, day: int) -> tuple[float, float]:
        spent = [o.by_day_micros[day] for o in self.found[0].outcomes if day < len(o.by_day_micros)]
        replies, received = (sum(part) / len(spent) / MICROS for part in zip(*spent, strict=True))
        return replies, received
