"""`python -m tests.sybil FIRST COUNT`: so many messages from as many senders through the application, and what that did to memory.

All are signed and refused: the pace is used up first. Prints one line of JSON.
"""

import asyncio
import base64
import gc
import hmac
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.parts import Clock, app_of, deliver, running, setup_of
from tests.worker import SECRET, URL, config, message_id, sender

WARM = 10_000


class Ready:
    """A result that is there already when somebody awaits it: cheaper than a future, and this is done ten million times."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Iterator[None]:
        """Return it at once."""
        return self.value
        yield


def resident_bytes() -> int:
    """Return the memory that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def flood(first: int, count: int) -> dict[str, int]:
    """Send the messages; return the growth in bytes after the warm-up, and what was answered."""
    app = app_of(setup_of(config(per_day="1", burst="0.5")), Clock())
    sent: list[int] = []
    nothing = Ready(None)

    def send(message: dict[str, Any]) -> Ready:
        if b"<Message" in message.get("body", b""):
            sent.append(1)
        return nothing

    async with running(app):
        for n in range(20):
            await deliver(app, sender(n), "salut", message_id(n))
        begun = hmac.new(SECRET.encode(), f"{URL}BodysalutFrom+33".encode(), "sha1")
        for n in range(first, first + count):
            if n == first + WARM:
                before = resident_bytes()
            digits = b"6%08d" % n
            body = b"Body=salut&From=%2B33" + digits + b"&MessageSid=SM" + digits
            mac = begun.copy()
            mac.update(digits + b"MessageSidSM" + digits)
            headers = [
                (b"content-type", b"application/x-www-form-urlencoded"),
                (b"content-length", b"%d" % len(body)),
                (b"x-twilio-signature", base64.b64encode(mac.digest())),
            ]
            scope = {"type": "http", "method": "POST", "path": "/sms", "query_string": b"", "headers": headers}
            ready = Ready({"type": "http.request", "body": body, "more_body": False})
            await app(scope, lambda ready=ready: ready, send)
        growth = resident_bytes() - before
        tally = app._desk.tally().counts
    return {"growth_bytes": growth, "replies": len(sent), **{reason.value: n for reason, n in tally.items() if n}}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(flood(int(sys.argv[1]), int(sys.argv[2])))) + "\n")
