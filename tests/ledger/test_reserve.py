"""What is kept of the pace for second knocks, on every kind of ledger; and that no price pushes another one aside."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.core.charging.books import admit
from edge.core.charging.charge import Tally
from edge.core.charging.pace import cost_at, reserve_of
from edge.core.charging.watermarks import Watermarks
from edge.core.limits.bucket import UNUSED, Bucket
from edge.core.limits.rules import Lasts, Pace, Sharing
from edge.core.wire.reason import Reason
from edge.ledger.memory import MemoryBooks
from edge.units import DAY_MS, HOUR_MS
from tests.ledger.parts import MICROS, NOW_MS, ROOMY, charge, rules
from tests.torture import rounds

PACE = Pace(8 * MICROS, 24 * MICROS)
"""Eight replies at once, one an hour."""
QUARTER = Sharing(MICROS, 250)
RULES = rules(sharing=QUARTER)
ANSWERED, REFUSED = Reason.ANSWERED, Reason.PACE_LIMIT
STRANGER, KNOCK = False, True
STRANGERS = [STRANGER] * 6
"""As many as there is room for above the reserve."""


class Flood:
    """Messages of senders who are all different."""

    def __init__(self, books, sharing=QUARTER, pace=PACE):
        self.ledger = books.ledger(rules(sharing=sharing))
        self.cost = cost_at(MICROS, pace, sharing)
        self.count = 0

    def write(self, *knocks):
        """Return what came of a message for each: whether it knocks."""
        return [self.ask(knock=knock).reason for knock in knocks]

    def ask(self, *, knock=False, cost=None):
        """Return what the ledger says to one more message."""
        self.count += 1
        return self.ledger.admit(charge(self.count, cost=cost or self.cost, knock=knock))


def test_strangers_leave_the_reserve_to_who_knocks(books):
    """Six of eight are for whoever comes, two for those who come again; and those take from both."""
    flood = Flood(books)

    assert [ANSWERED] * 6 + [REFUSED] == flood.write(*STRANGERS, STRANGER)
    assert [ANSWERED] * 2 + [REFUSED] == flood.write(KNOCK, KNOCK, KNOCK)
    books.step(4 * HOUR_MS)
    assert [ANSWERED] * 3 + [REFUSED] == flood.write(*[STRANGER] * 4)
    assert [ANSWERED, REFUSED] == flood.write(KNOCK, KNOCK)


def test_a_knock_draws_on_the_reserve_only_where_it_must(books):
    """While there is room above it, who knocks is paid like anybody else."""
    flood = Flood(books)

    assert [UNUSED] * 6 == [flood.ask(knock=True).reserve for _ in range(6)]
    assert Bucket(MICROS, NOW_MS) == flood.ask(knock=True).reserve


def test_the_reserve_fills_by_its_share_and_strangers_have_the_rest(books):
    """Of eight replies in eight hours two are kept; when nothing is missing any more all are theirs."""
    flood = Flood(books)
    flood.write(*STRANGERS, KNOCK, KNOCK)
    answered = []
    for _ in range(16):
        books.step(HOUR_MS)
        answered.append(flood.write(STRANGER)[0] is ANSWERED)

    assert (6, 8) == (sum(answered[:8]), sum(answered[8:]))


@pytest.mark.parametrize(
    ("share", "strangers", "knocking"), [(250, 6, 3), (125, 8, 1), (62, 9, 0), (500, 2, 7)], ids=str
)
def test_what_was_used_of_the_reserve_counts_under_another_file(books, share, strangers, knocking):
    """State is what was used: of sixteen replies seven were paid, one of them out of what was kept."""
    Flood(books).write(*STRANGERS, KNOCK)
    flood = Flood(books, Sharing(MICROS, share), Pace(16 * MICROS, 24 * MICROS))
    flood.count = 100

    assert [ANSWERED] * strangers + [REFUSED] == flood.write(*[STRANGER] * (strangers + 1))
    assert [ANSWERED] * knocking + [REFUSED] == flood.write(*[KNOCK] * (knocking + 1))


def test_where_nothing_is_kept_a_knock_is_a_message(books):
    """Who knocks and who does not are alike, to the last one."""
    flood = Flood(books, Sharing(MICROS, 0))

    assert [ANSWERED] * 8 + [REFUSED] * 2 == flood.write(*[STRANGER, KNOCK] * 5)


def test_a_ledger_says_what_is_used_of_the_reserve(books):
    """Whoever asks, and whoever drew on it."""
    Flood(books).write(*STRANGERS, KNOCK)

    assert Bucket(MICROS, NOW_MS) == books.ledger(RULES).totals().reserve


def test_the_pace_of_the_hour_has_a_reserve_of_its_own(books):
    """Worked out in the ledger: the charge's own cost, of a file that could not know it, is not looked at."""
    limits = rules(kitty_micros=340 * MICROS, lasts=Lasts(NOW_MS + 10 * DAY_MS, 0, MICROS), sharing=QUARTER)
    ledger = books.ledger(limits)
    pace = ledger.tell(Tally({}, 0)).pace
    reasons = [ledger.admit(charge(n, knock=n >= 20)).reason for n in range(30)]

    assert Pace(17 * MICROS // 8, 17 * MICROS // 2) == reserve_of(pace, QUARTER)
    assert (6, 2) == (reasons[:20].count(ANSWERED), reasons[20:].count(ANSWERED))


def test_a_flood_of_cheap_replies_leaves_a_dear_one_its_chance(books):
    """Each is answered as often as it asks: there is room for a cheap one only where there is for a dear one."""
    sharing = Sharing(MICROS, 0)
    dear, cheap = (cost_at(micros, PACE, sharing) for micros in (MICROS, MICROS // 2))
    flood, answered = Flood(books, sharing), {True: 0, False: 0}
    for step in range(330):
        books.step(HOUR_MS // 10)
        is_dear = step % 11 == 10
        answered[is_dear] += flood.ask(cost=dear if is_dear else cheap).reason is ANSWERED

    assert 6 <= answered[True] <= answered[False] / 8


@given(
    prices=st.tuples(st.integers(1, 10**9), st.integers(1, 10**9)),
    share=st.sampled_from([0, 1, 250, 500, 999]),
    room=st.integers(0, 10**10),
    events=st.lists(st.tuples(st.integers(0, 2 * DAY_MS), st.integers(0, 1), st.booleans()), max_size=30),
)
@settings(max_examples=rounds(40, many=3_000), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_price_is_refused_where_another_one_is_paid(shows, prices, share, room, events):
    """For any two prices, at any time, whoever knocks: the pace says the same to both."""
    sharing, books, now_ms = Sharing(max(prices), share), MemoryBooks(), NOW_MS
    pace = Pace(max(prices) + room, max(prices))
    costs = [cost_at(micros, pace, sharing) for micros in prices]
    limits = rules(sender=ROOMY, kitty_micros=10**14, sharing=sharing)
    for number, (step_ms, which, knock) in enumerate(events):
        now_ms += step_ms
        answers = [
            admit(_Unwritten(books), limits, Watermarks(), charge(number, cost=cost, knock=knock), now_ms).reason
            for cost in costs
        ]
        admit(books, limits, Watermarks(), charge(number, cost=costs[which], knock=knock), now_ms)

        assert answers[0] is answers[1]
    shows("P6", rounds=1, requests=len(events))


class _Unwritten:
    """Books that are only read."""

    def __init__(self, books):
        self._books = books
        self.growth = books.growth

    def __getattr__(self, name):
        """Return what the books have."""
        return getattr(self._books, name)

    def pay(self, charge, entry, now_ms):
        """Nothing is written."""

    def receive(self, micros):
        """Nothing is written."""


@pytest.mark.parametrize(
    ("burst", "share", "expected"),
    [
        (4 * MICROS, 250, Pace(MICROS, 6 * MICROS)),
        (4 * MICROS - 1, 250, None),
        (4 * MICROS, 750, Pace(3 * MICROS, 18 * MICROS)),
        (4 * MICROS, 751, None),
        (4 * MICROS, 0, None),
        (0, 250, None),
    ],
)
def test_both_sides_of_a_reserve_pay_the_dearest_reply(burst, share, expected):
    """Or there is none: it would be kept for nobody, or from everybody."""
    assert expected == reserve_of(Pace(burst, 24 * MICROS), Sharing(MICROS, share))
