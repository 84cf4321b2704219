"""The line that moves while a flood plays without a web page: how far it is, what it costs, how long it still takes."""

import sys
import time
from typing import TextIO

from loadtest.judge.tally import Tally
from loadtest.provider.money import show_money

_ERASE = "\r\x1b[K"
_LOG_EVERY_S = 10.0
_MS = 1_000


def line(tally: Tally, arrivals: int, elapsed_s: float, lasts_s: float) -> str:
    """Return how a flood stands, on one line."""
    sent, paid = tally.count(), {reply.key: reply.price_micros for reply in tally.replies}
    left_s = max(0, round(lasts_s - elapsed_s))
    return (
        f"{sent:,} of {arrivals:,} answered, {sent / max(1.0, elapsed_s):,.0f}/s, "
        f"{len(paid):,} replies for {show_money(sum(paid.values()))}, "
        f"p99 {tally.corrected.quantile_us(0.99) / _MS:,.1f} ms, {left_s // 60}:{left_s % 60:02} left"
    )


class Progress:
    """Shows the line: in place on a terminal, now and then in a log."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._moves = stream.isatty()
        self._shown_s = time.monotonic()

    def show(self, text: str) -> None:
        """Show how it stands now."""
        if self._moves:
            self._stream.write(_ERASE + text)
        elif time.monotonic() - self._shown_s >= _LOG_EVERY_S:
            self._shown_s = time.monotonic()
            self._stream.write(text + "\n")
        self._stream.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._moves:
            self._stream.write(_ERASE)
            self._stream.flush()
