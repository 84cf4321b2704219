"""Facts about the attachment: what is kept of a number, and that it reads again as it was written."""

import msgspec

from edge.core.attachment import Attachment, Why


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
