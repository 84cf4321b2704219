"""`python -m loadtest trace SCENARIO -o FILE`: write a flood as a trace, without playing it; one a seed, if several are wanted."""

from pathlib import Path

import click

from edge.configfile import load as load_config
from edge.errors import AntirelouError
from loadtest.door import Failed
from loadtest.flood.choice import check_numbers
from loadtest.flood.file import ScenarioError, load, shipped
from loadtest.written import written

_SEEDS_MAX = 1_000


@click.command(context_settings={"help_option_names": ["-h", "--help"]}, epilog=f"Scenarios: {', '.join(shipped())}")
@click.argument("scenario", metavar="SCENARIO|FILE")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Where the trace goes.")
@click.option("--seed", type=int, help="One seed is one flood.  [default: the scenario's]")
@click.option(
    "--seeds",
    default=1,
    show_default=True,
    type=click.IntRange(1, _SEEDS_MAX),
    help="So many floods of the same kind, each in a file of its own: night.jsonl becomes night-2017.jsonl, night-2018.jsonl and so on.",
)
@click.option(
    "--rate", type=click.FloatRange(0, 1e6, min_open=True), default=1.0, help="Factor on the number of messages."
)
@click.option("--config-file", default="edge.toml", show_default=True, help="Static file whose prefixes have a price.")
def main(scenario: str, *, output: Path, seed: int | None, seeds: int, rate: float, config_file: str) -> None:
    """Write the flood of SCENARIO, a name or a file, as a trace, and play nothing.

    `antirelou simulate` says what a static file would have done with it, and --trace plays it.
    """
    try:
        flood, config = load(scenario), load_config(Path(config_file))
        if flood.trace is not None:
            raise ScenarioError(f"{scenario}: has a [trace], which is one already; name that")
        check_numbers(flood, len(config.numbers), config_file)
    except AntirelouError as error:
        raise Failed(str(error)) from None
    first = flood.seed if seed is None else seed
    for one in range(first, first + seeds):
        path = output if seeds == 1 else output.with_name(f"{output.stem}-{one}{output.suffix}")
        with path.open("w", encoding="utf-8") as file:
            file.writelines(written(flood, config, seed=one, rate=rate))
        click.echo(path)
