"""The button of an alert: whose address it is, how long it is good, and that no more is kept of used ones than fits."""

import base64

import pytest

from edge.core.kept.button import USED_MAX, VALID_MS, Act, Button, Signer, used_after

KEY = b"k" * 32
NOW_MS = 1_800_000_000_000
SIGNER = Signer(KEY, Act.SILENCE)


def query(event="flood_began", said_ms=NOW_MS, signer=SIGNER):
    """Return the query of a button."""
    return signer.query_of(event, said_ms).encode()


def button(number=1, expires_ms=NOW_MS + 1):
    """Return a button, as good as any."""
    return Button(f"{number:032x}", expires_ms)


def test_whoever_has_the_ledger_s_key_knows_a_button_again():
    """On whichever machine; it is good for twelve hours from when it was first to be said."""
    known = Signer(KEY, Act.SILENCE).button_of(query())

    assert NOW_MS + VALID_MS == known.expires_ms
    assert known == SIGNER.button_of(query())


@pytest.mark.parametrize("act", Act)
def test_a_button_passes_for_no_other(act):
    """Of the same alert and the same key: what one signs the other does not know."""
    known = [Signer(KEY, other).button_of(query(signer=Signer(KEY, act))) for other in Act if other is not act]

    assert [None] * (len(Act) - 1) == known


def test_a_button_of_one_number_passes_for_no_other():
    """Of the same alert, the same key and the same act; nor for that of the only one."""
    signers = [Signer(KEY, Act.DETACH, number) for number in ("", "+33937000000", "+33937000001")]
    known = [[one.button_of(query(signer=other)) is not None for one in signers] for other in signers]

    assert [[one == other for one in range(3)] for other in range(3)] == known


@pytest.mark.parametrize("other", [query("kitty_low"), query(said_ms=NOW_MS + 1)])
def test_each_event_has_a_button_of_its_own(other):
    """By its name and its instant: to use one leaves the others as they are."""
    assert SIGNER.button_of(query()).mark != SIGNER.button_of(other).mark


def changed(at):
    """Return a query with one bit changed, in its instant, its event or its signature."""
    raw = bytearray(base64.urlsafe_b64decode(query() + b"="))
    raw[at] ^= 1
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


@pytest.mark.parametrize("forged", [changed(at) for at in range(32)])
def test_a_button_with_any_bit_changed_is_none_of_ours(forged):
    """Its end, its event and its signature are all covered."""
    assert SIGNER.button_of(forged) is None


@pytest.mark.parametrize(
    "odd",
    [
        b"", b"=", b"x", b"xy", b"\xff", b"a" * 43, b"a" * 42, query()[:-1], query() + b"A", query() + b"=", b"%41" + query(),
        b"key=" + query(), query() * 1000, query(signer=Signer(b"j" * 32, Act.SILENCE)), query().replace(b"-", b"+") + b"&",
    ],
)  # fmt: skip
def test_what_is_no_button_is_none(odd):
    """Whatever it is, and with whichever key it was made; nothing is raised."""
    assert SIGNER.button_of(odd) is None


def test_a_button_counts_once():
    """Used, it is kept, and does not count again."""
    used = used_after([], button(), NOW_MS)

    assert [button().kept] == used
    assert used_after(used, button(), NOW_MS) is None


@pytest.mark.parametrize("expires_ms", [NOW_MS, NOW_MS - 1])
def test_a_button_that_is_too_old_does_not_count(expires_ms):
    """From the instant on at which it ends."""
    assert used_after([], button(expires_ms=expires_ms), NOW_MS) is None


def test_used_ones_are_forgotten_when_they_are_too_old():
    """Then they count no longer for that reason."""
    old, young = button(1, NOW_MS), button(2, NOW_MS + 1)

    assert [young.kept, button(3, NOW_MS + 2).kept] == used_after([old.kept, young.kept], button(3, NOW_MS + 2), NOW_MS)


def test_no_more_are_kept_than_fit_and_none_counts_twice():
    """Of too many the newest: an older one than all of those does not count, whether or not it was used."""
    used = []
    for number in range(1, USED_MAX + 2):
        used = used_after(used, button(number, NOW_MS + number), NOW_MS)

    assert USED_MAX == len(used)
    assert [None] * 3 == [used_after(used, button(number, NOW_MS + number), NOW_MS) for number in (1, 2, 60)]
    assert used_after(used, button(0, NOW_MS + 2), NOW_MS) is None
    assert used_after(used, button(0, NOW_MS + 3), NOW_MS)[-1] == button(0, NOW_MS + 3).kept
