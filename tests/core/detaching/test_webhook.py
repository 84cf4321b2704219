"""What to do about a number's webhook: what is ours is written, what is a person's is left alone, what is done is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from edge.core.detaching.webhook import (
    Move,
    after_time_off,
    attached_again,
    beginning,
    detached_by_button,
    detached_by_hand,
    done,
    given_up,
    next_move,
    not_done,
)
from edge.core.kept.attachment import ADDRESS, BLANK, Attachment, Why
from edge.units import HOUR_MS

URL, OTHER = "https://sms.example.org/sms", "https://else.example.org"
ON, OFF = Attachment(), Attachment(attached=False)
"""Never written anything, and wanted so."""


@pytest.mark.parametrize(
    ("attachment", "found", "move"),
    [
        (ON, URL, Move.NOTHING),
        (ON, "", Move.LEAVE_ALONE),
        (ON, OTHER, Move.LEAVE_ALONE),
        (Attachment(written=BLANK), URL, Move.NOTHING),
        (Attachment(written=BLANK), "", Move.WRITE),
        (Attachment(written=BLANK), OTHER, Move.LEAVE_ALONE),
        (Attachment(written=ADDRESS), "", Move.LEAVE_ALONE),
        (Attachment(written=ADDRESS, pending_ms=1), "", Move.WRITE),
        (Attachment(written=ADDRESS, pending_ms=1), OTHER, Move.LEAVE_ALONE),
        (OFF, URL, Move.WRITE),
        (OFF, "", Move.NOTHING),
        (OFF, OTHER, Move.LEAVE_ALONE),
        (Attachment(attached=False, written=ADDRESS), URL, Move.WRITE),
        (Attachment(attached=False, written=BLANK), "", Move.NOTHING),
        (Attachment(attached=False, written=BLANK), URL, Move.LEAVE_ALONE),
        (Attachment(attached=False, written=BLANK, pending_ms=1), URL, Move.WRITE),
        (Attachment(attached=False, written=BLANK, pending_ms=1), OTHER, Move.LEAVE_ALONE),
    ],
)
def test_what_is_ours_is_what_we_wrote_or_want(attachment, found, move):
    """And both that a call may have left whose end nobody knows; a person's address, or theirs again, is left alone."""
    assert move == next_move(attachment, found, URL, ())


def test_what_is_called_instead_of_a_blank_address_is_in_the_way_of_detaching_only():
    """To attach again is never refused."""
    overrides = ("the application",)

    assert Move.OVERRIDDEN is next_move(OFF, URL, URL, overrides)
    assert Move.WRITE is next_move(Attachment(written=BLANK), "", URL, overrides)
    assert Move.NOTHING is next_move(OFF, "", URL, overrides)


def test_a_call_is_noted_before_it_is_made_and_when_its_end_is_known():
    """What it writes, and when it began; what was never changed is not noted as ours."""
    off = beginning(OFF, 5)

    assert Attachment(attached=False, written=BLANK, pending_ms=5) == off
    assert Attachment(attached=False, written=BLANK) == done(off)
    assert Attachment(attached=False, trouble="no") == not_done(off, OFF, "no")
    assert Attachment(written=ADDRESS, pending_ms=5) == beginning(Attachment(written=BLANK), 5)
    assert Attachment(written=ADDRESS) == done(Attachment(written=BLANK, trouble="no", pending_ms=4))
    assert Attachment() == done(Attachment(trouble="no"))


def test_a_number_that_is_left_alone_is_no_longer_detached():
    """Whoever has set it gets its messages; that nothing of ours stands there is noted with the reason."""
    assert Attachment(since_ms=9, by_hand=True, trouble="theirs") == given_up(detached_by_hand(ON, 5, 1), "theirs", 9)
    assert Attachment(since_ms=3, trouble="theirs") == given_up(Attachment(since_ms=3, written=BLANK), "theirs", 9)


def test_what_is_detached_by_hand_has_an_end_if_it_was_given_one():
    """It is attached again then, and not a moment before; what was detached otherwise is not ours to end."""
    for_an_hour = detached_by_hand(ON, HOUR_MS, 7)
    without_end = detached_by_hand(ON, None, 7)
    otherwise = Attachment(attached=False, why=Why.PER_ANSWER, attach_at_ms=8)

    assert (7, Why.BY_HAND, True, 7 + HOUR_MS) == (
        for_an_hour.since_ms, for_an_hour.why, for_an_hour.by_hand, for_an_hour.attach_at_ms,
    )  # fmt: skip
    assert for_an_hour == after_time_off(for_an_hour, 6 + HOUR_MS)
    assert Attachment(since_ms=7 + HOUR_MS) == after_time_off(for_an_hour, 7 + HOUR_MS)
    assert without_end == after_time_off(without_end, 10**15)
    assert otherwise == after_time_off(otherwise, 9)


def test_a_button_detaches_and_shortens_no_time_off():
    """What is off for as long already, or has no timer, stays as it is; what is off for less is off for longer, by hand."""
    shorter = Attachment(attached=False, since_ms=1, why=Why.PER_ANSWER, attach_at_ms=6 + HOUR_MS, written=BLANK)
    longer = replace(shorter, attach_at_ms=7 + HOUR_MS)
    by_hand = Attachment(attached=False, since_ms=7, why=Why.BY_HAND, by_hand=True, attach_at_ms=7 + HOUR_MS)

    assert by_hand == detached_by_button(Attachment(trouble="of before"), HOUR_MS, 7)
    assert replace(by_hand, written=BLANK) == detached_by_button(shorter, HOUR_MS, 7)
    assert longer == detached_by_button(longer, HOUR_MS, 7)
    assert OFF == detached_by_button(OFF, HOUR_MS, 7)


def test_attaching_what_is_attached_changes_nothing():
    """By hand or not; what was detached says who has attached it."""
    assert ON == attached_again(ON, 5, by_hand=True)
    assert Attachment(since_ms=5, by_hand=True) == attached_again(OFF, 5, by_hand=True)


ENDS = st.sampled_from(["done", "not done", "unknown and done", "unknown and not done"])


@given(st.lists(st.tuples(st.booleans(), ENDS), max_size=12))
def test_however_calls_end_the_provider_ends_as_it_is_wanted(story):
    """What is wanted changes at any time, calls fail in any way: as long as nobody else touches it, asking and writing gets there."""
    attachment, stands, now_ms = Attachment(), URL, 0
    for wants, end in [*story, (True, "done"), (True, "done")]:
        now_ms += 1
        if wants:
            attachment = attached_again(attachment, now_ms)
        elif attachment.attached:
            attachment = detached_by_hand(attachment, None, now_ms)
        move = next_move(attachment, stands, URL, ())
        assert move in {Move.NOTHING, Move.WRITE}
        if move is Move.NOTHING:
            attachment = done(attachment)
            continue
        begun = beginning(attachment, now_ms)
        if end.endswith("not done"):
            attachment = begun if end.startswith("unknown") else not_done(begun, attachment, "")
        else:
            stands = URL if begun.attached else ""
            attachment = begun if end.startswith("unknown") else done(begun)

    assert (URL, True, True) == (stands, attachment.attached, attachment.is_settled)
