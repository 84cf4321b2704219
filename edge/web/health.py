"""The pages beside the webhook, for whoever runs the number: alive, ready, status. Plain Starlette, off the hot path.

Status tells how much money is left, which is what an attacker wants to know. So it asks for a key, or, without one, for a
direct connection from the same machine: one that no proxy has forwarded.
"""

import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from edge.errors import LedgerDown

PATHS = ("/healthz", "/readyz", "/status.json")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via", "cf-connecting-ip", "true-client-ip")
_NO_STORE = {"cache-control": "no-store"}


def pages(
    status: Callable[[], Awaitable[dict[str, Any]]],
    reach: Callable[[], Awaitable[object]],
    key: str | None,
    ledger_warnings: Sequence[str] = (),
) -> Starlette:
    """Return the pages; `status` and `reach` ask the ledger, and raise LedgerDown when it does not answer."""
    ready = "".join(["ready\n", *(f"warning: {warning}\n" for warning in ledger_warnings)])

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("alive\n", headers=_NO_STORE)

    async def readyz(_: Request) -> Response:
        try:
            await reach()
        except LedgerDown as error:
            return _down(error)
        return PlainTextResponse(ready, headers=_NO_STORE)

    async def status_json(request: Request) -> Response:
        if not _may_see(request, key):
            return PlainTextResponse("status: send the key as 'Authorization: Bearer …'\n", 403, headers=_NO_STORE)
        try:
            return JSONResponse(await status(), headers=_NO_STORE)
        except LedgerDown as error:
            return _down(error)

    return Starlette(
        routes=[Route(path, page) for path, page in zip(PATHS, (healthz, readyz, status_json), strict=True)]
    )


def _down(error: LedgerDown) -> Response:
    return PlainTextResponse(f"ledger_down: {error}\n", 503, headers=_NO_STORE)


def _may_see(request: Request, key: str | None) -> bool:
    if key is not None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), key.encode())
    forwarded = any(name in request.headers for name in _FORWARDED)
    return not forwarded and request.client is not None and _is_loopback(request.client.host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
