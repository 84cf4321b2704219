"""`antirelou adopt-ledger`: go on with a ledger under another number, once, by hand."""

from collections.abc import Mapping
from pathlib import Path

import click

from edge.commands.common import FILE
from edge.commands.ledgers import have
from edge.config import Config
from edge.configfile import load
from edge.core.charging.ledger import Ledger
from edge.core.kept.attachment import Attachment
from edge.errors import LedgerError
from edge.ledger.opening import Place, adopt, totals
from edge.meaning import insight, terms
from edge.setup import place_of
from edge.system.clock import clock


@click.command()
@FILE
@click.option("--even-detached", is_flag=True, help="Though the number of before is detached, and stays so.")
def adopt_ledger(file: Path, *, even_detached: bool) -> int:
    """Have the ledger of FILE be that of its number, which took the place of another: once, by hand."""
    config = load(file)
    place = place_of(config, file.parent)
    left = _detached(config, place)
    if left and not even_detached:
        raise LedgerError(
            f"{place.url}: {', '.join(left)} is detached, and only a file that names it can attach it: "
            "`antirelou number FILE attach`; or, if nobody is to reach it again, write --even-detached"
        )
    before = adopt(place)
    if left:
        have(config, file.parent, lambda ledger: _forget(ledger, left))
    if set(before) == set(place.numbers):
        click.echo(f"nothing to adopt: {place.url} is the ledger of {', '.join(before)} already")
        return 0
    was = f"was the ledger of {', '.join(before)}" if before else "did not say whose ledger it was"
    click.echo(f"adopted: {place.url} {was}, and is that of {', '.join(place.numbers)}; what was spent is spent")
    return 0


def _detached(config: Config, place: Place) -> Mapping[str, Attachment]:
    """Return the other numbers that we may have detached; none where there is no ledger to look into, which is said later."""
    try:
        return insight.left_behind(config, totals(place, terms.rules_of(config), clock()))
    except LedgerError:
        return {}


async def _forget(ledger: Ledger, left: Mapping[str, Attachment]) -> None:
    for phone, attachment in left.items():
        await ledger.keep_attachment(phone, attachment, Attachment())
