"""Facts about the attachment: what is kept of a number, and that it reads again as it was written."""

import msgspec
import pytest

from edge.core.kept.attachment import ADDRESS, BLANK, Attachment, Why, decoded, encoded


def test_a_number_is_attached_until_something_else_is_wanted():
    """Nothing known, nothing written: the provider delivers as it was set up to."""
    assert (
        Attachment(
            attached=True, since_ms=0, why=None, by_hand=False, attach_at_ms=None, detachings_ms=(), written=None
        )
        == Attachment()
    )


def test_it_survives_being_kept():
    """As JSON, with the reason as a word."""
    off = Attachment(attached=False, since_ms=5, why=Why.PER_ANSWER, attach_at_ms=9, detachings_ms=(1, 5), written="")

    assert b'"why":"per_answer"' in msgspec.json.encode(off)
    assert off == msgspec.json.decode(msgspec.json.encode(off), type=Attachment)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (encoded(Attachment(attached=False, pending_ms=3)), Attachment(attached=False, pending_ms=3)),
        ('{"attached":false,"why":"of_next_year","written":""}', Attachment(attached=False, written=BLANK)),
        ('{"attached":"perhaps"}', Attachment()),
        ("", Attachment()),
    ],
)
def test_what_another_version_has_kept_is_read_as_far_as_it_goes(text, expected):
    """Whether it is attached, and what was written, above all; of what is no such text, nothing."""
    assert expected == decoded(text)


@pytest.mark.parametrize(
    ("attachment", "expected"),
    [
        (Attachment(), True),
        (Attachment(written=ADDRESS), True),
        (Attachment(written=BLANK), False),
        (Attachment(attached=False), False),
        (Attachment(attached=False, written=BLANK), True),
        (Attachment(attached=False, written=ADDRESS), False),
        (Attachment(attached=False, written=BLANK, pending_ms=5), False),
        (Attachment(pending_ms=5), False),
    ],
)
def test_it_is_settled_when_the_provider_has_what_is_wanted(attachment, expected):
    """What was last written is what is wanted, and its end is known."""
    assert expected == attachment.is_settled
