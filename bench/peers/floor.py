"""The floor: an ASGI handler that reads the body and answers nothing in particular, on the Granian that serves ours.

`python -m bench.peers.floor PORT`
"""

import sys

from granian import Granian
from granian.constants import Interfaces

from starlette.types import Receive, Scope, Send


_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/xml"), (b"content-length", b"11")],
}
_BODY = {"type": "http.response.body", "body": b"<Response/>"}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Read a request to its end, and answer."""
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send(_START)
        await send(_BODY)


def main() -> None:
    """Serve."""
    Granian("bench.peers.floor:app", port=int(sys.argv[1]), interface=Interfaces.ASGI).serve()


if __name__ == "__main__":
    main()
