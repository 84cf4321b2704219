"""Pages that are loaded when somebody first asks for one: a worker of whom nobody asks holds nothing of them."""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class OnDemand:
    """Pages, and what loads them, in a thread: messages are answered meanwhile."""

    def __init__(self, load: Callable[[], ASGIApp]) -> None:
        self._load = load
        self._loading = asyncio.Lock()
        self._pages: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        pages = await self._loaded()
        await pages(scope, receive, send)

    async def _loaded(self) -> ASGIApp:
        async with self._loading:
            if self._pages is None:
                self._pages = await asyncio.to_thread(self._load)
            return self._pages
