"""Facts about what each of several numbers has left."""

from edge.core.charging.charge import Totals
from edge.core.charging.shares import Share
from edge.core.detaching.webhook import as_json
from edge.core.kept.attachment import Attachment
from edge.core.limits.bucket import UNUSED, Bucket
from edge.core.limits.rules import Pace
from edge.core.showing.bill import bill_of
from edge.core.showing.forecast import Purse
from edge.core.showing.history import Lately
from edge.core.showing.shareleft import ShareLeft, shares_left
from edge.core.showing.status import status_of
from edge.units import HOUR_MS
from tests.ledger.parts import NOW_MS

EUR = 1_000_000
FIRST, SECOND = "+33937000009", "+33937000001"
PURSE = Purse(2_000 * EUR, 24 * EUR, 8 * EUR, Pace(2 * EUR, 6 * EUR))
SHARES = {
    SECOND: Share(Bucket(EUR, NOW_MS), replies=1),
    FIRST: Share(Bucket(4 * EUR, NOW_MS), Bucket(EUR, NOW_MS), 7),
}
TOTALS = Totals({}, 8 * EUR, 0, Bucket(5 * EUR, NOW_MS), NOW_MS, reserve=Bucket(EUR, NOW_MS), shares=SHARES)


def test_each_is_told_in_the_order_of_the_file():
    """Half of the pace each, less what was used of it; first messages leave what is kept, and the number itself is not told."""
    assert [ShareLeft("number[0]", 0, 0, 7), ShareLeft("number[1]", 3 * EUR, 2 * EUR, 1)] == shares_left(
        TOTALS, PURSE, [FIRST, SECOND]
    )


def test_it_comes_free_as_the_share_does():
    """Half of a euro an hour."""
    later = Totals({}, 8 * EUR, 0, TOTALS.pace, NOW_MS + 2 * HOUR_MS, shares=SHARES)

    assert [EUR, 4 * EUR] == [share.left_micros for share in shares_left(later, PURSE, [FIRST, SECOND])]


def test_the_kitty_and_the_whole_pace_bind_as_well():
    """What one number has left another machine may have spent, and nobody has more than there is."""
    spent = Totals({}, 1_999 * EUR + EUR // 2, 0, UNUSED, NOW_MS)
    used = Totals({}, 0, 0, Bucket(8 * EUR, NOW_MS), NOW_MS, shares={FIRST: Share(), SECOND: Share()})

    assert [EUR // 2] * 2 == [share.left_micros for share in shares_left(spent, PURSE, [FIRST, SECOND])]
    assert [0, 0] == [share.first_micros for share in shares_left(used, PURSE, [FIRST, SECOND])]


def test_one_number_has_no_share():
    """And its status says nothing of any."""
    assert [] == shares_left(TOTALS, PURSE, [])


def test_the_status_says_it_of_each_number():
    """By its place in the file, money as a decimal string; where there is one number there is no such key."""
    bill = bill_of(PURSE, {"+33": 83_800}, 7_500, left_micros=1, pace_left_micros=1, hours=[], now_ms=NOW_MS)
    shares, off = shares_left(TOTALS, PURSE, [FIRST, SECOND], {SECOND: Lately(3, 40)}), Attachment(attached=False)
    several = status_of(TOTALS, PURSE, "EUR", bill, shares=shares, attachments=[Attachment(), off])

    assert [
        {
            "number": "number[0]", "replies": 7, "pace_left": "0.00",
            "messages_last_hour": 0, "messages_last_day": 0, "attachment": as_json(Attachment()),
        },
        {
            "number": "number[1]", "replies": 1, "pace_left": "3.00",
            "messages_last_hour": 3, "messages_last_day": 40, "attachment": as_json(off),
        },
    ] == several["numbers"]  # fmt: skip
    assert as_json(off) == several["attachment"]  # the first that is not attached
    assert "numbers" not in status_of(TOTALS, PURSE, "EUR", bill)
