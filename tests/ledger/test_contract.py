"""What every ledger keeps: one suite for memory, for an SQLite file, and for each server."""

import asyncio

import msgspec
import pytest

from edge.core.charging.charge import Tally
from edge.core.kept.button import USED_MAX, Button
from edge.core.kept.paid import Paid
from edge.core.kept.pause import WITHOUT_END_MS
from edge.core.limits.bucket import GRANT, Bucket, count_limit
from edge.core.limits.limit import Limit
from edge.core.limits.rules import Cost
from edge.core.wire.reason import Reason
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests.ledger.parts import MICROS, NOW_MS, ROOMY, charge, cost, ids, key16, rules


def button(number):
    """Return a button; each one ends later than the one before."""
    return Button(f"{number:032x}", NOW_MS + HOUR_MS + number)


REASONS = {
    Reason.PAUSED: {"paused", "opted_out", "paid", "sender", "block", "pace", "kitty"},
    Reason.OPTED_OUT: {"opted_out", "paid", "sender", "block", "pace", "kitty"},
    Reason.DUPLICATE: {"paid", "sender", "block", "pace", "kitty"},
    Reason.SENDER_LIMIT: {"sender", "block", "pace", "kitty"},
    Reason.BLOCK_LIMIT: {"block", "pace", "kitty"},
    Reason.PACE_LIMIT: {"pace", "kitty"},
    Reason.KITTY_SPENT: {"kitty"},
    Reason.ANSWERED: set(),
}


def test_a_charge_is_answered_and_takes_from_every_bucket(books):
    """A granted charge says the states after it, by the ledger's clock."""
    decision = books.ledger().admit(charge(cost=cost(burst=10 * MICROS, per_day=MICROS), received=7_500))

    assert Reason.ANSWERED is decision.reason
    assert [Bucket(GRANT, NOW_MS), Bucket(ROOMY.cost, NOW_MS)] == [decision.sender, decision.block]
    assert Bucket(MICROS, NOW_MS) == decision.pace
    assert (MICROS + 7_500, NOW_MS) == (decision.spent_micros, decision.now_ms)


def test_a_message_id_is_charged_once(books):
    """The same message again is a duplicate, whoever asks and however often, and costs nothing."""
    one, other = books.ledger(), books.ledger()
    one.admit(charge(1, received=7_500))
    again = [ledger.admit(charge(1, received=15_000)).reason for ledger in (one, other, one)]

    assert [Reason.DUPLICATE] * 3 == again
    assert MICROS == other.totals().replies_micros
    assert 7_500 == other.totals().received_micros


@pytest.mark.parametrize("expected", REASONS)
def test_limits_are_checked_in_the_order_of_the_reasons(books, expected):
    """Of several reasons that hold, the first one is given."""
    holds = REASONS[expected]
    pace = cost(burst=MICROS * (3 if "pace" in holds else 100), per_day=MICROS)
    ledger = books.ledger(
        rules(
            block=count_limit(burst=2, count=1, period_ms=DAY_MS),
            kitty_micros=MICROS * (3 if "kitty" in holds else 100),
        )
    )
    ledger.admit(charge(1, sender=1 if "sender" in holds else 7, block=1 if "block" in holds else 7, cost=pace))
    ledger.admit(charge(2, sender=2, block=1 if "block" in holds else 8, cost=pace))
    ledger.admit(charge(3, sender=3, block=3, cost=pace))
    if "opted_out" in holds:
        ledger.opt_out(key16(1))
    if "paused" in holds:
        ledger.pause(None)

    decision = ledger.admit(charge(1 if "paid" in holds else 4, sender=1, block=1, cost=pace))

    assert expected is decision.reason


def test_news_is_heard_before_the_answer(books):
    """A worker hears what the others were charged for, and its own, before it gets its answer."""
    heard = []
    one, other = books.ledger(hear=heard.extend), books.ledger()
    one.admit(charge(1))
    other.admit(charge(2))
    other.admit(charge(3))

    async def ask():
        decision = await one.ledger.admit(charge(4))
        return decision.reason, list(heard)

    assert (Reason.ANSWERED, ids(1, 2, 3, 4)) == books.runner.run(ask())


@pytest.mark.parametrize(
    "contact",
    [
        lambda ledger: ledger.admit(charge(1)),
        lambda ledger: ledger.opt_out(key16(9)),
        lambda ledger: ledger.tell(Tally({}, 0)),
        lambda ledger: ledger.totals(),
    ],
    ids=["admit", "opt_out", "tell", "totals"],
)
def test_news_is_heard_at_every_contact(books, contact):
    """Whatever a worker asks, it hears every charge once."""
    heard = []
    one, other = books.ledger(hear=heard.extend), books.ledger()
    one.totals()
    other.admit(charge(1))
    contact(one)
    contact(one)

    assert ids(1) == heard


def test_a_new_worker_hears_the_charges_of_the_last_day(books):
    """Whoever starts after a charge answers its retry again, for as long as any provider retries."""
    heard = []
    books.ledger().admit(charge(1))
    books.step(DAY_MS - MINUTE_MS)
    books.ledger(hear=heard.extend).totals()

    assert ids(1) == heard


def test_what_is_told_is_cumulative(books):
    """Telling twice counts once, and what has become less takes nothing back."""
    ledger = books.ledger()
    ledger.tell(Tally({Reason.SENDER_LIMIT: 5, Reason.ANSWERED: 1}, 30_000))
    ledger.tell(Tally({Reason.SENDER_LIMIT: 5, Reason.ANSWERED: 1}, 30_000))
    ledger.tell(Tally({Reason.SENDER_LIMIT: 4, Reason.ANSWERED: 1, Reason.PACE_LIMIT: 2}, 22_500))
    ledger.tell(Tally({Reason.SENDER_LIMIT: 6, Reason.ANSWERED: 1, Reason.PACE_LIMIT: 2}, 30_000))
    totals = ledger.totals()

    assert {Reason.SENDER_LIMIT: 6, Reason.PACE_LIMIT: 2, Reason.ANSWERED: 0} == totals.counts
    assert 30_000 == totals.received_micros


def test_what_several_workers_tell_adds_up(books):
    """Each worker counts from its own start; the totals are those of all, and the same for each."""
    one, other = books.ledger(), books.ledger()
    one.tell(Tally({Reason.UNSERVED: 2}, 15_000))
    other.tell(Tally({Reason.UNSERVED: 3}, 22_500))
    other.admit(charge(received=30_000))

    assert {Reason.UNSERVED: 5, Reason.ANSWERED: 1} == one.totals().counts
    assert one.totals() == other.totals()
    assert 45_000 == one.totals().received_micros
    assert 45_000 + MICROS == one.totals().spent_micros
    assert 1 == one.totals().replies


def test_the_totals_outlive_the_workers(books):
    """Whoever opens the books later reads what all before have told and were charged."""
    before = books.ledger()
    before.tell(Tally({Reason.PAUSED: 4}, 30_000))
    before.admit(charge(received=37_500))
    expected = before.totals()
    books.close()

    assert expected == books.ledger().totals()


@pytest.mark.parametrize(("missing", "expected"), [(0, Reason.ANSWERED), (1, Reason.KITTY_SPENT)])
def test_the_kitty_holds_to_the_last_micro(books, missing, expected):
    """A reply is paid from the last micro, what receiving has cost included, and not from one micro less."""
    ledger = books.ledger(rules(kitty_micros=2 * MICROS + 15_000 - missing))
    ledger.admit(charge(1, received=7_500))

    assert expected is ledger.admit(charge(2, received=15_000)).reason


def test_what_another_worker_received_is_gone_from_the_kitty(books):
    """Receiving empties the kitty whoever received, and whether or not it was answered."""
    one, other = books.ledger(rules(kitty_micros=2 * MICROS)), books.ledger(rules(kitty_micros=2 * MICROS))
    other.tell(Tally({Reason.UNSERVED: 1}, MICROS + 1))

    assert Reason.KITTY_SPENT is one.admit(charge()).reason


def test_a_kitty_is_raised_by_whoever_is_told_so(books):
    """Two workers of different files share the books; each pays from the kitty that its file names."""
    poor, rich = books.ledger(rules(kitty_micros=MICROS)), books.ledger(rules(kitty_micros=2 * MICROS))
    reasons = [ledger.admit(charge(n)).reason for n, ledger in enumerate((poor, poor, rich, rich, poor))]

    assert [Reason.ANSWERED, Reason.KITTY_SPENT, Reason.ANSWERED, Reason.KITTY_SPENT, Reason.KITTY_SPENT] == reasons


def test_two_workers_at_once_pay_for_exactly_what_the_kitty_holds(books):
    """A hundred questions at once to two workers, money for seven: seven are answered, and all are in the books."""
    ledgers = [books.ledger(rules(kitty_micros=7 * MICROS)).ledger for _ in range(2)]

    async def ask():
        return await asyncio.gather(*(ledgers[n % 2].admit(charge(n)) for n in range(100)))

    decisions = books.runner.run(ask())

    assert 7 == sum(decision.reason is Reason.ANSWERED for decision in decisions)
    assert 93 == sum(decision.reason is Reason.KITTY_SPENT for decision in decisions)
    assert 7 == books.ledger().totals().replies


def test_two_workers_at_once_answer_a_sender_once(books):
    """A hundred messages at once from one sender to two workers get one reply."""
    ledgers = [books.ledger().ledger for _ in range(2)]

    async def ask():
        return await asyncio.gather(*(ledgers[n % 2].admit(charge(n, sender=1)) for n in range(100)))

    assert 1 == sum(decision.reason is Reason.ANSWERED for decision in books.runner.run(ask()))


def test_the_stop_of_a_stranger_leaves_nothing(books):
    """Nobody who was never answered is remembered, however many of them there are."""
    ledger = books.ledger()
    ledger.admit(charge(1))
    before = books.rows()

    assert [False] * 20 == [ledger.opt_out(key16(n)) for n in range(100, 120)]
    assert before == books.rows()


def test_a_stop_holds_for_good(books):
    """Whoever was ever answered can opt out, long after, and more than once; it holds for every worker, for years."""
    one, other = books.ledger(), books.ledger()
    one.admit(charge(1, sender=5))
    books.step(40 * DAY_MS)
    one.tell(Tally({}, 0))

    assert [True, True] == [one.opt_out(key16(5)), other.opt_out(key16(5))]

    books.step(1000 * DAY_MS)
    other.tell(Tally({}, 0))

    assert Reason.OPTED_OUT is other.admit(charge(2, sender=5)).reason
    assert Reason.ANSWERED is other.admit(charge(3, sender=6)).reason


def test_a_refusal_leaves_nothing(books):
    """Refused by the pace, by the block or by the kitty, nobody leaves a trace."""
    pace = cost(burst=3 * MICROS, per_day=MICROS)
    block = count_limit(burst=1, count=1, period_ms=DAY_MS)
    ledger = books.ledger(rules(block=block, kitty_micros=3 * MICROS))
    paid = [ledger.admit(charge(n, block=n, cost=pace)).reason for n in (1, 2, 3)]
    before = books.rows()
    refused = [ledger.admit(charge(n, block=1, cost=pace)).reason for n in range(10, 20)]
    refused += [ledger.admit(charge(n, block=n, cost=pace)).reason for n in range(20, 30)]
    refused += [ledger.admit(charge(n, block=n, received=1_000 * n)).reason for n in range(30, 40)]

    assert [Reason.ANSWERED] * 3 == paid
    assert [Reason.BLOCK_LIMIT] * 10 + [Reason.PACE_LIMIT] * 10 + [Reason.KITTY_SPENT] * 10 == refused
    assert 9 == before == books.rows()


def test_a_sender_is_answered_again_after_a_period(books):
    """A sender's bucket is empty until its period is over, and then grants once."""
    ledger = books.ledger()
    ledger.admit(charge(1, sender=1))
    books.step(DAY_MS - MINUTE_MS)
    early = ledger.admit(charge(2, sender=1)).reason
    books.step(MINUTE_MS)
    reasons = [ledger.admit(charge(n, sender=1)).reason for n in (3, 4)]

    assert Reason.SENDER_LIMIT is early
    assert [Reason.ANSWERED, Reason.SENDER_LIMIT] == reasons


def test_a_burst_is_granted_at_once_and_then_one_a_period(books):
    """Three at once, then one every eight hours."""
    sender = count_limit(burst=3, count=3, period_ms=DAY_MS)
    ledger = books.ledger(rules(sender=sender))
    at_once = [ledger.admit(charge(n, sender=1)).reason for n in range(4)]
    books.step(8 * HOUR_MS)
    later = [ledger.admit(charge(n, sender=1)).reason for n in range(4, 6)]

    assert [Reason.ANSWERED] * 3 + [Reason.SENDER_LIMIT] == at_once
    assert [Reason.ANSWERED, Reason.SENDER_LIMIT] == later


def test_a_step_back_of_the_clock_grants_nothing(books):
    """However far the clock steps back, what was spent stays spent."""
    block = count_limit(burst=1, count=1, period_ms=HOUR_MS)
    pace = cost(burst=2 * MICROS, per_day=MICROS)
    ledger = books.ledger(rules(block=block))
    ledger.admit(charge(1, sender=1, block=1, cost=pace))
    ledger.admit(charge(2, sender=2, block=2, cost=pace))
    books.step(-400 * DAY_MS)

    assert Reason.SENDER_LIMIT is ledger.admit(charge(3, sender=1, block=1, cost=pace)).reason
    assert Reason.BLOCK_LIMIT is ledger.admit(charge(4, sender=4, block=1, cost=pace)).reason
    assert Reason.PACE_LIMIT is ledger.admit(charge(5, sender=5, block=5, cost=pace)).reason
    assert Reason.DUPLICATE is ledger.admit(charge(1, sender=1, block=1, cost=pace)).reason


@pytest.mark.parametrize("wrong_ms", [-NOW_MS, -400 * DAY_MS, -HOUR_MS])
def test_a_clock_that_is_wrong_at_every_start_gives_no_time(books, wrong_ms):
    """Begun at 1970, or an hour ago, and right again a minute later, time after time: nobody is answered once more."""
    pace = cost(burst=2 * MICROS, per_day=MICROS)
    books.ledger().admit(charge(1, sender=1, block=1, cost=pace))
    books.ledger().admit(charge(2, sender=2, block=2, cost=pace))
    reasons = []
    for n in range(10):
        books.step(wrong_ms)
        ledger = books.ledger()
        reasons.append(ledger.admit(charge(10 + n, sender=1, cost=pace)).reason)
        books.step(MINUTE_MS)
        ledger.tell(Tally({}, 0))
        books.step(-wrong_ms)
        reasons.append(ledger.admit(charge(30 + n, sender=30 + n, cost=pace)).reason)

    assert [Reason.SENDER_LIMIT, Reason.PACE_LIMIT] * 10 == reasons


def test_time_goes_on_after_a_clock_that_was_ahead(books):
    """Behind the time that was, a bucket refills with what the clock goes on, as far as workers are there to see it."""
    minute = rules(sender=count_limit(burst=1, count=1, period_ms=MINUTE_MS))
    ledger = books.ledger(minute)
    ledger.admit(charge(1, sender=1))
    books.step(-400 * DAY_MS)
    reasons = []
    for n in range(7):
        reasons.append(ledger.admit(charge(10 + n, sender=1)).reason)
        ledger.tell(Tally({}, 0))
        books.step(10_000)

    assert [Reason.SENDER_LIMIT] * 6 + [Reason.ANSWERED] == reasons


def test_what_was_used_before_counts_against_a_stricter_limit(books):
    """Three a day were used at once; under one a day that is three days, whoever asks by which file in between."""
    one, three = (rules(sender=count_limit(burst=n, count=n, period_ms=DAY_MS)) for n in (1, 3))
    wide = books.ledger(three)
    used = [wide.admit(charge(n, sender=1)).reason for n in range(3)]
    narrow = books.ledger(one)
    reasons = []
    for n in range(3):
        reasons.append(narrow.admit(charge(10 + n, sender=1)).reason)
        books.step(DAY_MS)
    reasons += [narrow.admit(charge(20 + n, sender=1)).reason for n in range(2)]

    assert [Reason.ANSWERED] * 3 == used
    assert [Reason.SENDER_LIMIT] * 3 + [Reason.ANSWERED, Reason.SENDER_LIMIT] == reasons


def test_a_looser_limit_holds_at_once(books):
    """One a day was used; under two a day there is one left."""
    books.ledger().admit(charge(1, sender=1))
    wide = books.ledger(rules(sender=count_limit(burst=2, count=2, period_ms=DAY_MS)))
    reasons = [wide.admit(charge(n, sender=1)).reason for n in (2, 3)]

    assert [Reason.ANSWERED, Reason.SENDER_LIMIT] == reasons


def test_a_block_has_the_limit_of_its_plan_where_that_is_not_the_rules(books):
    """Two a day in one plan and five an hour in another, by one file; and a block's state is read by whichever asks."""
    two, five = (count_limit(burst=n, count=n, period_ms=ms) for n, ms in ((2, DAY_MS), (5, HOUR_MS)))
    ledger = books.ledger(rules(block=two))
    french = [ledger.admit(charge(n, block=1)).reason for n in range(3)]
    american = [ledger.admit(charge(10 + n, block=2, block_limit=five)).reason for n in range(6)]
    stricter = ledger.admit(charge(19, block=2)).reason
    books.step(HOUR_MS)
    later = [ledger.admit(charge(20 + n, block=n, block_limit=(None, five)[n - 1])).reason for n in (1, 2)]
    looser = ledger.admit(charge(30, block=1, block_limit=five)).reason

    assert [Reason.ANSWERED] * 2 + [Reason.BLOCK_LIMIT] == french
    assert [Reason.ANSWERED] * 5 + [Reason.BLOCK_LIMIT] == american
    assert [Reason.BLOCK_LIMIT, Reason.ANSWERED] == later
    assert (Reason.BLOCK_LIMIT, Reason.ANSWERED) == (stricter, looser)


def test_from_five_an_hour_to_two_a_day_hands_out_nothing_anew(books):
    """What a block had by the default of before counts against that of its plan, and the other way round."""
    two, five = (count_limit(burst=n, count=n, period_ms=ms) for n, ms in ((2, DAY_MS), (5, HOUR_MS)))
    before = books.ledger(rules(block=five))
    had = [before.admit(charge(n)).reason for n in range(4)]
    after = books.ledger(rules(block=two))
    reasons = [after.admit(charge(10)).reason]
    books.step(DAY_MS)
    reasons += [after.admit(charge(20)).reason]
    books.step(DAY_MS // 2)
    reasons += [after.admit(charge(30 + n)).reason for n in range(2)]
    back = [before.admit(charge(40 + n)).reason for n in range(4)]

    assert [Reason.ANSWERED] * 4 == had
    assert [Reason.BLOCK_LIMIT, Reason.BLOCK_LIMIT, Reason.ANSWERED, Reason.BLOCK_LIMIT] == reasons
    assert [Reason.ANSWERED] * 3 + [Reason.BLOCK_LIMIT] == back


def test_a_slower_pace_hands_out_nothing_new(books):
    """Eight a day, its burst spent, made two a day: of a burst of eight nothing is left, of one of four less than nothing."""
    fast, slow, tight = (
        cost(burst=burst * MICROS, per_day=amount * MICROS) for burst, amount in ((8, 8), (8, 2), (4, 2))
    )
    ledger = books.ledger()
    spent = [ledger.admit(charge(n, cost=fast)).reason for n in range(9)]
    reasons = [ledger.admit(charge(20 + n, cost=one)).reason for n, one in enumerate((slow, tight, fast))]
    books.step(DAY_MS)
    reasons += [ledger.admit(charge(30 + n, cost=one)).reason for n, one in enumerate((tight, slow, slow, slow))]

    assert [Reason.ANSWERED] * 8 + [Reason.PACE_LIMIT] == spent
    assert [Reason.PACE_LIMIT] * 4 + [Reason.ANSWERED] * 2 + [Reason.PACE_LIMIT] == reasons


def test_two_files_side_by_side_hand_out_the_larger_burst_once(books):
    """A worker of an old file and one of a new one take turns: together a block gets the larger burst, not both."""
    few, many = (rules(block=count_limit(burst=n, count=1, period_ms=DAY_MS)) for n in (2, 5))
    ledgers = [books.ledger(few), books.ledger(many)]
    reasons = [ledgers[n % 2].admit(charge(n, block=1)).reason for n in range(20)]

    assert 5 == reasons.count(Reason.ANSWERED)
    assert {Reason.ANSWERED, Reason.BLOCK_LIMIT} == set(reasons)


def test_a_dear_reply_waits_where_a_cheap_one_passes(books):
    """Two prices share one pace, in money."""
    cheap = cost(40_000, burst=100_000, per_day=100_000)
    dear = cost(80_000, burst=100_000, per_day=100_000)
    ledger = books.ledger()
    reasons = [ledger.admit(charge(n, block=n, cost=p)).reason for n, p in enumerate((cheap, dear, cheap, cheap))]

    assert [Reason.ANSWERED, Reason.PACE_LIMIT, Reason.ANSWERED, Reason.PACE_LIMIT] == reasons


def test_a_block_that_is_full_again_is_remembered(books):
    """It is full by today's limit, and not by tomorrow's."""
    hour, day = (rules(block=count_limit(burst=1, count=1, period_ms=ms)) for ms in (HOUR_MS, DAY_MS))
    books.ledger(hour).admit(charge(1, block=1))
    books.step(2 * HOUR_MS)
    books.ledger(hour).tell(Tally({}, 0))

    assert Reason.BLOCK_LIMIT is books.ledger(day).admit(charge(2, block=1)).reason
    assert Reason.ANSWERED is books.ledger(hour).admit(charge(3, block=1)).reason


@pytest.mark.parametrize("text", ["SM" + "0" * 32, "", "☎ é\x00'\"\\ \U0001f4a9", "x" * 10_000])
def test_a_message_id_may_be_any_text(books, text):
    """Providers choose their ids; whatever they are, they come back as they were."""
    heard = []
    one, other = books.ledger(hear=heard.extend), books.ledger()
    odd = charge(1)
    odd = type(odd)(text, odd.sender, odd.block, odd.cost, 0)
    reasons = [ledger.admit(odd).reason for ledger in (one, other)]

    assert [Reason.ANSWERED, Reason.DUPLICATE] == reasons
    assert [text] == heard


def test_the_largest_amounts_are_exact(books):
    """The largest kitty that a file can name is kept to the micro, far below 2^53."""
    kitty = 999_999_999_999_999
    ledger = books.ledger(rules(kitty_micros=kitty))
    amounts = (kitty - 2, 1, 1, 1)
    reasons = [ledger.admit(charge(n, cost=Cost(micros, ROOMY))).reason for n, micros in enumerate(amounts)]

    assert [Reason.ANSWERED] * 3 + [Reason.KITTY_SPENT] == reasons
    assert kitty == ledger.totals().spent_micros


def test_the_largest_limits_are_exact(books):
    """A pace of all the money that a file can name, a period of ten years, a rate that does not divide: to the micro, to the ms."""
    most, years_ms = 999_999_999_999_999, 10 * 365 * DAY_MS
    pace = Cost(1, Limit(1, most, most - 1, years_ms - 1))
    whole = Cost(1, Limit(most, most, most - 1, years_ms - 1))
    ledger = books.ledger(rules(kitty_micros=most))
    spent = ledger.admit(charge(1, cost=whole))
    books.step(years_ms // 3)
    later = ledger.admit(charge(2, cost=pace))

    assert Bucket(most, NOW_MS) == spent.pace
    assert Bucket(most - (years_ms // 3) * (most - 1) // (years_ms - 1) + 1, NOW_MS + years_ms // 3) == later.pace


def test_nothing_is_paid_while_it_is_paused(books):
    """Before all other reasons, for whoever asks, a retry too; receiving is counted; afterwards it is paid again."""
    one, other = books.ledger(), books.ledger()
    one.admit(charge(1))
    until_ms = one.pause(HOUR_MS)
    told = other.tell(Tally({}, 0))
    refused = [other.admit(charge(2, received=7_500)), one.admit(charge(1))]
    books.step(HOUR_MS)

    assert NOW_MS + HOUR_MS == until_ms == one.totals().paused_until_ms
    assert [Reason.PAUSED] * 2 == [decision.reason for decision in refused]
    assert (True, False) == (told.paused, other.tell(Tally({}, 7_500)).paused)
    assert (MICROS, 7_500) == (one.totals().replies_micros, one.totals().received_micros)
    assert Reason.ANSWERED is other.admit(charge(2, received=7_500)).reason


def test_pausing_again_only_makes_it_longer(books):
    """A shorter pause changes nothing, one without an end makes it endless; resuming ends it, and says whether there was one."""
    ledger = books.ledger()
    until = [ledger.pause(for_ms) for for_ms in (HOUR_MS, MINUTE_MS, 2 * HOUR_MS, None, HOUR_MS)]

    assert [NOW_MS + HOUR_MS] * 2 + [NOW_MS + 2 * HOUR_MS] + [WITHOUT_END_MS] * 2 == until
    assert [True, False] == [ledger.resume(), ledger.resume()]
    assert Reason.ANSWERED is ledger.admit(charge(1)).reason


def test_a_pause_outlives_whoever_began_it(books):
    """It is kept with the money: a worker that comes later is refused as well, until another one resumes."""
    books.ledger().pause(None)
    later = books.ledger()
    refused = later.admit(charge(1)).reason
    books.ledger().resume()

    assert [Reason.PAUSED, Reason.ANSWERED] == [refused, later.admit(charge(1)).reason]


def test_a_clock_that_steps_back_makes_no_pause_longer(books):
    """By the ledger's own time, which goes on by what the clock goes on."""
    ledger = books.ledger()
    ledger.pause(MINUTE_MS)
    books.step(-DAY_MS)
    paused = []
    for _ in range(7):
        paused.append(ledger.tell(Tally({}, 0)).paused)
        books.step(10_000)

    assert [True] * 6 + [False] == paused


def test_one_holds_the_lease_until_it_ends(books):
    """Whoever renews it keeps it; another one gets it when it was not renewed, with the notes of before."""
    one, other = books.ledger(), books.ledger()
    first = one.watch("one", 10_000)
    books.step(9_999)
    kept, refused = one.watch("one", 10_000, "said"), other.watch("other", 10_000, "mine")
    books.step(10_000)
    taken = other.watch("other", 10_000, "mine")
    late = one.watch("one", 10_000, "stale")

    assert [(True, True, ""), (True, False, "said")] == [(x.is_held, x.is_new, x.notes) for x in (first, kept)]
    assert [(False, False), (False, False)] == [(x.is_held, x.is_new) for x in (refused, late)]
    assert (True, True, "said", NOW_MS + 19_999) == (taken.is_held, taken.is_new, taken.notes, taken.now_ms)


def test_a_lease_that_is_given_back_is_free_at_once(books):
    """With its notes; whoever does not hold it gives back nothing."""
    one, other = books.ledger(), books.ledger()
    one.watch("one", 10_000)
    other.watch("other", 0)
    still = other.watch("other", 10_000).is_held
    one.watch("one", 0, "said")
    taken = other.watch("other", 10_000)

    assert (False, True, "said") == (still, taken.is_held, taken.notes)


def test_who_slept_through_the_lease_overwrites_no_notes(books):
    """The holder of then takes it again once it is free, and reads what was said meanwhile."""
    one, other = books.ledger(), books.ledger()
    one.watch("one", 10_000, "old")
    books.step(20_000)
    other.watch("other", 10_000)
    other.watch("other", 10_000, "new")
    books.step(20_000)
    back = one.watch("one", 10_000, "old")

    assert (True, True, "new") == (back.is_held, back.is_new, back.notes)


def test_what_workers_note_is_kept_with_its_instant(books):
    """The newest sixteen of each kind."""
    one, other = books.ledger(), books.ledger()
    for _ in range(17):
        one.note("restart")
        books.step(1_000)
    one.note("signature")
    one.note("start")
    lease = other.watch("other", 10_000)

    assert [NOW_MS + 17_000] == lease.noted["start"]
    assert [NOW_MS + 1_000 * n for n in range(1, 17)] == lease.noted["restart"]
    assert [NOW_MS + 17_000] == lease.noted["signature"]


def test_a_button_pauses_once(books):
    """For all workers; pressed again, by whichever of them, it does nothing, not even after the pause is over."""
    one, other = books.ledger(), books.ledger()
    until_ms = one.press(button(1), HOUR_MS)
    again = [one.press(button(1), HOUR_MS), other.press(button(1), HOUR_MS)]
    refused = other.admit(charge(1)).reason
    books.step(HOUR_MS)

    assert (NOW_MS + HOUR_MS, [None, None], Reason.PAUSED) == (until_ms, again, refused)
    assert books.ledger().press(button(1), HOUR_MS) is None
    assert Reason.ANSWERED is other.admit(charge(1)).reason


def test_a_button_shortens_no_pause(books):
    """It can only lower what is spent."""
    ledger = books.ledger()
    ledger.pause(2 * HOUR_MS)

    assert NOW_MS + 2 * HOUR_MS == ledger.press(button(1), HOUR_MS)


def test_a_button_that_is_too_old_does_nothing(books):
    """By the ledger's time, from the instant on at which it ends."""
    ledger = books.ledger()
    books.step(button(1).expires_ms - NOW_MS)

    assert ledger.press(button(1), HOUR_MS) is None
    assert not ledger.tell(Tally({}, 0)).paused


def test_used_buttons_take_no_more_room_than_they_may(books):
    """Of too many the newest are kept, and none counts twice."""
    ledger, many = books.ledger(), USED_MAX + 3
    first = [ledger.press(button(number), HOUR_MS) for number in range(many)]
    again = [ledger.press(button(number), HOUR_MS) for number in range(many)]
    older = ledger.press(Button("a" * 32, button(2).expires_ms), HOUR_MS)
    newer = ledger.press(Button("a" * 32, button(3).expires_ms + 1), HOUR_MS)

    assert ([NOW_MS + HOUR_MS] * many, [None] * many) == (first, again)
    assert (None, NOW_MS + HOUR_MS) == (older, newer)


def test_each_reply_is_kept_with_what_it_cost(books):
    """When, to whom by their hash, in how many segments, for how much; what was refused is not among them."""
    ledger = books.ledger()
    ledger.admit(charge(1))
    ledger.admit(charge(1))
    books.step(1_000)
    ledger.admit(msgspec.structs.replace(charge(2), segments=3))

    assert [Paid(NOW_MS, key16(1), 1, MICROS), Paid(NOW_MS + 1_000, key16(2), 3, MICROS)] == books.paid()
