"""The probe: one signed report of a delivery at each number, sent before a flood, tells a wrong set-up from a broken worker.

1. A report of the provider's is no message: an honest worker that has the same file and secrets answers 200, says nothing, counts
   it as `not_a_message` and books nothing. Whatever else comes back is the set-up's fault, and said on one line.
2. Nobody else may write to the worker meanwhile: what they would be answered, the flood would not.
"""

import http.client
import secrets
import socket
import time
from collections.abc import Sequence
from http import HTTPStatus

import gevent

from edge.core.wire.reason import Reason
from edge.errors import AntirelouError
from loadtest.engine.target import Target
from loadtest.flood.arrival import TIMEOUT_US
from loadtest.judge.status import Booked, Status
from loadtest.provider.money import show_money
from loadtest.provider.reading import Outcome, classify
from loadtest.provider.signing import Encoder
from loadtest.run.statusclient import StatusClient

_LISTEN_S = 1.0
"""Workers tell each other what they met about once a second."""
_SETTLING_S = 5.0
_PAUSE_S = 0.05
_WHY: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "another server stands before it; name the worker itself with --host",
    HTTPStatus.FORBIDDEN: "its secret, number.url or origin secret is another one; serve the file that the flood "
    "reads, with the same variables",
    HTTPStatus.NOT_FOUND: "the path of its number.url is another one; serve the file that the flood reads",
}


class SetupError(AntirelouError):
    """The flood cannot be played against what listens there."""


def probe(target: Target, encoders: Sequence[Encoder], status: StatusClient, *, own: bool) -> Status | None:
    """Return the books before the flood, None if they cannot be read. Raises SetupError.

    To a worker of the run's `own` nobody else can write.
    """
    before = status.read()
    began_s = time.monotonic()
    for encoder in encoders:
        _try(target, encoder)
    if before is None:
        return None
    while True:
        after = status.read()
        waited_s = time.monotonic() - began_s
        counted = after is not None and Booked.between(before, after).of(Reason.NOT_A_MESSAGE) >= len(encoders)
        if (counted and (own or waited_s >= _LISTEN_S)) or waited_s >= _SETTLING_S:
            break
        gevent.sleep(_PAUSE_S)
    if after is None or not counted:
        raise SetupError(
            f"{target.name} answers a delivery report, but its /status.json does not count it as "
            f"{Reason.NOT_A_MESSAGE.value}: the two are not of one worker"
        )
    _refuse_others(target, Booked.between(before, after))
    return after


def _try(target: Target, encoder: Encoder) -> None:
    code, body = _send(target, encoder.report(f"SM{secrets.token_hex(16)}"))
    if code != HTTPStatus.OK:
        why = _WHY.get(code, "it is no worker of this number")
        raise SetupError(f"{target.name} answers a signed delivery report with {code}: {why}")
    if classify(code, body).outcome is not Outcome.SILENCE:
        raise SetupError(
            f"{target.name} answers a delivery report as if it were a message: it is no worker of this number, or it "
            "pays for what is none"
        )


def _refuse_others(target: Target, booked: Booked) -> None:
    if booked.messages:
        raise SetupError(
            f"somebody else writes to {target.name}: {booked.messages} messages came while the set-up was tried; end "
            "that first, or have a worker of your own flooded (python -m loadtest)"
        )
    micros = booked.replies_micros + booked.received_micros
    if micros:
        raise SetupError(f"{target.name} books {show_money(micros)} for a delivery report, which costs nothing")


def _send(target: Target, request: bytes) -> tuple[int, bytes]:
    timeout_s = TIMEOUT_US / 1e6
    try:
        with socket.socket(target.family) as connection:
            connection.settimeout(timeout_s)
            connection.connect(target.address)
            connection.sendall(request)
            response = http.client.HTTPResponse(connection)
            response.begin()
            return response.status, response.read()
    except TimeoutError:
        raise SetupError(f"{target.name} does not answer within {timeout_s:g} s") from None
    except OSError as error:
        raise SetupError(f"no worker answers at {target.name}: {error.strerror or error}; start it first") from None
    except http.client.HTTPException as error:
        raise SetupError(f"{target.name} does not speak HTTP: {type(error).__name__}") from None
