"""The public counter: how many wrote, how many were answered, how many met silence. Off unless the static file asks for it.

1. Sums only, and money only where the file says so.
2. Built at most once a second in each worker, however many ask: a crowd costs the ledger one look.
3. A cache may keep it for some seconds, show it while it fetches a newer one, and for a day while the worker is gone.
4. Where the number may be detached, they are those of the last midnight (:mod:`edge.core.showing.counted`).
5. While the ledger is down the last page is shown; without one, a 503 that no cache keeps.
"""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from string import Template
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from edge.core.showing.counted import Counted
from edge.core.wire.origin import Origin
from edge.core.wire.reason import HTTP_STATUS, Reason
from edge.errors import LedgerDown
from edge.units import SECOND_MS, format_money
from edge.web.etag import etag_of, is_known
from edge.web.look import Look

PATHS = ("/", "/counter.json")
BUILD_MS = SECOND_MS
CACHE_CONTROL = "public, max-age=5, s-maxage=5, stale-while-revalidate=60, stale-if-error=86400"

_HTML = Path(__file__).with_name("publicpage.html").read_text(encoding="utf-8")
_STYLE = _HTML.partition("<style>")[2].partition("</style>")[0]
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode(), usedforsecurity=False).digest()).decode()
_HTML_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}
_JSON_HEADERS = {"content-type": "application/json", "access-control-allow-origin": "*"}
_NO_STORE = {"cache-control": "no-store"}
_NOT_OUR_EDGE = PlainTextResponse("not_our_edge\n", HTTP_STATUS[Reason.NOT_OUR_EDGE], headers=_NO_STORE)
_MONEY = '<div><dt>dépensés · <span lang="en">spent</span></dt><dd>{spent} <small>{currency}</small></dd></div>\n'
_PER_MILLE = 1_000


class Page(msgspec.Struct, frozen=True):
    """One page, ready to send: whole, and to whoever has it already."""

    etag: str
    whole: Response
    unchanged: Response


class Counter:
    """The pages of one worker."""

    def __init__(
        self, sums: Callable[[], Awaitable[Counted]], clock: Callable[[], int], currency: str | None = None
    ) -> None:
        self._sums = sums
        self._currency = currency
        self._pages = Look(self._build, clock, BUILD_MS)

    async def page(self, path: str) -> Page:
        """Return a page as of about a second ago, or older while the ledger is down. Raises LedgerDown if there is none."""
        try:
            pages = await self._pages()
        except LedgerDown:
            if self._pages.last is None:
                raise
            pages = self._pages.last
        return pages[path]

    async def _build(self) -> dict[str, Page]:
        return pages_of(figures(await self._sums(), self._currency))


def site(counter: Counter, origin: Origin) -> Starlette:
    """Return the counter as pages, for those who come through our edge."""

    async def show(request: Request) -> Response:
        if not origin.admits(dict(request.scope["headers"])):
            return _NOT_OUR_EDGE
        try:
            page = await counter.page(request.scope["path"])
        except LedgerDown:  # its text names the ledger, and this page is everybody's
            return PlainTextResponse("ledger_down\n", 503, headers=_NO_STORE)
        return page.unchanged if is_known(page.etag, request.headers.get("if-none-match", "")) else page.whole

    return Starlette(routes=[Route(path, show) for path in PATHS])


def figures(sums: Counted, currency: str | None) -> dict[str, Any]:
    """Return what is shown; with a currency, money too."""
    shown = {"messages": sums.messages, "replies": sums.replies, "silences": sums.messages - sums.replies}
    money = {} if currency is None else {"currency": currency, "spent": format_money(sums.spent_micros)}
    return shown | money


def pages_of(shown: dict[str, Any]) -> dict[str, Page]:
    """Return both pages of the same figures."""
    html, data = PATHS
    return {
        html: _page(as_html(shown).encode(), _HTML_HEADERS),
        data: _page(json.dumps(shown).encode() + b"\n", _JSON_HEADERS),
    }


def as_html(shown: dict[str, Any]) -> str:
    """Return the page for people; the bar is the share of messages that were answered."""
    counts = {
        name: f"{shown[name]:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        for name in ("messages", "replies", "silences")
    }
    share = shown["replies"] * _PER_MILLE // max(1, shown["messages"])
    money = _MONEY.format_map(shown) if "spent" in shown else ""
    return Template(_HTML).substitute(counts, share=share, money=money)


def _page(body: bytes, headers: dict[str, str]) -> Page:
    etag = etag_of(body)
    common = {"etag": etag, "cache-control": CACHE_CONTROL, "x-content-type-options": "nosniff"}
    return Page(etag, Response(body, headers=headers | common), Response(status_code=304, headers=common))
