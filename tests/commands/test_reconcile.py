"""`antirelou export` and `antirelou reconcile`: what was paid, and where the provider's bill says something else."""

import csv
import io

import pytest

from tests.commands.books import (
    AGAIN,
    BEGIN_MS,
    HEAD,
    REPLIES,
    STEP_MS,
    bill_rows,
    file_of,
    keep_books,
    place_in,
    row,
    write_bill,
)
from tests.commands.test_cli import run
from tests.commands.test_looking import snapshot
from tests.ledger.parts import KEY
from tests.ledger.servers import any_server, running
from tests.worker import PHONE, config, sender

KEYS = {"LEDGER_KEY": KEY.decode()}


@pytest.fixture(name="kept", scope="module", params=["file", "server"])
def _kept(request, tmp_path_factory):
    """Yield a static file with a month behind it, on each kind of ledger."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "file":
        keep_books(place_in(folder))
        yield file_of(folder)
        return
    with running(any_server(), tmp_path_factory.mktemp("server")) as server:
        keep_books(place_in(folder, server), server)
        yield file_of(folder, f'[ledger]\nurl = "{server.url}"\nkey-env = "LEDGER_KEY"\n')


def reconcile(file, rows, *arguments, **options):
    """Return what comes of a bill."""
    bill = write_bill(file.parent, rows, **options)
    return run("reconcile", file, bill, *arguments, **KEYS)


def test_replies_are_exported_with_what_they_cost(kept):
    """A row each, the oldest first; senders as hashes, the same for one person; nothing is written."""
    before = snapshot(kept.parent)
    code, out, err = run("export", kept, **KEYS)
    rows = list(csv.DictReader(io.StringIO(out)))

    assert (0, "", REPLIES) == (code, err, len(rows))
    assert {"segments": "1", "price": "0.0763", "currency": "EUR"}.items() <= rows[0].items()
    assert sorted(found["time"] for found in rows) == [found["time"] for found in rows]
    assert "2026-09-21T14:00:00.000+00:00" == rows[0]["time"]
    assert REPLIES == len({found["sender"] for found in rows})
    assert {32} == {len(found["sender"]) for found in rows}
    assert sender(1) not in out
    assert before == snapshot(kept.parent)


def test_a_bill_that_agrees_is_no_difference(kept):
    """Replies one by one and receiving by the hour; rows of another number are passed over; exit 0, and nothing is written."""
    bill = write_bill(kept.parent, bill_rows())
    before = snapshot(kept.parent)
    code, out, err = run("reconcile", kept, bill, **KEYS)

    assert (0, "") == (code, err), out
    assert f"{2 * REPLIES + AGAIN} rows of this number, from 2026-09-21 14:00:00 UTC on\n" in out
    assert f"replies: {REPLIES} booked, 1.8312; {REPLIES} billed, 1.8312 EUR\n" in out
    assert "received: 60 messages booked, 0.45; 60 billed, 0.45 EUR\n" in out
    assert out.endswith("no difference\n")
    assert sender(1) not in out
    assert before == snapshot(kept.parent)


def test_deliveries_that_came_again_are_no_difference(kept):
    """The books count each, and book it once: where the money is the same, the bill has all of it in fewer messages."""
    rows = bill_rows()
    inbound = [found for found in rows if found["direction"] == "inbound"]
    rows.remove(inbound[0])
    inbound[1]["price"] = "-0.01500"
    code, out, _ = reconcile(kept, rows)

    assert 0 == code, out
    assert "received: 60 messages booked, 0.45; 59 billed, 0.45 EUR\n" in out
    assert "  1 delivery of what had come before: counted here, and billed once\n" in out


def test_planted_differences_are_found(kept):
    """A reply that is not billed, one that we did not pay, one that is dearer, a message that is billed and was not booked."""
    rows = bill_rows()
    del rows[5]
    extra = row(PHONE, sender(77), BEGIN_MS + 3 * STEP_MS, "outbound-api", "-0.07630")
    rows += [extra, row(sender(78), PHONE, BEGIN_MS + STEP_MS, "inbound", "-0.00750")]
    dearer = next(found for found in rows if found["direction"] == "outbound-reply" and found["to"] == sender(4))
    dearer["price"] = "-0.08000"
    code, out, _ = reconcile(kept, rows)

    assert 1 == code
    assert "  missing on the bill: 2026-09-21 14:30:00 UTC, 0.0763\n" in out
    assert f"  extra on the bill: line {len(rows)}, 2026-09-21 14:45:00 UTC, 0.0763\n" in out
    assert "  differently priced: line 10, booked 0.0763, billed 0.08\n" in out
    assert "  extra on the bill: 1 message; hours are compared as a whole, so give whole days\n" in out
    assert "proposed" not in out
    assert out.endswith("there is a difference\n")


def test_a_price_that_most_rows_have_is_proposed(kept):
    """Of replies by prefix, and of receiving; by the segment."""
    rows = bill_rows()
    for found in rows:
        found["price"] = "-0.16000" if found["direction"] == "outbound-reply" else "-0.00800"
        found["num_segments"] = "2" if found["direction"] == "outbound-reply" else "1"
    code, out, _ = reconcile(kept, rows)

    assert 1 == code
    assert 'proposed: price.reply "+33" = "0.08" (the file has 0.0763)\n' in out
    assert 'proposed: price.received = "0.008" (the file has 0.0075)\n' in out
    assert f"  differently priced: {REPLIES - 10} more\n" in out
    assert "  differently priced: 0.03 more on the bill\n" in out


def test_a_price_that_is_not_there_yet_is_no_difference(kept):
    """Providers fill it in later; how many there are is said."""
    rows = bill_rows()
    rows[0]["price"], rows[1]["price"] = "", "null"
    code, out, _ = reconcile(kept, rows)

    assert 0 == code
    assert 2 == out.count("without a price yet: look again later")


def test_columns_are_named_in_the_call(kept):
    """With another separator, other names, prices as the French write them, times as mail has them, numbers without a plus; no direction."""
    rows = []
    for found in bill_rows():
        day, _, clock = found["date_sent"].partition("T")
        time = f"{int(day[8:])} Sep 2026 {clock[:8]} +0000"
        rows.append(
            {
                "a": found["from"][1:],
                "b": found["to"].replace("+33", "+33 "),
                "c": time,
                "d": found["price"].replace(".", ","),
            }
        )
    code, out, err = reconcile(
        kept,
        rows,
        "--columns",
        "from=De, to=À,time=Envoyé,price=Prix",
        head=("De", "À", "Envoyé", "Prix"),
        delimiter=";",
    )

    assert (0, "") == (code, err), out


BILL = ",".join(HEAD) + "\n"
ROW = f'{sender(1)},{PHONE},2026-09-21T13:00:00Z,inbound,1,-0.0075,EUR,SM1,"a"\n'


@pytest.mark.parametrize(
    ("text", "arguments", "complaint"),
    [
        (None, [], "bill.csv: cannot be read: No such file or directory"),
        ("", [], "bill.csv: empty; the first line has to name the columns"),
        ("a,b\n1,2\n", [], "bill.csv: no column 'from' for from; it has a, b; write --columns from=NAME"),
        (BILL, [], f"bill.csv: no row is of {PHONE}; is it the bill of another number, or of no day?"),
        (BILL + ROW.replace("-0.0075", "dear"), [], "bill.csv: line 2: price: found 'dear'; write an amount such as 0.0763"),
        (BILL + ROW.replace("-0.0075", "1e9"), [], "bill.csv: line 2: price: found '1e9'; write an amount such as 0.0763"),
        (BILL + ROW.replace("2026-09-21T13:00:00Z", "soon"), [], "bill.csv: line 2: time: found 'soon'; write such as 2026-11-28T21:00:00Z"),
        (BILL + ROW.replace(",1,", ",x,"), [], "bill.csv: line 2: segments: found 'x'; write a whole number"),
        (BILL + f"{sender(1)},{PHONE}\n", [], "bill.csv: line 2: direction: missing; the line is shorter than the first one"),
        (BILL + '"a\n', [], "bill.csv: line 2: not CSV: "),
        (b"\xff\xfe", [], "bill.csv: byte 0: not UTF-8; export it as CSV in UTF-8"),
        (BILL + ROW, ["--columns", "fro=a"], '--columns: found \'fro\'; did you mean "from"?'),
        (BILL + ROW, ["--columns", "from"], "--columns: from: no column; write such as from=from"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_bill_is_one_line(kept, text, arguments, complaint):
    """What, where, and what would be right; exit 2."""
    bill = kept.parent / "bill.csv"
    bill.unlink(missing_ok=True)
    if text is not None:
        bill.write_bytes(text if isinstance(text, bytes) else text.encode())
    code, out, err = run("reconcile", kept, bill, *arguments, **KEYS)

    assert (2, "", 1) == (code, out, err.count("\n"))
    assert complaint in err


@pytest.mark.parametrize("command", [("export",), ("reconcile",)])
def test_where_nothing_was_begun_nothing_was_paid(tmp_path, command):
    """One line says how to begin."""
    file = tmp_path / "edge.toml"
    file.write_text(config())
    bill = write_bill(tmp_path, bill_rows())
    code, out, err = run(*command, file, *([bill] if command == ("reconcile",) else []))

    assert (2, "") == (code, out)
    assert "no ledger was begun there yet; `antirelou serve` begins it" in err
