"""The floor: an ASGI handler that receives once and sends two prepared messages, on the same Granian with the same options as ours, in batches as well.

Nothing that answers a request can be cheaper there, so what our worker takes beyond it is our own share.
`python -m bench.peers.floor FILE`: the static file says where to listen, as for ours. With a second argument, `unread`, it leaves
the body unread: the difference is what Granian takes to hand a body over, which a server that brings it with the request would save.
"""

import sys
from pathlib import Path

from granian import Granian
from starlette.types import Receive, Scope, Send

from edge.configfile import load
from edge.system import scheduling
from edge.web.listening import options

_BODY = b"<Response/>"
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/xml"), (b"content-length", str(len(_BODY)).encode())],
}
_END = {"type": "http.response.body", "body": _BODY}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Receive once, and answer."""
    if scope["type"] == "http":
        await receive()
        await send(_START)
        await send(_END)


async def unread(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer without the body."""
    if scope["type"] == "http":
        await send(_START)
        await send(_END)


def main() -> None:
    """Serve until SIGTERM."""
    path, app_name = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "app"
    scheduling.work_in_batches()
    Granian(f"bench.peers.floor:{app_name}", **options(load(path), path.parent)).serve()


if __name__ == "__main__":
    main()
