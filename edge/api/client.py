"""The one client that opens HTTP connections to others.

1. It repeats nothing by itself and follows no redirect: whoever asked decides, knowing how far the call got.
2. Certificates are verified, by what the system trusts. Variables of a proxy are not looked at.
3. Each phase has its time, and so has the whole; of an answer no more is read than is needed.
4. Addresses hold secrets: none of them is logged, nor part of what is said of a failure.

It is imported when the first call is made: most workers never make one.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from edge.api.call import Call, Calls, Found, Returned
from edge.api.fate import Fate, Reached, fate_of
from edge.errors import ConfigError

CONNECT_S = 5.0
ANSWER_S = 10.0
"""The longest silence before and within an answer."""
WHOLE_S = 20.0
"""The longest that a call may take: alerts have a minute, and may have to be sent twice."""
ANSWER_BYTES_MAX = 65_536


class Client:
    """Connections for one event loop, one for each call: a kept one may be closed under the next call, which then got who knows how far."""

    def __init__(
        self, *, whole_s: float = WHOLE_S, answer_s: float = ANSWER_S, bytes_max: int = ANSWER_BYTES_MAX
    ) -> None:
        """Take how long a call and a silence within it may be, and how much of an answer is read."""
        self._whole_s = whole_s
        self._answer_s = answer_s
        self._bytes_max = bytes_max
        self._httpx: Any = None
        self._client: Any = None
        self._making = asyncio.Lock()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Fate:
        """Send a body, and return what became of it; nothing is raised but for want of the library (ConfigError)."""
        return (await self.call(Call("POST", url, body, headers))).fate

    async def get(self, url: str) -> Fate:
        """Ask for an address, and return what became of that."""
        return (await self.call(Call("GET", url))).fate

    async def call(self, call: Call) -> Returned:
        """Make a call, once, and return what came back; raises as `post` does."""
        async with self._making:
            if self._client is None:
                await asyncio.to_thread(self._make)  # reading the system's certificates takes its time
        try:
            async with asyncio.timeout(self._whole_s):
                return await self._exchange(call)
        except TimeoutError:
            return Returned(Fate(Reached.UNKNOWN, f"no whole answer within {self._whole_s:g} s"))
        except Exception as error:  # noqa: BLE001 — whatever a library raises: whoever calls goes on
            return Returned(self._explained(error))

    async def converse(self, calls: Calls[Found]) -> Found:
        """Make calls one after the other, and return what they come to."""
        try:
            call = next(calls)
            while True:
                call = calls.send(await self.call(call))
        except StopIteration as end:
            found: Found = end.value
            return found

    async def close(self) -> None:
        """Let go of the sockets."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):
                await client.aclose()

    async def _exchange(self, call: Call) -> Returned:
        async with self._client.stream(call.method, call.url, content=call.body, headers=call.headers) as answer:
            body = b""
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > self._bytes_max:
                    break
            return Returned(fate_of(answer.status_code), answer.status_code, body)

    def _make(self) -> None:
        httpx = self._httpx = _library()
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # below that it writes whole addresses
        logging.getLogger("httpcore2").setLevel(logging.WARNING)
        self._client = httpx.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=8, max_keepalive_connections=0),
            timeout=httpx.Timeout(self._answer_s, connect=CONNECT_S, pool=self._whole_s),
            headers={"connection": "close", "user-agent": "antirelou", "accept-encoding": "identity"},
        )

    def _explained(self, error: Exception) -> Fate:
        """Return how far a call got that failed; the error's own words may hold the address."""
        httpx = self._httpx
        if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
            return Fate(Reached.NOT_SENT, f"no connection within {CONNECT_S:g} s")
        if isinstance(error, httpx.ConnectError):
            why = "its certificate is not trusted" if "CERTIFICATE_VERIFY" in str(error) else "cannot be reached"
            return Fate(Reached.NOT_SENT, why)
        if isinstance(error, httpx.TimeoutException):
            return Fate(Reached.UNKNOWN, f"no answer within {self._answer_s:g} s")
        return Fate(Reached.UNKNOWN, f"broke off ({type(error).__name__})")


def _library() -> Any:
    try:
        return import_module("httpx2")
    except ImportError as error:
        raise ConfigError(
            f"calls to others need a client ({error}); install this repository's lock, which has it: "
            "pip install --no-deps --require-hashes -r requirements/run.txt"
        ) from None
