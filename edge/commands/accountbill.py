"""A number's bill as the provider's API tells it, read with the key of the static file. Nothing is changed there.

1. It is asked for whole days in UTC, and an hour on either side, since the provider's clock is another one: what lies there only
   finds its counterpart.
2. An answer that says "too many requests" was not acted upon, so it is asked for again a little later, and no other is.
3. What cannot be read is one line and no bill: half of one would show differences that are none.
"""

import asyncio
import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from edge.api.bill import BilledMessage
from edge.api.bills import BILL_APIS
from edge.api.call import Call, Calls, Returned
from edge.api.client import Client
from edge.api.fate import Fate, Reached
from edge.billfile import instant_said, micros_said, segments_said
from edge.config import Config
from edge.core.charging.pace import end_of
from edge.core.showing.forecast import date
from edge.core.showing.reconciling import Billed, Span
from edge.errors import ConfigError, ProviderError
from edge.setup import api_access
from edge.units import DAY_MS, HOUR_MS

DAYS = 30
"""So many are asked for, up to yesterday, where the call says none: today's prices are not there yet."""
PAUSES_S = (1.0, 4.0, 16.0)
"""So long is waited after "too many requests", each time."""
CALL_S, WHOLE_S = 60.0, 600.0
ANSWER_BYTES_MAX = 16_000_000
"""A thousand messages with the longest texts there are."""


class Days(NamedTuple):
    """Days in UTC, both included."""

    first: dt.date
    last: dt.date

    @property
    def span(self) -> Span:
        """The time from the first millisecond to the last."""
        return Span(end_of(self.first) - DAY_MS, end_of(self.last) - 1)


def days_of(since: str | None, until: str | None, *, began_ms: int, now_ms: int) -> Days:
    """Return the days that a call names; else the last thirty up to yesterday, but none before the ledger was begun. Raises ConfigError."""
    last = _day(until, "--until") or date(now_ms - DAY_MS)
    first = _day(since, "--since") or min(last, max(last - dt.timedelta(DAYS - 1), date(began_ms)))
    if first > last:
        raise ConfigError(f"--since: {first} is after {last}, the last day; write an earlier one, or a later --until")
    return Days(first, last)


def read_bill(config: Config, days: Days, index: int) -> list[Billed]:
    """Return what the provider of a number has billed for it, in no order. Raises ConfigError or ProviderError."""
    number, access, where = config.numbers[index], api_access(config, index=index), config.where(index)
    if number.provider not in BILL_APIS:
        raise ConfigError(
            f"--api: {number.provider}'s bill cannot be read from here, only that of {', '.join(BILL_APIS)}; export it, and name "
            "the file"
        )
    if access is None:
        raise ConfigError(
            f"--api: nothing is told without a key; write {where}.api-account-env, api-key-env and api-secret-env"
        )
    span = days.span
    since, until = _said(span.from_ms - HOUR_MS), _said(span.until_ms + HOUR_MS)
    calls = BILL_APIS[number.provider](access, number.phone).messages(since, until)
    with ThreadPoolExecutor(1) as thread:  # with a loop of its own: whoever calls may be in one already
        return thread.submit(asyncio.run, _read(calls, number.provider, config.price.currency)).result()


class _Patient(Client):
    """A client that asks again where there were too many requests: such a one was not acted upon, and these only read."""

    async def call(self, call: Call) -> Returned:
        """Make a call, and make it again a few times, a little later each, where it was put off."""
        returned = await super().call(call)
        for pause_s in PAUSES_S:
            if returned.fate.reached is not Reached.BUSY:
                break
            await asyncio.sleep(pause_s)
            returned = await super().call(call)
        return returned


async def _read(calls: Calls[list[BilledMessage] | Fate], provider: str, currency: str) -> list[Billed]:
    found = await _converse(calls)
    if isinstance(found, Fate):
        raise ProviderError(f"{provider}'s API: {found.said}")
    return [_billed(message, index, provider, currency) for index, message in enumerate(found, start=1)]


async def _converse(calls: Calls[list[BilledMessage] | Fate]) -> list[BilledMessage] | Fate:
    client = _Patient(whole_s=CALL_S, bytes_max=ANSWER_BYTES_MAX)
    try:
        async with asyncio.timeout(WHOLE_S):
            return await client.converse(calls)
    except TimeoutError:
        return Fate(Reached.UNKNOWN, f"has not told all of it within {WHOLE_S:g} s; give fewer days")
    finally:
        await client.close()


def _billed(message: BilledMessage, place: int, provider: str, currency: str) -> Billed:
    """Return a message as a row. Raises ProviderError for one that cannot be read, and ConfigError for another currency's."""
    is_reply = message.direction.lower().startswith("out")
    at_ms, segments = instant_said(message.time), segments_said(message.segments)
    micros = micros_said(message.price) if message.price else None
    if at_ms is None or segments is None or (message.price and micros is None):
        raise ProviderError(
            f"{provider}'s API: a message without a time, a number of segments or a price that can be read"
        )
    if micros and message.currency not in ("", currency):
        raise ConfigError(
            f"price.currency: {currency}, and the account is billed in {message.currency[:3]}; write that"
        )
    return Billed(place, at_ms, message.to if is_reply else message.from_, is_reply, segments, micros, message.id)


def _day(text: str | None, option: str) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option}: found {text[:40]!r}; write a day such as 2026-11-28") from None


def _said(at_ms: int) -> str:
    return f"{dt.datetime.fromtimestamp(at_ms // 1000, dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
