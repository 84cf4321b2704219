"""The page at `/status`: what the number does, what it costs and how long it lasts, live, with a button for silence.

1. It is built at most once a second in each worker, however many look, from what the ledger holds alone; and for who has just
   pressed a button.
2. While the ledger is away the last one is shown, and says so.
3. It asks for nothing but itself; what is new comes as a small JSON, of which a client gets what it does not have yet.
4. No cache may keep it for anybody else: it says how much money is left.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from urllib.parse import parse_qs

import msgspec
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from edge.core.showing.overview import Overview
from edge.errors import LedgerDown
from edge.units import HOUR_MS, SECOND_MS
from edge.web.etag import etag_of, is_known
from edge.web.look import Look
from edge.web.page import PATHS
from edge.web.page.templates import CONTENT_SECURITY_POLICY, TOKEN, door_of, page_of, parts_of
from edge.web.page.view import Shown, View
from edge.web.page.words import LANGUAGES, preferred
from edge.web.visitors import COOKIE, LASTS_MS, Visitors, is_in_clear

BUILD_MS = SECOND_MS
FORM_BYTES_MAX = 4_096
FORM_S = 5.0
"""So long a form may take."""
LANGUAGE_COOKIE = "antirelou_language"
PRESSED_COOKIE = "antirelou_pressed"
"""Of who has just pressed a button, for as long as any worker may hold what it saw before."""
_HEADERS = {
    "cache-control": "private, no-cache",
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "referrer-policy": "same-origin",  # without any a browser would say of a form of ours that it comes from nowhere
    "vary": "cookie, authorization, accept-language",
    "x-content-type-options": "nosniff",
}
_SEE_OTHER = 303


class Rendered(NamedTuple):
    """What was shown last in a language, as parts and as the small JSON; where a visitor's token goes is left open."""

    shown: Shown
    parts: dict[str, Markup]
    news: bytes


class Site:
    """The page of one worker."""

    def __init__(
        self,
        *,
        look: Callable[[], Awaitable[Overview]],
        pause: Callable[[int], Awaitable[object]],
        resume: Callable[[], Awaitable[object]],
        clock: Callable[[], int],
        visitors: Visitors,
        zone: dt.tzinfo,
    ) -> None:
        """Take what looks at the ledger, pauses for so many milliseconds and resumes; each raises LedgerDown."""
        self._look = Look(look, clock, BUILD_MS)
        self._pause, self._resume = pause, resume
        self._clock = clock
        self._visitors = visitors
        self._zone = zone
        self._last: dict[str, Rendered] = {}
        """By language."""

    @property
    def pages(self) -> Starlette:
        """The application that serves it."""
        page, live = PATHS
        return Starlette(
            routes=[
                Route(page, self._show, methods=["GET"]),
                Route(page, self._act, methods=["POST"]),
                Route(live, self._live, methods=["GET"]),
            ]
        )

    async def _show(self, request: Request) -> Response:
        wanted = request.query_params.get("language", "")
        if wanted in LANGUAGES:
            return self._with_cookie(request, LANGUAGE_COOKIE, wanted)
        if not self._visitors.may_see(request, self._clock()):
            return self._door(request)
        language = language_of(request)
        parts = (await self._rendered(request, language)).parts
        now = dt.datetime.fromtimestamp(self._clock() // SECOND_MS, self._zone)
        html = page_of(parts, language, now, is_locked=self._visitors.key is not None)
        return HTMLResponse(html.replace(TOKEN, self._visitors.token(request, self._clock())), headers=_HEADERS)

    async def _live(self, request: Request) -> Response:
        if not self._visitors.may_see(request, self._clock()):
            return Response("status: the key is not there any more\n", 403, _HEADERS, "text/plain")
        token = self._visitors.token(request, self._clock())
        body = (await self._rendered(request, language_of(request))).news.replace(TOKEN.encode(), token.encode())
        headers = _HEADERS | {"etag": etag_of(body)}
        if is_known(headers["etag"], request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    async def _act(self, request: Request) -> Response:
        form = await form_of(request)
        if form.get("do") == "enter":
            return self._enter(request, form.get("key", ""))
        if not self._visitors.may_press(request, form.get("token", ""), self._clock()):
            return self._door(request)
        if form.get("do") == "leave":
            return self._with_cookie(request, COOKIE, "")
        do = {"silence": lambda: self._pause(HOUR_MS), "resume": self._resume}.get(form.get("do", ""))
        if do is None:
            return Response("status: no such button\n", 400, _HEADERS, "text/plain")
        try:
            await do()
        except LedgerDown:
            return Response(
                "ledger_down: it is silent anyway; try again when it is back\n", 503, _HEADERS, "text/plain"
            )
        self._look.forget()
        return self._with_cookie(request, PRESSED_COOKIE, "yes", BUILD_MS)

    def _enter(self, request: Request, key: str) -> Response:
        if not self._visitors.is_key(key):
            return self._door(request, was_refused=True)
        return self._with_cookie(request, COOKIE, self._visitors.cookie(self._clock()))

    def _door(self, request: Request, *, was_refused: bool = False) -> Response:
        is_locked = self._visitors.key is not None
        html = door_of(language_of(request), is_locked=is_locked, was_refused=was_refused)
        return HTMLResponse(html, 403, headers=_HEADERS)

    def _with_cookie(self, request: Request, name: str, value: str, lasts_ms: int = LASTS_MS) -> Response:
        response = RedirectResponse(PATHS[0], _SEE_OTHER, _HEADERS)
        response.set_cookie(
            name,
            value,
            max_age=lasts_ms // SECOND_MS if value else 0,
            path=PATHS[0],
            secure=not is_in_clear(request),
            httponly=True,
            samesite="strict",
        )
        return response

    async def _rendered(self, request: Request, language: str) -> Rendered:
        """Return what is shown now in a language, rendered once for all who look."""
        if PRESSED_COOKIE in request.cookies:
            self._look.forget()
        try:
            shown = Shown(await self._look(), "")
        except LedgerDown as error:
            shown = Shown(self._look.last, str(error))
        last = self._last.get(language)
        if last is None or last.shown.overview is not shown.overview or last.shown.away != shown.away:
            parts = parts_of(View(shown, language, self._zone))
            last = self._last[language] = Rendered(shown, parts, msgspec.json.encode({"parts": parts}, enc_hook=str))
        return last


def language_of(request: Request) -> str:
    """Return the language that somebody chose, or that their browser prefers."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", ""))


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form of ours; none where it is too long, too slow, or no such form."""
    body = b""
    try:
        async with asyncio.timeout(FORM_S):
            async for piece in request.stream():
                body += piece
                if len(body) > FORM_BYTES_MAX:
                    return {}
    except (TimeoutError, ClientDisconnect):
        return {}
    return {name: values[0] for name, values in parse_qs(body.decode("ascii", "replace")).items()}
