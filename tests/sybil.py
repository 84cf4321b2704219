"""`python -m tests.sybil COUNT`: so many messages from as many senders through the application, and what that did to memory.

All are signed and refused: the pace is used up first. Prints one line of JSON.
"""

import asyncio
import base64
import gc
import hashlib
import hmac
import json
import resource
import sys
from pathlib import Path

from tests.parts import Clock, app_of, deliver, running, setup_of
from tests.worker import SECRET, URL, config, message_id, sender

WARM = 10_000


def resident_bytes() -> int:
    """Return the memory that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def flood(count: int) -> dict[str, int]:
    """Send the messages; return the growth in bytes after the warm-up, and what was answered."""
    app = app_of(setup_of(config(per_day="1", burst="0.5")), Clock())
    sent: list[int] = []

    async def send(message: dict[str, object]) -> None:
        if b"<Message" in message.get("body", b""):
            sent.append(1)

    async with running(app):
        for n in range(20):
            await deliver(app, sender(n), "salut", message_id(n))
        for n in range(count):
            if n == WARM:
                before = resident_bytes()
            digits = b"%010d" % n
            body = b"Body=salut&From=%2B33" + digits + b"&MessageSid=SM" + digits
            signed = f"{URL}Bodysalut".encode() + b"From+33" + digits + b"MessageSidSM" + digits
            signature = base64.b64encode(hmac.digest(SECRET.encode(), signed, hashlib.sha1))
            headers = [
                (b"content-type", b"application/x-www-form-urlencoded"),
                (b"content-length", b"%d" % len(body)),
                (b"x-twilio-signature", signature),
            ]
            scope = {"type": "http", "method": "POST", "path": "/sms", "query_string": b"", "headers": headers}
            waiting = {"type": "http.request", "body": body, "more_body": False}
            future: asyncio.Future[dict[str, object]] = asyncio.get_running_loop().create_future()
            future.set_result(waiting)
            await app(scope, lambda future=future: future, send)
        growth = resident_bytes() - before
        tally = app._desk.tally().counts
    return {"growth_bytes": growth, "replies": len(sent), **{reason.value: n for reason, n in tally.items() if n}}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(flood(int(sys.argv[1])))) + "\n")
