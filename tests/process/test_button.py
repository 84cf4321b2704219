"""A flood on a real worker, the alert of it on a topic, the button pressed through nginx, silence, and back after its time."""

import itertools
import json
import logging
import re
import time
from urllib.parse import urlsplit

from edge.core.kept.button import Act, Signer
from edge.units import HOUR_MS, MINUTE_MS
from tests.cdn.edges import ORIGIN_SECRET, nginx
from tests.cdn.test_edges import ask, key_of
from tests.process.test_clock_steps import FakeClock
from tests.process.test_pause import answered
from tests.watch.receiver import receiving
from tests.worker import SECRET, await_, config, free_port, message_id, sender, serving

MESSAGES = 70
"""Of four senders: those who were answered before need sixty in an hour to be a flood."""

log = logging.getLogger(__name__)
FILE = """origin-secret-env = "ORIGIN_SECRET"

[alert]
to-env = "ALERT_URLS"
language = "fr"
digest = "never"
"""


def test_the_alert_of_a_flood_has_a_button_that_undoes_itself(tmp_path, shows):
    """On a stand-in for ntfy, which keeps what comes; nobody without a button that counts changes anything, or hears anything."""
    clock = FakeClock(tmp_path)
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2) + FILE
    with receiving() as ntfy:
        topic = f"ntfy://tk_secret@127.0.0.1:{ntfy.port}/night"
        environ = {"ALERT_URLS": topic, "ORIGIN_SECRET": ORIGIN_SECRET} | clock.environ
        with serving(tmp_path, text, environ=environ) as worker, nginx(tmp_path, worker) as outside:
            await_(lambda: b"minute" in ledger(tmp_path))  # the watch has begun
            for number in range(MESSAGES):
                outside.send(sender(number % 4), "salut", message_id(number))
            await_(lambda: worker.status()["messages"] == MESSAGES)  # what is told later counts a minute later
            clock.step(MINUTE_MS)
            await_(lambda: ntfy.requests)
            flood = ntfy.requests[0].json
            [button] = flood["actions"]
            path = button["url"].removeprefix("https://sms.example.org")
            signer = Signer(key_of(worker), Act.SILENCE)
            forged, old = Signer(b"j" * 32, Act.SILENCE), signer.query_of("flood_began", 0)
            strangers = [f"/silence?{forged.query_of('flood_began', now_ms())}", f"/silence?{old}", "/silence"]
            looked = [ask(outside, path), *(ask(outside, wrong, "POST") for wrong in strangers)]
            before = answered(outside, 201)
            pressed = ask(outside, path, "POST")
            at_once = answered(outside, 202)
            again = ask(outside, path, "POST")
            assert 200 == pressed[0], worker.log.read_text()
            await_(lambda: worker.status()["paused"])
            clock.step(HOUR_MS - MINUTE_MS)
            still = answered(outside, 203)
            clock.step(2 * MINUTE_MS)
            numbers = itertools.count(204)
            await_(lambda: answered(outside, next(numbers)))
            late = ask(outside, path, "POST")
            after = worker.status()["paused"]
        kept = ledger(tmp_path) + worker.log.read_bytes() + (tmp_path / "nginx" / "error.log").read_bytes()

    shows("P9", rounds=1, requests=MESSAGES + 10)
    shows("P11", rounds=1, requests=MESSAGES + 10)
    log.info("what the topic got: %s", json.dumps(flood, ensure_ascii=False, indent=2))

    assert ("night", 5) == (flood["topic"], flood["priority"])
    assert re.fullmatch(r"\d+,\d\d EUR en dix minutes : une inondation", flood["title"])
    assert {
        "action": "http",
        "label": "Silence pendant une heure",
        "method": "POST",
        "clear": True,
    }.items() <= button.items()
    assert ("/silence", 43) == (urlsplit(button["url"]).path, len(urlsplit(button["url"]).query))
    assert [200, 404, 404, 404] == [status for status, _, _ in looked]
    assert 1 == len({body for _, _, body in [*looked[1:], again, late]})
    assert (True, 200, False, 404) == (before, pressed[0], at_once, again[0])
    assert (False, 404, False) == (still, late[0], after)
    assert urlsplit(button["url"]).query.encode() not in kept
    for secret in (b"tk_secret", SECRET.encode(), b"63900000", b"salut"):
        assert secret not in kept + json.dumps(flood).encode()


def now_ms():
    """Return the instant by our own clock."""
    return time.time_ns() // 1_000_000


def ledger(folder):
    """Return what lies in the ledger's files."""
    return b"".join(path.read_bytes() for path in folder.glob("antirelou.db*"))
