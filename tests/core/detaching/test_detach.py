"""Facts about the policy: when a number is to be detached, for how long, and what never happens."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from edge.core.charging.intake import Inflow, Intake
from edge.core.detaching.detach import DetachTerms, Situation, Times, wanted
from edge.core.detaching.genuine import Genuine
from edge.core.kept.attachment import Attachment, Why
from edge.core.kept.pause import WITHOUT_END_MS
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

NOW_MS = 1_800_000_000_000
PRICE = 7_500
TERMS = DetachTerms(
    segment_micros=PRICE,
    per_answer_micros=1_000_000,
    people_per_day=96,
    per_day_micros=10_000_000,
    burst_micros=100_000_000,
    times=Times(30 * MINUTE_MS),
)
EXPECTED = Genuine(96, 24)
"""Four an hour."""
MIDDLE = 0.5
"""The chance that leaves a time off as long as it is said to be."""
ATTACHED = Attachment()


def situation(after_ms=0, **given):
    """Return what a ledger says that holds money."""
    calm = {"anybody_payable": True, "kitty_pays": True, "silent_ms": 0, "expected": EXPECTED}
    return Situation(NOW_MS + after_ms, **(calm | given))


def intake(*steps, terms=TERMS):
    """Return what was received: messages since the beginning, by the time since it."""
    memory = Intake(
        burst_micros=terms.burst_micros,
        per_day_micros=terms.per_day_micros,
        window_ms=terms.times.window_ms,
        hours=[],
        inflow=Inflow(NOW_MS, 0, 0),
    )
    for after_ms, messages in steps:
        memory.feed(Inflow(NOW_MS + after_ms, messages, messages * PRICE), 0)
    return memory


def decided(was, memory, at, terms=TERMS, chance=MIDDLE):
    """Return what is wanted."""
    return wanted(was, memory, at, terms, chance)


def why(memory, at, terms=TERMS, was=ATTACHED):
    """Return why a number is detached; None where it is not."""
    return decided(was, memory, at, terms).why


def test_a_calm_number_stays_attached():
    """What is wanted is what it was, to the last field."""
    was = Attachment(since_ms=5, detachings_ms=(NOW_MS,), written="https://sms.example.org/sms")

    assert was is decided(was, intake((MINUTE_MS, 5)), situation(MINUTE_MS))


def test_nobody_payable_and_enough_to_come_detaches():
    """At the rate of the last five minutes 67 messages in half an hour: from the twelfth on."""
    poor = situation(5 * MINUTE_MS, anybody_payable=False)

    assert None is why(intake((5 * MINUTE_MS, 11)), poor)
    assert Why.NOBODY_PAYABLE is why(intake((5 * MINUTE_MS, 12)), poor)
    assert None is why(intake((5 * MINUTE_MS, 12)), situation(5 * MINUTE_MS))


def test_a_rate_is_that_of_twenty_seconds_at_least():
    """One message in the first second is no flood."""
    poor = situation(SECOND_MS, anybody_payable=False)

    assert None is why(intake((0, 0), (SECOND_MS, 0)), poor)
    assert Why.NOBODY_PAYABLE is why(intake((SECOND_MS, 1)), poor)
    assert None is why(intake((90 * SECOND_MS, 3)), situation(90 * SECOND_MS, anybody_payable=False))


def test_what_came_before_the_last_five_minutes_is_no_rate():
    """A flood that is over detaches nothing."""
    memory = intake((MINUTE_MS, 80), (2 * MINUTE_MS, 80), (7 * MINUTE_MS, 80))

    assert None is why(memory, situation(7 * MINUTE_MS, anybody_payable=False))


def test_delayed_replies_may_be_paid_later():
    """So an empty pace says nothing."""
    later = replace(TERMS, at_once=False)

    assert None is why(intake((MINUTE_MS, 50)), situation(MINUTE_MS, anybody_payable=False), later)


def test_an_answer_that_costs_too_much_detaches():
    """Four expected in an hour may cost four euros: 533 messages."""
    steps = [(n * MINUTE_MS, 533 * n // 60) for n in range(1, 61)]

    assert None is why(intake(*steps), situation(HOUR_MS))
    assert Why.PER_ANSWER is why(intake(*steps[:-1], (HOUR_MS, 534)), situation(HOUR_MS))
    assert None is why(intake(*steps[:-1], (HOUR_MS, 534)), situation(HOUR_MS, expected=Genuine(97, 24)))


def test_a_window_of_less_than_ten_minutes_is_taken_for_ten():
    """Two thirds of a person are expected in them: 88 messages may come."""
    assert None is why(intake((SECOND_MS, 88)), situation(SECOND_MS))
    assert Why.PER_ANSWER is why(intake((SECOND_MS, 89)), situation(SECOND_MS))


def test_fewer_than_ten_messages_are_never_too_dear():
    """However little an answer may cost."""
    stingy = replace(TERMS, per_answer_micros=1)

    assert None is why(intake((MINUTE_MS, 9)), situation(MINUTE_MS), stingy)
    assert Why.PER_ANSWER is why(intake((MINUTE_MS, 10)), situation(MINUTE_MS), stingy)


def test_where_receiving_is_free_nothing_is_saved():
    """Neither an empty pace nor a flood detaches."""
    free = replace(TERMS, segment_micros=0, per_day_micros=0, burst_micros=0)
    memory = Intake(burst_micros=0, per_day_micros=0, window_ms=HOUR_MS, hours=[], inflow=Inflow(NOW_MS, 0, 0))
    memory.feed(Inflow(NOW_MS + MINUTE_MS, 10_000, 0), 0)

    assert None is why(memory, situation(MINUTE_MS, anybody_payable=False), free)


@pytest.mark.parametrize(
    ("reason", "gone"),
    [
        (Why.KITTY_SPENT, {"kitty_pays": False}),
        (Why.PAUSED, {"silent_ms": 30 * MINUTE_MS + 1}),
        (Why.PAUSED, {"silent_ms": WITHOUT_END_MS}),
    ],
)
def test_a_spent_kitty_and_a_pause_have_no_timer(reason, gone):
    """It is detached as long as that holds, and attached at once when it is over."""
    off = decided(ATTACHED, intake(), situation(**gone))

    assert (reason, None) == (off.why, off.attach_at_ms)
    assert off is decided(off, intake(), situation(3 * DAY_MS, **gone))
    assert decided(off, intake(), situation(3 * DAY_MS)).attached


def test_a_short_pause_is_no_reason():
    """One that is over before a time off would be; it ends a longer one only when it is over."""
    off = decided(ATTACHED, intake(), situation(silent_ms=HOUR_MS))

    assert None is why(intake(), situation(silent_ms=30 * MINUTE_MS))
    assert off is decided(off, intake(), situation(HOUR_MS - 1, silent_ms=1))


def test_the_last_resort_is_a_pace_of_receiving():
    """More than a hundred euros at once; it comes back when nothing is owed, and a time off is over."""
    owing = intake((0, 13_334))
    rich = Genuine(1_000_000, 1)
    off = decided(ATTACHED, owing, situation(expected=rich))
    paid = intake((0, 13_334), (MINUTE_MS, 13_334))

    assert None is why(intake((0, 13_333)), situation(expected=rich))
    assert (Why.RECEIVING_PACE, None) == (off.why, off.attach_at_ms)
    assert off is decided(off, owing, situation(DAY_MS))
    assert off is decided(off, paid, situation(30 * MINUTE_MS - 1))
    assert decided(off, paid, situation(30 * MINUTE_MS)).attached


@pytest.mark.parametrize(("before", "length_ms"), [(0, 30 * MINUTE_MS), (9, 30 * MINUTE_MS), (10, 3 * HOUR_MS)])
def test_a_time_off_is_long_from_the_eleventh_on(before, length_ms):
    """Those of the last 24 hours count; and chance makes it half to one and a half."""
    was = Attachment(detachings_ms=(NOW_MS - DAY_MS, *(NOW_MS - n for n in range(before, 0, -1))))
    dear = intake((0, 1_000))

    for chance, part in ((0.0, 0.5), (MIDDLE, 1.0), (0.999, 1.499)):
        off = decided(was, dear, situation(), chance=chance)
        assert int(length_ms * part) == off.attach_at_ms - NOW_MS
        assert (*was.detachings_ms[1:], NOW_MS) == off.detachings_ms


def test_a_number_is_attached_when_its_time_off_is_over():
    """And not before; what was written at the provider is kept, and the windows begin anew with it."""
    off = decided(Attachment(written="x"), intake((0, 1_000)), situation())
    ends_ms = off.attach_at_ms - NOW_MS

    assert off is decided(off, intake(), situation(ends_ms - 1))
    assert Attachment(attached=True, since_ms=off.attach_at_ms, detachings_ms=(NOW_MS,), written="x") == decided(
        off, intake(), situation(ends_ms)
    )


@pytest.mark.parametrize(("reason", "gone"), [(Why.KITTY_SPENT, {"kitty_pays": False}), (Why.PAUSED, {"silent_ms": 1})])
def test_what_has_no_timer_goes_on_where_a_time_off_ends(reason, gone):
    """No call is wasted on a number that would be detached at once."""
    off = decided(ATTACHED, intake((0, 1_000)), situation())
    after = decided(off, intake(), situation(HOUR_MS, **gone))

    assert (False, reason, None, off.since_ms) == (after.attached, after.why, after.attach_at_ms, after.since_ms)


def test_who_detaches_by_hand_is_obeyed():
    """Until they say otherwise, or their timer does."""
    forever = Attachment(attached=False, why=Why.BY_HAND, by_hand=True)
    an_hour = replace(forever, attach_at_ms=NOW_MS + HOUR_MS)

    assert forever is decided(forever, intake(), situation(DAY_MS))
    assert an_hour is decided(an_hour, intake(), situation(HOUR_MS - 1))
    assert decided(an_hour, intake(), situation(HOUR_MS)).attached


def test_who_attaches_by_hand_is_left_alone_for_a_while():
    """For half an hour; a hand that is forgotten costs no more than that."""
    by_hand = Attachment(since_ms=NOW_MS, by_hand=True)

    assert by_hand is decided(by_hand, intake((0, 1_000)), situation(30 * MINUTE_MS - 1))
    assert not decided(by_hand, intake((0, 1_000)), situation(30 * MINUTE_MS)).attached


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 87),
    st.integers(0, 10 * MINUTE_MS),
    st.booleans(),
    st.floats(0, 1, exclude_max=True),
    st.lists(st.integers(NOW_MS - 2 * DAY_MS, NOW_MS), max_size=20),
)
def test_who_can_be_answered_cheaply_is_never_cut_off(messages, after_ms, payable, chance, detachings):
    """While somebody can be paid, and fewer messages came than ten minutes may cost, a number stays as it is."""
    was = Attachment(detachings_ms=tuple(sorted(detachings)))
    after = decided(was, intake((after_ms, messages)), situation(after_ms, anybody_payable=payable), chance=chance)

    assert not payable or after.attached
    assert after.attached or after.attach_at_ms - situation(after_ms).now_ms <= 6 * HOUR_MS


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["poor", "dear", "owing"]))
def test_an_endless_flood_changes_a_number_some_thirty_times_a_day(seed, reason):
    """However it is detached: 32 in the mean; with all times off by chance at their shortest, never fifty."""
    chances, was, changes, at_ms, messages = random.Random(seed), ATTACHED, [], 0, 0
    terms = replace(TERMS, burst_micros=1, per_day_micros=1_000_000_000) if reason == "owing" else TERMS
    memory = intake(terms=terms)
    while at_ms < 3 * DAY_MS:
        at_ms += 20 * SECOND_MS if was.attached else MINUTE_MS
        messages += 1_000 if was.attached else 0
        memory.feed(Inflow(NOW_MS + at_ms, messages, messages * PRICE), was.since_ms)
        plenty = EXPECTED if reason == "dear" else Genuine(10**9, 1)
        after = decided(
            was, memory, situation(at_ms, anybody_payable=reason != "poor", expected=plenty), terms, chances.random()
        )
        if after.attached != was.attached:
            changes.append(at_ms)
        was = after

    assert all(sum(0 <= at_ms - one < DAY_MS for one in changes) < 50 for at_ms in changes)
    assert len(changes) <= 3 * 36


def test_all_times_are_in_proportion_to_a_time_off():
    """Half an hour ten times, then three; the rate of five minutes, of twenty seconds at least; windows of an hour, of ten minutes at least."""
    times = Times(30 * MINUTE_MS)
    quick = [getattr(Times(6), name) for name in ("rate_ms", "rate_least_ms", "window_ms", "window_least_ms", "day_ms")]

    assert [30 * MINUTE_MS] * 10 + [3 * HOUR_MS] == [times.off(n) for n in range(1, 12)]
    assert (5 * MINUTE_MS, 20 * SECOND_MS) == (times.rate_ms, times.rate_least_ms)
    assert (HOUR_MS, 10 * MINUTE_MS, DAY_MS) == (times.window_ms, times.window_least_ms, times.day_ms)
    assert [1, 1, 12, 2, 288] == quick
