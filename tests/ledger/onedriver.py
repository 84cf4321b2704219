"""What runs in a process of the program that knew no hours of each number: a worker of two numbers, and a command's look (see `test_before_numbers.py`)."""

import asyncio
import json
import sys
from pathlib import Path

from edge.core.charging.charge import Charge, Tally
from edge.core.charging.pace import cost_at
from edge.core.limits.bucket import count_limit
from edge.core.limits.rules import Pace, Rules, Sharing
from edge.core.wire.reason import Reason
from edge.ledger.opening import Place, hours, open_ledger, paid, prepare

url, base, phone, key, numbers, now_ms, micros, first = json.loads(sys.argv[1])
place = Place(url, Path(base), phone, key.encode())
sharing = Sharing(micros, 0, len(numbers))
cost = cost_at(micros, Pace(100 * micros, 100 * micros), sharing)
limit = count_limit(burst=100, count=100, period_ms=1)
rules = Rules(sender=limit, block=limit, kitty_micros=10**9, sharing=sharing, numbers=tuple(numbers))


async def work():
    """Pay a reply at each number, and tell of as many messages that met silence."""
    ledger = open_ledger(place, rules, lambda: now_ms, lambda _: None, "then")
    reasons = [
        (await ledger.admit(Charge(f"then{first + index}", bytes(16), bytes(16), cost, 7_500, number=number))).reason
        for index, number in enumerate(numbers)
    ]
    standing = await ledger.tell(Tally({Reason.PACE_LIMIT: first + 2}, 7_500 * (first + 2), first + 2))
    await ledger.close()
    return reasons, standing.paused


prepare(place)
found, paused = asyncio.run(work())
rows, kept = hours(place, 0), paid(place)
sys.stdout.write(
    json.dumps([found, paused, sum(hour.messages for hour in rows), sum(hour.replies for hour in rows), len(kept)])
)
