"""What is wanted of a number, on every kind of ledger: kept if nobody else has changed it meanwhile, and known to the hours."""

import apsw
import pytest

from edge.core.charging.charge import Tally
from edge.core.kept.attachment import BLANK, Attachment, Why, encoded
from edge.core.kept.button import Button
from edge.ledger.opening import totals
from edge.units import DAY_MS, HOUR_MS
from tests.ledger.parts import NOW_MS, PHONE, RULES, OnServer
from tests.ledger.servers import SERVERS

DETACHED = Attachment(
    attached=False, since_ms=NOW_MS, why=Why.PER_ANSWER, attach_at_ms=NOW_MS + HOUR_MS, detachings_ms=(NOW_MS,)
)
OTHER = "+33937000001"
BUTTON = Button("b" * 32, NOW_MS + 2 * HOUR_MS)


def attached_hours(ledger):
    """Return for each hour whether the number was attached in all of it."""
    return [hour.is_attached for hour in ledger.hours(0)]


def test_it_is_attached_before_anything_is_kept(books):
    """Nothing is among the totals, and the hours say so."""
    ledger = books.ledger()
    ledger.tell(Tally({}, 0))

    assert ({}, [True]) == (ledger.totals().attachments, attached_hours(ledger))


def test_what_is_kept_is_told_to_everybody(books):
    """Each number has its own, with all that is known of it; it outlives whoever kept it."""
    one = books.ledger()
    kept = [one.keep_attachment(phone, Attachment(), DETACHED) for phone in (PHONE, OTHER)]
    later = books.ledger()
    later.keep_attachment(OTHER, DETACHED, Attachment(written=BLANK, pending_ms=NOW_MS))

    assert [True, True] == kept
    assert {PHONE: DETACHED, OTHER: Attachment(written=BLANK, pending_ms=NOW_MS)} == later.totals().attachments


def test_whoever_comes_second_changes_nothing(books):
    """What they went by has changed meanwhile: nothing is kept, and they are told."""
    one, other = books.ledger(), books.ledger()
    first = one.keep_attachment(PHONE, Attachment(), DETACHED)
    second = other.keep_attachment(PHONE, Attachment(), Attachment(trouble="late"))
    third = other.keep_attachment(PHONE, DETACHED, Attachment())

    assert (True, False, True) == (first, second, third)
    assert {PHONE: Attachment()} == one.totals().attachments


def test_hours_know_in_which_of_them_it_was_detached(books):
    """From the one in which it is detached to the one in which it is attached again, whether or not anything came in them."""
    ledger = books.ledger()
    ledger.tell(Tally({}, 7_500))
    books.step(HOUR_MS)
    ledger.keep_attachment(PHONE, Attachment(), DETACHED)
    books.step(HOUR_MS)
    ledger.tell(Tally({}, 7_500))
    books.step(HOUR_MS)
    ledger.keep_attachment(PHONE, DETACHED, Attachment())
    books.step(HOUR_MS)
    ledger.tell(Tally({}, 15_000))

    assert [True, False, False, False, True] == attached_hours(ledger)


def test_a_button_detaches_once(books):
    """For all workers: what it wants is kept, and pressed again by whichever of them it changes nothing."""
    one, other = books.ledger(), books.ledger()
    pressed = one.press_to_detach(BUTTON, PHONE, Attachment(), DETACHED)
    attached = one.keep_attachment(PHONE, DETACHED, Attachment())
    again = [ledger.press_to_detach(BUTTON, PHONE, Attachment(), DETACHED) for ledger in (one, other)]
    paused = one.press(BUTTON, HOUR_MS)

    assert (True, True, [None, None]) == (pressed, attached, again)
    assert ({PHONE: Attachment()}, None) == (other.totals().attachments, paused)


def test_a_button_that_comes_second_is_not_used(books):
    """The number is another one than it was taken for: nothing is kept, and the button still counts."""
    ledger = books.ledger()
    ledger.keep_attachment(PHONE, Attachment(), Attachment(trouble="first"))
    second = ledger.press_to_detach(BUTTON, PHONE, Attachment(), DETACHED)
    third = ledger.press_to_detach(BUTTON, PHONE, Attachment(trouble="first"), DETACHED)

    assert (False, True) == (second, third)
    assert {PHONE: DETACHED} == ledger.totals().attachments


def test_a_button_that_is_too_old_detaches_nothing(books):
    """By the ledger's time, from the instant on at which it ends."""
    ledger = books.ledger()
    books.step(BUTTON.expires_ms - NOW_MS)

    assert ledger.press_to_detach(BUTTON, PHONE, Attachment(), DETACHED) is None
    assert {} == ledger.totals().attachments


def test_what_a_button_wants_is_known_to_the_hours(books):
    """As what anybody else wants is."""
    ledger = books.ledger()
    ledger.tell(Tally({}, 7_500))
    books.step(HOUR_MS)
    ledger.press_to_detach(BUTTON, PHONE, Attachment(), DETACHED)

    assert [True, False] == attached_hours(ledger)


@pytest.mark.parametrize("books", ["sqlite", *SERVERS], indirect=True)
def test_another_versions_is_read_as_far_as_it_goes_and_can_be_changed(books):
    """A reason that we do not know: it is detached all the same, and what takes its place is kept."""
    text = encoded(DETACHED).replace("per_answer", "of_next_year")
    ledger = books.ledger()
    ledger.keep_attachment(PHONE, Attachment(), DETACHED)
    if isinstance(books, OnServer):
        with books.server.client() as client:
            client.hset(books.key("account"), f"attachment {PHONE}", text)
    else:
        connection = apsw.Connection(str(books.path))
        connection.execute("UPDATE about SET value = ? WHERE name = ?", (text, f"attachment {PHONE}"))
        connection.close()
    fresh = books.ledger()
    found = fresh.totals().attachments[PHONE]
    changed = fresh.keep_attachment(PHONE, found, Attachment())

    assert (Attachment(attached=False), True) == (found, changed)
    assert {PHONE: Attachment()} == fresh.totals().attachments


def test_a_clock_that_steps_back_makes_no_time_off_longer(books):
    """Ledger time has come as far as the instant at which it was kept, whatever the clock says then."""
    ledger = books.ledger()
    ledger.keep_attachment(PHONE, Attachment(), DETACHED)
    books.step(-DAY_MS)

    assert NOW_MS == ledger.totals().now_ms


@pytest.mark.parametrize("books", ["sqlite", *SERVERS], indirect=True)
def test_looking_shows_what_is_kept(books):
    """As `status` and `check` do, while no worker runs; nothing is written."""
    books.ledger().keep_attachment(PHONE, Attachment(), DETACHED)
    books.close()

    assert {PHONE: DETACHED} == totals(books.place, RULES, NOW_MS).attachments
