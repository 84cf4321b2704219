"""Facts about the overview, which the page shows: what follows from the ledger alone."""

import msgspec
import pytest

from edge.core.alerting.floodwatch import FloodWatch, Minute
from edge.core.alerting.watching import Notes
from edge.core.charging.charge import Totals
from edge.core.kept.attachment import Attachment
from edge.core.kept.hours import Hour
from edge.core.kept.minutes import KeptMinute
from edge.core.kept.pause import WITHOUT_END_MS
from edge.core.limits.bucket import UNUSED
from edge.core.showing.forecast import Purse, date
from edge.core.showing.overview import Alerts, Flood, Onlooker, Statement, flood_of, overview_of
from edge.core.wire.reason import Reason
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS

NOW_MS = 1_800_000_000_000
NOW = NOW_MS // MINUTE_MS
PURSE = Purse(kitty_micros=2_000_000_000, per_day_micros=35_000_000, burst_micros=8_000_000)
PRICE_MICROS = 76_300


def statement(
    minutes=(), *, notes=None, noted=None, counts=None, replies_micros=0, received_micros=0, paused_until_ms=0
):
    """Return what a ledger said that was begun two days ago."""
    totals = Totals(counts or {}, replies_micros, received_micros, UNUSED, NOW_MS, 0, paused_until_ms)
    hours = [Hour(NOW_MS - 48 * HOUR_MS, 0, 0, 0, 0, 0, is_attached=True)]
    return Statement(totals, hours, list(minutes), notes or Notes(), noted or {})


def seen(statement, silence="", *, alerts_are_set=True):
    """Return the overview."""
    return overview_of(
        statement,
        PURSE,
        Onlooker(),
        currency="EUR",
        price_micros=PRICE_MICROS,
        silence=silence,
        alerts_are_set=alerts_are_set,
        attachments=[Attachment()],
    )


def flooded(first, last, messages=100, replies=1):
    """Return the minutes of a flood, so many minutes before now."""
    return [
        KeptMinute((NOW - ago) * MINUTE_MS, messages, messages // 2, messages * 7_500, replies, replies * PRICE_MICROS)
        for ago in range(first, last - 1, -1)
    ]


def test_the_kitty_lasts_at_the_pace_of_the_whole_bill():
    """What replies and receiving cost in the last day, until nothing is left."""
    day = KeptMinute((NOW - 60) * MINUTE_MS, 9, 0, 150_000_000, 1, 50_000_000)
    found = seen(statement([day], replies_micros=50_000_000, received_micros=150_000_000))

    assert 200_000_000 == found.day.micros
    assert (1_800_000_000, date(NOW_MS + 9 * DAY_MS)) == (found.left_micros, found.lasts_until)


def test_what_costs_nothing_has_no_last_day():
    """Nothing was spent lately, or nothing is known."""
    fresh = msgspec.structs.replace(statement(), hours=[])

    assert (None, None) == (seen(statement()).lasts_until, seen(fresh).lasts_until)


def test_silences_are_those_of_messages_the_most_frequent_first():
    """No reply, no retry and no request of a stranger's is one."""
    counts = {
        Reason.ANSWERED: 7,
        Reason.DUPLICATE: 3,
        Reason.BAD_SIGNATURE: 99,
        Reason.UNSERVED: 2,
        Reason.SENDER_LIMIT: 22_104,
    }
    found = seen(statement(counts=counts))

    assert [(Reason.SENDER_LIMIT, 22_104), (Reason.UNSERVED, 2)] == list(found.reasons.items())
    assert (22_113, 7) == (found.messages, found.replies)


@pytest.mark.parametrize(
    ("until_ms", "silence", "shown"),
    [
        (0, "", (False, None)),
        (NOW_MS + HOUR_MS, "", (True, NOW_MS + HOUR_MS)),
        (WITHOUT_END_MS, "", (True, None)),
        (NOW_MS + HOUR_MS, "paused: …", (True, None)),
        (0, "paused: …", (True, None)),
    ],
)
def test_a_pause_has_an_end_where_it_ends_by_itself(until_ms, silence, shown):
    """One by hand may have one; the static file's has none."""
    found = seen(statement(paused_until_ms=until_ms), silence)

    assert shown == (found.is_paused, found.paused_until_ms)


def test_a_flood_is_seen_without_a_watch():
    """From the minutes alone: since when, what it cost, and what it would have cost to answer each."""
    minutes = flooded(30, 0)

    assert Flood(
        since_ms=(NOW - 30) * MINUTE_MS,
        messages=3_100,
        again=1_550,
        senders=None,
        replies=31,
        cost_micros=31 * PRICE_MICROS + 3_100 * 7_500,
        without_micros=3_100 * (PRICE_MICROS + 7_500),
    ) == flood_of(statement(minutes), Onlooker(), PRICE_MICROS)


def test_senders_are_counted_from_its_beginning_once_in_ten_seconds():
    """A table is gone through for it, and the page may be looked at every second."""
    asked, onlooker = [], Onlooker()

    def count(ago_ms):
        asked.append(ago_ms)
        return 12

    found = [flood_of(statement(flooded(30, 0)), onlooker, PRICE_MICROS, count).senders for _ in range(3)]
    later = msgspec.structs.replace(statement(flooded(30, 0)).totals, now_ms=NOW_MS + 10_000)
    flood_of(msgspec.structs.replace(statement(flooded(30, 0)), totals=later), onlooker, PRICE_MICROS, count)

    assert [12] * 3 == found
    assert [30 * MINUTE_MS + NOW_MS % MINUTE_MS, 30 * MINUTE_MS + NOW_MS % MINUTE_MS + 10_000] == asked


def test_a_flood_that_is_over_is_not_on():
    """Nor is one that never was."""
    assert None is flood_of(statement(flooded(90, 60)), Onlooker(), PRICE_MICROS)
    assert None is flood_of(statement(), Onlooker(), PRICE_MICROS)
    assert None is flood_of(statement(flooded(30, 0, messages=2)), Onlooker(), PRICE_MICROS)


def test_where_a_watch_looks_its_word_counts():
    """A phone was told what it says; and it knows a flood that is longer than a day."""
    sums = Minute(90_000, 80_000, 30, 2_000_000, 675_000_000)
    watch = FloodWatch(flood=sums, flood_minutes=2_000)
    found = flood_of(statement(flooded(30, 0), notes=Notes(flood=watch, minute=NOW)), Onlooker(), PRICE_MICROS)

    assert ((NOW - 2_011) * MINUTE_MS, 90_000, 677_000_000) == (found.since_ms, found.messages, found.cost_micros)
    assert None is flood_of(statement(flooded(30, 0), notes=Notes(minute=NOW)), Onlooker(), PRICE_MICROS)


def test_a_watch_that_does_not_look_any_more_says_nothing():
    """Its notes are of another day: then the minutes say it."""
    old = Notes(flood=FloodWatch(flood=Minute(9), flood_minutes=1), minute=NOW - 60)

    assert None is flood_of(statement(notes=old), Onlooker(), PRICE_MICROS)
    assert 3_100 == flood_of(statement(flooded(30, 0), notes=old), Onlooker(), PRICE_MICROS).messages


def test_health_is_what_the_ledger_knows_of_the_others():
    """The last message, signatures that failed within an hour, and channels on which an alert did not arrive."""
    signed = {"signature": [NOW_MS - 2 * HOUR_MS], "restart": []}
    found = seen(statement(flooded(5, 4), notes=Notes(failing=["ntfy"]), noted=signed), alerts_are_set=True)

    assert ((NOW - 4) * MINUTE_MS, False) == (found.last_message_ms, found.signatures_fail)
    assert Alerts(are_set=True, failing=["ntfy"]) == found.alerts
    assert seen(statement(noted={"signature": [NOW_MS - HOUR_MS + 1]})).signatures_fail
    assert None is seen(statement()).last_message_ms


def test_an_onlooker_goes_on_from_minute_to_minute():
    """It comes to what one does that looks at all of them; each minute is fed once, when it is over."""
    minutes = flooded(40, 10)
    one = Onlooker()
    for now in range(NOW - 40, NOW + 1):
        found = one.look([minute for minute in minutes if minute.at_ms // MINUTE_MS <= now], now)

    assert Onlooker().look(minutes, NOW) == found


def test_an_onlooker_that_missed_a_day_begins_anew():
    """As one does whose ledger was set back."""
    one = Onlooker()
    one.look(flooded(30, 0), NOW)

    assert one.look([], NOW + 1_500).flood is None
    assert one.look(flooded(30, 10), NOW).flood == Onlooker().look(flooded(30, 10), NOW).flood
