"""What a button does, on every kind of ledger: once, and whoever changes the number meanwhile loses nothing by it."""

import pytest

from edge.core.detaching.webhook import detached_by_button
from edge.core.kept.attachment import BLANK, Attachment, Why
from edge.core.kept.button import FOR_MS, Button
from edge.core.kept.pause import WITHOUT_END_MS
from edge.core.wire.reason import Reason
from edge.units import HOUR_MS
from edge.watch.pressing import detach, silence
from tests.ledger.parts import NOW_MS, PHONE, charge

BUTTON = Button("b" * 32, NOW_MS + HOUR_MS)
NEWER = Button("c" * 32, NOW_MS + 2 * HOUR_MS)


def pressed(books, ledger, button):
    """Press the button that detaches; return what came of it."""
    return books.runner.run(detach(ledger.ledger, button, PHONE))


def test_silence_is_a_pause(books):
    """Nobody is paid, and the number stays attached; pressed again nothing is done."""
    ledger = books.ledger()
    done = [books.runner.run(silence(ledger.ledger, BUTTON)) for _ in range(2)]

    assert ([NOW_MS + FOR_MS, None], {}) == (done, ledger.totals().attachments)
    assert Reason.PAUSED is ledger.admit(charge(1)).reason


def test_detaching_is_kept_for_whoever_looks_after_the_number(books):
    """By hand, for an hour; pressed again nothing is done; nobody is paused."""
    one, other = books.ledger(), books.ledger()
    done = [pressed(books, one, BUTTON), pressed(books, other, BUTTON), pressed(books, one, BUTTON)]

    assert [NOW_MS + FOR_MS, None, None] == done
    assert {PHONE: detached_by_button(Attachment(), FOR_MS, NOW_MS)} == other.totals().attachments
    assert Reason.ANSWERED is other.admit(charge(1)).reason


@pytest.mark.parametrize(
    "kept",
    [
        Attachment(attached=False, why=Why.KITTY_SPENT, written=BLANK),
        Attachment(attached=False, why=Why.PER_ANSWER, written=BLANK, attach_at_ms=NOW_MS + 2 * FOR_MS),
    ],
)
def test_a_longer_time_off_stays_and_the_button_is_used(books, kept):
    """It says when that one ends, and does not count again once the number is attached."""
    ledger = books.ledger()
    ledger.keep_attachment(PHONE, Attachment(), kept)
    done = pressed(books, ledger, BUTTON)
    ledger.keep_attachment(PHONE, kept, Attachment())
    again = pressed(books, ledger, BUTTON)

    assert (kept.attach_at_ms or WITHOUT_END_MS, None) == (done, again)
    assert {PHONE: Attachment()} == ledger.totals().attachments


@pytest.mark.parametrize("books", ["memory"], indirect=True)
def test_whoever_changes_the_number_meanwhile_is_seen(books):
    """What was noted between the look and the press stays noted: the button looks again."""
    ledger = books.ledger()
    look, looks = ledger.ledger.totals, []

    async def look_and_change():
        found = await look()
        if not looks:
            await ledger.ledger.keep_attachment(PHONE, Attachment(), Attachment(pending_ms=5))
        looks.append(found)
        return found

    ledger.ledger.totals = look_and_change
    done = pressed(books, ledger, NEWER)

    assert (NOW_MS + FOR_MS, 2) == (done, len(looks))
    assert (5, False) == (books.books.attachments[PHONE].pending_ms, books.books.attachments[PHONE].attached)
