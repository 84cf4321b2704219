"""The metrics at `/metrics`, for Prometheus and what understands its formats: the ledger's totals, so the same from every worker.

1. They come from one look at the ledger, at most one a second. While it is away the answer is 503: a counter that fell to
   nothing would look like a restart.
2. The labels are reasons, what money was spent on and, where there are several numbers, their places in the static file: there
   are never more series than stand in the table of reasons, and three for each number.
3. Whoever may see the status may see them.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence

import msgspec
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from edge.core.charging.charge import Totals
from edge.core.kept.attachment import Attachment
from edge.core.showing.forecast import Purse
from edge.core.showing.shareleft import ShareLeft
from edge.core.showing.status import left_of
from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.units import MICROS, SECOND_MS
from edge.web.look import Look
from edge.web.visitors import Visitors

BUILD_MS = SECOND_MS
_PRIVATE = {"cache-control": "private, no-cache", "vary": "accept, authorization, cookie"}


class Measured(msgspec.Struct, frozen=True):
    """What is measured at one instant."""

    totals: Totals
    purse: Purse
    currency: str
    version: str
    is_paused: bool
    """By hand or by the static file."""
    attachments: Sequence[Attachment]
    """Of each number."""
    channels_failing: int
    shares: Sequence[ShareLeft] = ()
    """Of each number, where there are several."""


class _Families:
    """The families of one instant, in the way in which an encoder asks for them."""

    def __init__(self, seen: Measured) -> None:
        self._seen = seen

    def collect(self) -> Iterator[Metric]:
        seen, totals = self._seen, self._seen.totals
        left_micros, pace_left_micros = left_of(totals, seen.purse)
        info = InfoMetricFamily("antirelou", "The program, and the currency in which all amounts are")
        info.add_metric([], {"version": seen.version, "currency": seen.currency})
        yield info
        yield _by_reason(totals, "antirelou_messages", "Messages that the provider delivered", from_provider=True)
        yield _by_reason(totals, "antirelou_requests", "Other requests to the webhook", from_provider=False)
        spent = CounterMetricFamily("antirelou_spent", "Money that is gone from the kitty", labels=["what"])
        spent.add_metric(["replies"], totals.replies_micros / MICROS)
        spent.add_metric(["received"], totals.received_micros / MICROS)
        yield spent
        for name, text, value in (
            ("kitty", "All the money that there is, receiving included", seen.purse.kitty_micros / MICROS),
            ("kitty_left", "What is left of it", left_micros / MICROS),
            ("pace_per_day", "What replies may cost in a day", seen.purse.per_day_micros / MICROS),
            ("pace_left", "What the pace would let go at once", pace_left_micros / MICROS),
            ("paused", "1 while it is paused, by hand or by the static file", int(seen.is_paused)),
            (
                "attached",
                "1 while the provider is to deliver messages, to all numbers",
                int(all(one.attached for one in seen.attachments)),
            ),
            ("channels_failing", "Channels on which the last alert did not arrive", seen.channels_failing),
            ("last_reply_timestamp_seconds", "When a reply was last paid; 0 if none was", totals.last_ms / SECOND_MS),
        ):
            yield GaugeMetricFamily(f"antirelou_{name}", text, value=value)
        if seen.shares:
            yield from _by_number(seen.shares, seen.attachments)


def metrics(look: Callable[[], Awaitable[Measured]], clock: Callable[[], int], visitors: Visitors) -> Starlette:
    """Return the page; `look` asks the ledger, and raises LedgerDown."""
    see = Look(look, clock, BUILD_MS)

    async def show(request: Request) -> Response:
        if not visitors.may_see(request, clock()):
            return PlainTextResponse("metrics: send the status key as 'Authorization: Bearer …'\n", 403, _PRIVATE)
        try:
            seen = await see()
        except LedgerDown as error:
            return PlainTextResponse(f"ledger_down: {error}\n", 503, _PRIVATE)
        encode, kind = _encoder(request.headers.get("accept", ""))
        return Response(encode(_Families(seen)), headers=_PRIVATE | {"content-type": kind})

    return Starlette(routes=[Route("/metrics", show)])


def _encoder(accept: str) -> tuple[Callable[[_Families], bytes], str]:
    """Return what writes the format that a client accepts, and its type; the plain one where its words are none."""
    try:
        return choose_encoder(accept)
    except TypeError:  # of a version that is no number
        return choose_encoder("")


def _by_number(shares: Sequence[ShareLeft], attachments: Sequence[Attachment]) -> Iterator[Metric]:
    """Yield what is left of each number's share of the pace, how many replies were paid out of it, and whether it is attached."""
    left = GaugeMetricFamily("antirelou_share_left", "What a number's share would let go at once", labels=["number"])
    replies = CounterMetricFamily("antirelou_share_replies", "Replies out of a number's share", labels=["number"])
    text = "1 while the provider is to deliver messages to the number"
    attached = GaugeMetricFamily("antirelou_number_attached", text, labels=["number"])
    for share, attachment in zip(shares, attachments, strict=True):
        attached.add_metric([share.where], int(attachment.attached))
        left.add_metric([share.where], share.left_micros / MICROS)
        replies.add_metric([share.where], share.replies)
    yield from (left, replies, attached)


def _by_reason(totals: Totals, name: str, text: str, *, from_provider: bool) -> Metric:
    """Return a counter of each reason, those that never were included: what was never there has no increase."""
    family = CounterMetricFamily(name, text, labels=["reason"])
    for reason in Reason:
        if reason.from_provider == from_provider:
            family.add_metric([reason.value], totals.counts.get(reason, 0))
    return family
