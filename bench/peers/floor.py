"""The floor: an ASGI handler that reads the body and answers with silence, on the same Granian with the same options as ours.

`python -m bench.peers.floor FILE`: the static file says where to listen, as for ours.
"""

import sys
from pathlib import Path

from granian import Granian
from starlette.types import Receive, Scope, Send

from edge.configfile import load
from edge.web.listening import options

_BODY = b"<Response/>"
_HEADERS = [(b"content-type", b"application/xml"), (b"content-length", str(len(_BODY)).encode())]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Read a request to its end, and answer."""
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": _BODY})


def main() -> None:
    """Serve until SIGTERM."""
    path = Path(sys.argv[1])
    Granian("bench.peers.floor:app", **options(load(path), path.parent)).serve()


if __name__ == "__main__":
    main()
