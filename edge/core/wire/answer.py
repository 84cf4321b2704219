"""An answer, ready to be sent: two ASGI messages and the reason for it."""

from typing import Any

import msgspec

from edge.core.wire.reason import Reason

AsgiMessage = dict[str, Any]


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The two ASGI messages that go back, and why."""

    reason: Reason
    start: AsgiMessage
    body: AsgiMessage
