"""The pages beside the webhook, for whoever runs the number: alive, ready, status. Plain Starlette, off the hot path.

1. Alive means that silence can be answered, which takes no ledger: this is what a probe asks that takes a worker out of
   rotation. Without its ledger a worker answers 200 and is silent; out of rotation the proxy would answer 503, which
   providers retry.
2. Ready is about the ledger, and for people. Everybody may ask, so it says yes or no, and looks at most once a second.
3. Status tells how much money is left, which is what an attacker wants to know. So it asks for a key, or, without one, for
   a direct connection from the same machine (:mod:`edge.web.visitors`).
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from edge.errors import LedgerDown
from edge.units import SECOND_MS
from edge.web.look import Look
from edge.web.visitors import Visitors

PATHS = ("/healthz", "/readyz", "/status.json")
LOOK_MS = SECOND_MS
_NO_STORE = {"cache-control": "no-store"}


def pages(
    status: Callable[[], Awaitable[dict[str, Any]]],
    reach: Callable[[], Awaitable[object]],
    clock: Callable[[], int],
    visitors: Visitors,
    ledger_warnings: Sequence[str] = (),
) -> Starlette:
    """Return the pages; `status` and `reach` ask the ledger, and raise LedgerDown when it does not answer."""
    see, look = Look(status, clock, 0), Look(reach, clock, LOOK_MS)

    def may_see(request: Request) -> bool:
        return visitors.may_see(request, clock())

    async def healthz(_: Request) -> Response:
        return _say("alive")

    async def readyz(request: Request) -> Response:
        trusted = may_see(request)
        try:
            await look()
        except LedgerDown as error:
            return _down(error, trusted=trusted)
        return _say("ready", *(f"warning: {warning}" for warning in ledger_warnings if trusted))

    async def status_json(request: Request) -> Response:
        if not may_see(request):
            return _say(
                "status: send the key as 'Authorization: Bearer …'; without one (server.status-key-env), ask from this "
                "machine, at a loopback address and through no proxy",
                code=403,
            )
        try:
            return JSONResponse(await see(), headers=_NO_STORE)
        except LedgerDown as error:
            return _down(error, trusted=True)

    return Starlette(
        routes=[Route(path, page) for path, page in zip(PATHS, (healthz, readyz, status_json), strict=True)]
    )


def _say(*lines: str, code: int = 200) -> Response:
    return PlainTextResponse("".join(f"{line}\n" for line in lines), code, headers=_NO_STORE)


def _down(error: LedgerDown, *, trusted: bool) -> Response:
    """Say that the ledger is away; which one, and why, is not for strangers."""
    return _say(f"ledger_down: {error}" if trusted else "ledger_down", code=503)
