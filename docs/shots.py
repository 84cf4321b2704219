"""Makes the pictures of the status page in docs/how-to: a real worker, a real ledger with a month behind it, a real browser.

    python -m docs.shots

It needs Chromium. A picture holds the time at which it was made, so no test holds it against what this would make.
"""

import asyncio
import itertools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.arguments import Parser, folder_there
from edge.configfile import load
from edge.core.charging.charge import Charge, Tally
from edge.core.charging.ledger import Ledger
from edge.core.charging.pace import cost_at
from edge.core.limits.bucket import count_limit
from edge.core.limits.rules import Pace, Rules
from edge.core.wire.reason import Reason
from edge.ledger.opening import open_ledger, prepare
from edge.meaning import terms
from edge.setup import place_of
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tools.browser import Tab, browsing

FOLDER = Path(__file__).parent / "how-to"
KEY = "the-key-of-a-picture-that-is-nobodys"
PICTURES = {
    "status-phone.png": {"width": 390, "height": 844, "dark": False, "language": "fr"},
    "status-phone-dark.png": {"width": 390, "height": 844, "dark": True, "language": "en"},
    "status-desktop.png": {"width": 1280, "height": 800, "dark": False, "language": "en"},
    "status-desktop-dark.png": {"width": 1280, "height": 800, "dark": True, "language": "fr"},
}
FILE = """
[number]
phone = "+33937000000"
provider = "twilio"
url = "https://sms.example.org/sms"
secret-env = "TWILIO_AUTH_TOKEN"
[reply]
text = "Bonjour. Si vous lisez ceci, une femme n'a pas voulu vous donner son numero. Non, c'est non."
[price]
currency = "EUR"
received = "0.0075"
reply = { "+33" = "0.0763" }
[budget]
kitty = "2000"
per-day = "35"
burst = "8"
[alert]
time-zone = "Europe/Paris"
[server]
bind = "127.0.0.1:PORT"
status-key-env = "STATUS_KEY"
"""
FLOOD_MINUTES = 43
PRICE_MICROS, RECEIVED_MICROS = 76_300, 7_500


class Month:
    """A month of a number: people who write by day, and a flood that is on."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._counts = dict.fromkeys(Reason, 0)
        self._numbers = itertools.count(1)
        self.now_ms = 0

    async def play(self, now_ms: int) -> None:
        """Play it, up to now."""
        for hour in range(30 * 24, 0, -1):
            self.now_ms = now_ms - hour * HOUR_MS
            by_day = max(0, 9 - abs(15 - self.now_ms // HOUR_MS % 24))
            bad_day = 40 if hour // 24 in (11, 12) else 0
            await self._see(
                by_day // 2 + hour % 3, sender_limit=by_day // 3 + bad_day * (by_day > 0), block_limit=bad_day // 8
            )
        for minute in range(50, -1, -1):
            self.now_ms = now_ms - minute * MINUTE_MS
            flood = 480 + minute * 7 % 190 if minute < FLOOD_MINUTES else 0
            await self._see(
                (1 if minute % 4 == 0 else 0) + (2 if flood else 0),
                sender_limit=flood, block_limit=flood // 9, pace_limit=flood // 14, not_a_person=flood // 60, opted_out=minute % 7 // 6,
            )  # fmt: skip

    async def _see(self, replies: int, **silences: int) -> None:
        for name, count in silences.items():
            self._counts[Reason(name)] += count
        for _ in range(replies):
            number = next(self._numbers)
            key, cost = number.to_bytes(16, "big"), cost_at(PRICE_MICROS, Pace(2_000_000_000, 2_000_000_000))
            await self._ledger.admit(Charge(f"SM{number:032x}", key, key, cost, 0))
            self._counts[Reason.ANSWERED] += 1
        received = sum(self._counts.values())
        await self._ledger.tell(Tally(self._counts, received * RECEIVED_MICROS, received))


async def fill(file: Path) -> None:
    """Fill the ledger of a file."""
    config = load(file)
    place = place_of(config, file.parent)
    prepare(place)
    roomy = count_limit(burst=1, count=1, period_ms=DAY_MS)
    rules = Rules(sender=roomy, block=roomy, kitty_micros=terms.rules_of(config).kitty_micros)
    ledger = open_ledger(place, rules, lambda: month.now_ms, lambda _: None)
    month = Month(ledger)
    await month.play(time.time_ns() // 1_000_000)
    await ledger.close()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve such a number; yield the address of its page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = folder / "edge.toml"
    file.write_text(FILE.replace("PORT", str(port)), encoding="utf-8")
    asyncio.run(fill(file))
    environ = os.environ | {"STATUS_KEY": KEY, "TWILIO_AUTH_TOKEN": "of-a-picture"}
    worker = subprocess.Popen(  # noqa: S603  our own worker
        [sys.executable, "-m", "edge", "serve", str(file)], env=environ, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            time.sleep(0.05)
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                break
        yield f"http://127.0.0.1:{port}/status"
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait()


def enter(tab: Tab, address: str) -> None:
    """Open the page with its key."""
    tab.go(address)
    tab.run(f'document.getElementById("key").value = "{KEY}"')
    tab.press("button")


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the pictures."""
    parser = Parser(prog="python -m docs.shots", description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=folder_there, default=FOLDER, help="where they go")
    folder = parser.parse_args(arguments).folder
    with tempfile.TemporaryDirectory() as home, serving(Path(home)) as address, browsing() as tab:
        enter(tab, address)
        for name, like in PICTURES.items():
            tab.look_like(**like)  # type: ignore[arg-type]  # the values of a table have no types of their own
            tab.go(address)
            (folder / name).write_bytes(tab.picture())
            print(folder / name)  # noqa: T201  a command


if __name__ == "__main__":
    main()
