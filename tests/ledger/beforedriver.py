"""What runs in a process of the program of then: the ledger of its arguments, and a command a line (see `before.py`)."""

import asyncio
import json
import sys
from pathlib import Path

from edge.bucket import count_limit, money_limit
from edge.charge import Charge, Tally
from edge.rules import Price, Rules
from edge.verdict import Reason

from edge.errors import LedgerError
from edge.ledger.opening import Place, create, open_ledger, prepare

DAY_MS = 86_400_000
url, base, phone, key, limits = json.loads(sys.argv[1])
place = Place(url, Path(base), phone, key.encode())
now = [0]


def run(command):
    """Return what came of a command."""
    name, *arguments = command
    if name == "admit":
        now[0], message_id, sender, block, micros, received_micros = arguments
        pace = money_limit(price=micros, burst=limits["pace"][0], amount=limits["pace"][1], period_ms=DAY_MS)
        charge = Charge(message_id, bytes.fromhex(sender), bytes.fromhex(block), Price(micros, pace), received_micros)
        return runner.run(ledger.admit(charge)).reason
    if name == "opt_out":
        return runner.run(ledger.opt_out(bytes.fromhex(arguments[0])))
    if name == "tell":
        now[0], counts, received_micros = arguments
        return runner.run(ledger.tell(Tally({Reason(name): count for name, count in counts.items()}, received_micros)))
    totals = runner.run(ledger.totals())
    return [dict(totals.counts), totals.replies_micros, totals.received_micros]


def say(answer):
    """Write a line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def open_():
    """Open the ledger, within the loop."""
    sender, block = (
        count_limit(burst=burst, count=count, period_ms=period_ms)
        for burst, count, period_ms in (limits["sender"], limits["block"])
    )
    rules = Rules(sender, block, limits["kitty"])
    return open_ledger(place, rules, lambda: now[0], lambda _: None)


try:
    prepare(place)
except LedgerError:
    create(place)
with asyncio.Runner() as runner:
    ledger = runner.run(open_())
    say("ready")
    for line in sys.stdin:
        say(run(json.loads(line)))
    runner.run(ledger.close())
