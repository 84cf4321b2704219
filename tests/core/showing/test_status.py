"""Facts about the status: the totals in words and decimal strings, and nobody's number in it."""

import json

import msgspec
import pytest

from edge.core.charging.charge import Totals
from edge.core.kept.attachment import Attachment, Why
from edge.core.kept.pause import WITHOUT_END_MS
from edge.core.limits.bucket import UNUSED, Bucket
from edge.core.showing.bill import as_json, bill_of
from edge.core.showing.forecast import Purse
from edge.core.showing.status import left_of, status_of
from edge.core.wire.reason import Reason

NOW_MS = 1_800_000_000_000
PURSE = Purse(kitty_micros=2_000_000_000, per_day_micros=35_000_000, burst_micros=8_750_000)
TOTALS = Totals(
    {
        Reason.SENDER_LIMIT: 998,
        Reason.ANSWERED: 7,
        Reason.DUPLICATE: 2,
        Reason.BAD_SIGNATURE: 40,
        Reason.NOT_FOUND: 3,
        Reason.PAUSED: 0,
    },
    replies_micros=534_100,
    received_micros=7_537_500,
    pace=Bucket(1_458_334, NOW_MS),
    now_ms=NOW_MS,
)


def totals(replies_micros=0, received_micros=0):
    """Return what a ledger holds whose pace is full."""
    return Totals({}, replies_micros, received_micros, UNUSED, NOW_MS)


def shown_of(totals, currency="EUR", **paused):
    """Return the status, and the whole bill in it as what `check` shows as well."""
    left_micros, pace_left_micros = left_of(totals, PURSE)
    bill = bill_of(
        PURSE, {"+33": 83_800}, 7_500,
        left_micros=left_micros, pace_left_micros=pace_left_micros, hours=[], now_ms=NOW_MS,
    )  # fmt: skip
    shown = status_of(totals, PURSE, currency, bill, **paused)
    assert as_json(bill) == shown.pop("bill")
    return shown


ATTACHED = {
    "attached": True, "settled": True, "since": None, "why": None, "by_hand": False, "until": None, "trouble": None,
}  # fmt: skip


def test_a_number_that_is_detached_is_shown_with_why_and_until_when():
    """To whoever may see the status; instants as ISO 8601 has them."""
    off = Attachment(attached=False, since_ms=NOW_MS, why=Why.PER_ANSWER, attach_at_ms=NOW_MS + 1, trouble="no")

    assert {
        "attached": False, "settled": False, "since": "2027-01-15T08:00:00+00:00", "why": "per_answer", "by_hand": False,
        "until": "2027-01-15T08:00:01+00:00", "trouble": "no",
    } == shown_of(TOTALS, attachments=[off])["attachment"]  # fmt: skip


def test_the_status_says_what_was_done_what_it_cost_and_what_is_left():
    """All of it, for the example's budget after a raid: decimal strings, a date, reasons in the order of the alphabet."""
    assert {
        "messages": 1007,
        "replies": 7,
        "by_reason": {"answered": 7, "bad_signature": 40, "duplicate": 2, "not_found": 3, "sender_limit": 998},
        "currency": "EUR",
        "spent": {"replies": "0.5341", "received": "7.5375"},
        "kitty_left": "1991.9284",
        "pace_left": "7.291666",
        "paused": False,
        "paused_until": None,
        "lasts_until": "2027-03-13",
        "silent": None,
        "attachment": ATTACHED,
    } == shown_of(TOTALS)


def test_reasons_stand_in_the_order_of_the_alphabet():
    """Two looks at the status can be laid side by side."""
    shown = list(shown_of(TOTALS)["by_reason"])

    assert sorted(shown) == shown


def test_a_number_that_nobody_has_written_to_has_all_its_money():
    """A new ledger shows zeros, no reasons, and what the pace would let go at once."""
    assert {
        "messages": 0,
        "replies": 0,
        "by_reason": {},
        "currency": "CHF",
        "spent": {"replies": "0.00", "received": "0.00"},
        "kitty_left": "2000.00",
        "pace_left": "8.75",
        "paused": False,
        "paused_until": None,
        "lasts_until": "2027-03-13",
        "silent": None,
        "attachment": ATTACHED,
    } == shown_of(totals(), "CHF")


def test_no_less_than_nothing_is_left():
    """Receiving may cost more than the kitty holds; what is left is then 0.00, at once and in all, and ends today."""
    shown = shown_of(totals(received_micros=2_000_000_001))

    assert ["0.00", "0.00", "2027-01-15"] == [shown[key] for key in ("kitty_left", "pace_left", "lasts_until")]


def test_the_pace_cannot_let_go_what_the_kitty_does_not_hold():
    """Of the last 5.00 no 8.75 can go at once."""
    shown = shown_of(totals(replies_micros=1_995_000_000))

    assert ("5.00", "5.00") == (shown["kitty_left"], shown["pace_left"])


def test_the_status_is_json_as_it_stands():
    """Strings, whole numbers and tables only: what is read back is what was shown."""
    shown = shown_of(TOTALS)

    assert shown == json.loads(json.dumps(shown))


@pytest.mark.parametrize(
    ("until_ms", "paused_by_file", "expected"),
    [
        (NOW_MS + 1, False, (True, "2027-01-15T08:00:01+00:00")),
        (NOW_MS, False, (False, None)),
        (WITHOUT_END_MS, False, (True, None)),
        (NOW_MS + 1, True, (True, None)),
        (0, True, (True, None)),
    ],
)
def test_a_pause_is_shown_with_its_end(until_ms, paused_by_file, expected):
    """By the ledger's time, to the second; one that is over is none, and what the static file says has no end."""
    seen = msgspec.structs.replace(TOTALS, paused_until_ms=until_ms)
    shown = shown_of(seen, paused_by_file=paused_by_file)

    assert expected == (shown["paused"], shown["paused_until"])
