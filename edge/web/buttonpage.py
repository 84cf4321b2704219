"""A button of an alert, as a page: GET shows it and does nothing, POST presses it. For a telephone; nobody else has the address.

1. A preview, a scanner and a search engine only GET: they see a page with one button, the same for every address.
2. Of an address that is forged, used or too old nothing is done and nothing is told: one same answer.
3. What is not signed by us touches nothing; what is touches the ledger once in each worker, and is known afterwards.
4. ntfy's own page presses it from another site, by a script, which the browser lets read the answer for this path only.
"""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any, NamedTuple

from starlette.types import Receive, Scope, Send

from edge.core.alerting.saying import BUTTON
from edge.core.kept.button import Act, Button, Signer
from edge.core.wire.answer import AsgiMessage
from edge.core.wire.origin import Origin
from edge.core.wire.reason import HTTP_STATUS, Reason
from edge.errors import LedgerDown

KNOWN_MAX = 256
"""So many buttons that do not count any more are known without asking the ledger: more than there are alerts in the time that one is good."""

_HTML = Template(Path(__file__).with_name("buttonpage.html").read_text(encoding="utf-8"))
_STYLE = _HTML.template.partition("<style>")[2].partition("</style>")[0]
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode(), usedforsecurity=False).digest()).decode()
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
_ANY_SITE = {"access-control-allow-origin": "*"}
_ALLOWED = {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "content-type",
    "cache-control": "no-store",
}
_FORM = '<form method="post"><button>{label}</button></form>\n'


class Wording(NamedTuple):
    """What the pages of one button say in one language: a title and a text each, and when it ends that has no end of its own."""

    ask: str
    done: tuple[str, str]
    endless: str
    nothing: tuple[str, str]
    away: tuple[str, str]


_NOTHING_EN = ("Nothing was done", "This button was used, is too old, or never was one.")
_NOTHING_FR = ("Rien n'a été fait", "Ce bouton a déjà servi, est trop ancien, ou n'en a jamais été un.")
_AWAY_EN = ("The ledger is away", "There is silence until it is back, and nothing is spent. Try again then.")
_AWAY_FR = (
    "Le registre est inaccessible",
    "Silence jusqu'à son retour, et aucune dépense. Réessayez alors.",
)
EN = {
    Act.SILENCE: Wording(
        "Nobody is answered in that time, and then it goes on by itself. What comes in is billed all the same.",
        ("Silence", "Nobody is answered until {until}."),
        "it is resumed",
        _NOTHING_EN,
        _AWAY_EN,
    ),
    Act.DETACH: Wording(
        "The provider is asked to deliver nothing in that time, so nothing is billed and nobody is answered; then it goes on by itself.",
        ("Detached", "The provider is asked to deliver nothing until {until}. If it refuses, an alert says so."),
        "the reason is gone for which it was detached before",
        _NOTHING_EN,
        _AWAY_EN,
    ),
}
"""For each button what its pages say."""
FR = {
    Act.SILENCE: Wording(
        "Personne ne reçoit de réponse pendant ce temps, puis tout reprend. Ce qui arrive est facturé quand même.",
        ("Silence", "Personne ne reçoit de réponse jusqu'au {until}."),
        "moment où quelqu'un y met fin",
        _NOTHING_FR,
        _AWAY_FR,
    ),
    Act.DETACH: Wording(
        "L'opérateur est prié de ne rien livrer pendant ce temps : rien n'est facturé, personne ne reçoit de réponse, puis tout reprend.",
        ("Détaché", "L'opérateur est prié de ne rien livrer jusqu'au {until}. S'il refuse, une alerte le dit."),
        "moment où disparaît la raison pour laquelle il l'était déjà",
        _NOTHING_FR,
        _AWAY_FR,
    ),
}
WORDS = {"en": EN, "fr": FR}


class Page:
    """The pages of one button of one worker, as an ASGI application."""

    def __init__(
        self,
        signers: Mapping[str, Signer],
        press: Callable[[Button, str], Awaitable[int | None]],
        until_said: Callable[[int], str | None],
        language: str,
        origin: Origin,
    ) -> None:
        """Take the signers of the button, by the key of the number that it is done to, or blank where it is done to all.

        And what presses it in the ledger, for that number, and says when what follows ends: None where it has no end of its own.
        """
        [act] = {signer.act for signer in signers.values()}
        words, label = WORDS[language][act], BUTTON[language][act]
        self._signers = signers
        self._press = press
        self._until_said = until_said
        self._language = language
        self._origin = origin
        self._words = words
        self._ask = self._html(label, words.ask, _FORM.format(label=label))
        self._nothing, self._away = (self._html(*said) for said in (words.nothing, words.away))
        self._known: dict[str, None] = {}
        """Buttons that do not count any more."""
        self._pressing = asyncio.Lock()

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Serve one request."""
        method = scope["method"]
        if not self._origin.admits(dict(scope["headers"])):
            await _plain(send, Reason.NOT_OUR_EDGE)
        elif method in {"GET", "HEAD"}:
            await _send(send, 200, _HEADERS, self._ask if method == "GET" else b"")
        elif method == "POST":
            status, body = await self._pressed(scope["query_string"])
            await _send(send, status, _HEADERS | _ANY_SITE, body)
        elif method == "OPTIONS":
            await _send(send, 204, _ALLOWED | _ANY_SITE, b"")
        else:
            await _plain(send, Reason.WRONG_METHOD, {"allow": "GET, HEAD, POST, OPTIONS"})

    def _remember(self, mark: str) -> None:
        """Remember a button that was pressed, and forget the oldest where there are many."""
        self._known[mark] = None
        if len(self._known) > KNOWN_MAX:
            del self._known[next(iter(self._known))]

    async def _pressed(self, query: bytes) -> tuple[int, bytes]:
        """Press the button of an address; return the status and the page that follow."""
        found = self._found(query)
        if found is None:
            return 404, self._nothing
        where, number, button = found
        async with self._pressing:
            if button.mark in self._known:
                return 404, self._nothing
            try:
                until_ms = await self._press(button, number)
            except LedgerDown:
                return 503, self._away
            self._remember(button.mark)
        if until_ms is None:
            return 404, self._nothing
        title, text = self._words.done
        title = f"{where}: {title}" if where else title
        return 200, self._html(title, text.format(until=self._until_said(until_ms) or self._words.endless))

    def _found(self, query: bytes) -> tuple[str, str, Button] | None:
        """Return the button of an address, and the key and the number that it is done to."""
        for where, signer in self._signers.items():
            button = signer.button_of(query)
            if button is not None:
                return where, signer.number, button
        return None

    def _html(self, title: str, text: str, form: str = "") -> bytes:
        return _HTML.substitute(language=self._language, title=title, text=text, form=form).encode()


async def _plain(send: Send, reason: Reason, more: Mapping[str, str] = MappingProxyType({})) -> None:
    headers = {"content-type": "text/plain", "cache-control": "no-store", **more}
    await _send(send, HTTP_STATUS[reason], headers, f"{reason}\n".encode())


async def _send(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    raw: list[tuple[bytes, bytes]] = [(name.encode(), value.encode()) for name, value in headers.items()]
    start: AsgiMessage = {"type": "http.response.start", "status": status, "headers": raw}
    last: dict[str, Any] = {"type": "http.response.body", "body": body}
    await send(start)
    await send(last)
