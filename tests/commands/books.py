"""A ledger of a number as a month leaves it, and the bill of its provider, in which nothing is different unless a test says so."""

import asyncio
import csv
import datetime as dt
import io

import msgspec

from edge.core.answering.gate import key_of
from edge.core.charging.charge import Charge, Tally
from edge.core.limits.rules import Cost
from edge.core.wire.reason import Reason
from edge.ledger.opening import Place, create, look, open_ledger, prepare
from tests.ledger.parts import BY_OUR_CLOCK, KEY, ROOMY, RULES, Clock
from tests.worker import PHONE, config, sender

BEGIN_MS = 1_790_000_000_000 // 3_600_000 * 3_600_000
PRICE_MICROS, RECEIVED_MICROS = 76_300, 7_500
REPLIES, AGAIN = 24, 36
"""People who were answered, a quarter of an hour apart; and messages of theirs that were not."""
STEP_MS = 15 * 60_000
LATE_MS = 2_000
"""So much later the provider says that it has sent a reply."""
HEAD = ("from", "to", "date_sent", "direction", "num_segments", "price", "price_unit", "sid", "body")


def file_of(folder, ledger=""):
    """Write a static file, with another ledger or the one beside it."""
    file = folder / "edge.toml"
    file.write_text(config() + ledger)
    return file


def keep_books(place, server=None):
    """Begin a ledger, and have it pay and receive."""
    if server is not None:
        create(place)
    prepare(place)
    key = look(place).hash_key
    clock = Clock(BEGIN_MS)

    async def pay():
        ledger = open_ledger(place, RULES, clock, lambda _: None, "worker-1")
        if server is not None:
            ledger.script = BY_OUR_CLOCK
        for number in range(REPLIES):
            clock.now_ms = BEGIN_MS + number * STEP_MS
            if server is not None:
                with server.client() as client:
                    client.set(f"antirelou:{{{PHONE}}}:account:clock", clock.now_ms)
            received = (number + 1) * RECEIVED_MICROS
            charge = Charge(
                f"SM{number:032x}",
                key_of(sender(number), key),
                key_of("block", key),
                Cost(PRICE_MICROS, ROOMY),
                received,
            )
            await ledger.admit(charge)
            await ledger.tell(Tally({}, received, number + 1))
        total = REPLIES + AGAIN
        await ledger.tell(Tally({Reason.SENDER_LIMIT: AGAIN}, total * RECEIVED_MICROS, total))
        await ledger.close()

    asyncio.run(pay())


def bill_rows():
    """Return the rows of the provider's bill, each as a dict: the messages, the replies to them, and some of another number."""
    rows = []
    for number in range(REPLIES):
        at_ms = BEGIN_MS + number * STEP_MS
        rows.append(row(sender(number), PHONE, at_ms, "inbound", "-0.00750"))
        rows.append(row(PHONE, sender(number), at_ms + LATE_MS, "outbound-reply", "-0.07630"))
    rows += [row(sender(0), PHONE, at_ms + LATE_MS, "inbound", "-0.00750") for _ in range(AGAIN)]
    rows.append(row("+33937000001", sender(1), at_ms, "outbound-api", "-9.99"))
    return rows


def row(from_, to, at_ms, direction, price):
    """Return one row."""
    time = dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).isoformat()
    return dict(zip(HEAD, (from_, to, time, direction, "1", price, "EUR", "SM1", "salut, ça va"), strict=True))


def write_bill(folder, rows, head=HEAD, **options):
    """Write a bill as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, **options)
    writer.writerow(head)
    writer.writerows(list(found.values()) for found in rows)
    path = folder / "bill.csv"
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    return path


def place_in(folder, server=None):
    """Return the place of the ledger, beside the file or on a server."""
    url = "sqlite:antirelou.db" if server is None else server.url
    place = Place(url, folder, PHONE, b"" if server is None else KEY, currency="EUR")
    return msgspec.structs.replace(place)
