"""Facts about a message: what the gate needs, and no more."""

import pytest

from edge.core.wire.message import Message


def test_a_message_is_sender_text_and_id():
    """And to whom it was written, the provider's own word for it, and what it is billed as; nothing else of a request is kept."""
    assert ("sender", "text", "id", "to", "word", "segments", "has_media") == Message.__struct_fields__


def test_a_message_does_not_change():
    """What was verified is what is judged: no field can be set after the message is made."""
    message = Message("+33639981312", "Salut", "SM1")

    with pytest.raises(AttributeError, match="immutable type"):
        message.sender = "+33639981313"
