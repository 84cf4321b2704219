"""The same questions to every contestant before it is timed: who does not do the job is not compared.

A sender is answered once, whatever is in the text; then there is silence. What is forged is refused with 403, and takes
nothing from the sender in whose name it came. A floor does nothing of this, and has to be silent always.
"""

from collections.abc import Iterator, Mapping

from bench.generators.exchange import Client, Exchange
from bench.number import REPLY
from bench.workload import CHECK_FROM, forged, genuine, sender_at
from loadtest.provider.reading import Outcome

Sizes = Mapping[Outcome, int]
"""The bytes in each kind of response."""

_STATUS = {Outcome.REPLY: 200, Outcome.SILENCE: 200, Outcome.REFUSED: 403}
_ODD_TEXT = "Été à 100 % ? 5€ & 1+1=2 «\N{FACE THROWING A KISS}» +"


class WrongAnswer(Exception):
    """A contestant does not do the job."""


def check(port: int, *, floor: bool) -> Sizes:
    """Ask, compare, and return the sizes of the responses. Raises WrongAnswer."""
    sizes = {}
    with Client(port) as client:
        for what, raw, expected in questions():
            outcome = Outcome.SILENCE if floor else expected
            exchange = client.ask(raw)
            _expect(what, exchange, outcome)
            sizes[expected] = exchange.size
    return sizes


def questions() -> Iterator[tuple[str, bytes, Outcome]]:
    """Return what is asked in order, and what it has to come to."""
    first, second, third = (sender_at(CHECK_FROM + n) for n in range(3))
    unsigned = genuine(CHECK_FROM + 4, third).replace(b"X-Twilio-Signature", b"X-Other")
    yield "a message without a signature", unsigned, Outcome.REFUSED
    yield "a first message", genuine(CHECK_FROM, first), Outcome.REPLY
    yield "a second message", genuine(CHECK_FROM + 1, first), Outcome.SILENCE
    yield "a forgery", forged(CHECK_FROM + 2, second), Outcome.REFUSED
    yield "a first message after a forgery in its name", genuine(CHECK_FROM + 5, second), Outcome.REPLY
    yield "a first message in odd characters", genuine(CHECK_FROM + 3, third, _ODD_TEXT), Outcome.REPLY


def replies() -> int:
    """Return how many of them are answered with a reply, and paid."""
    return sum(expected is Outcome.REPLY for _, _, expected in questions())


def _expect(what: str, got: Exchange, outcome: Outcome) -> None:
    text = REPLY if outcome is Outcome.REPLY else ""
    if (got.reading.outcome, got.reading.text, got.status) != (outcome, text, _STATUS[outcome]):
        raise WrongAnswer(
            f"{what} has to come to {_STATUS[outcome]} {outcome.value}, "
            f"and came to {got.status} {got.reading.outcome.value} {got.reading.text!r}"
        )
