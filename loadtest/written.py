"""A flood as a trace that nobody has played: the messages that it would send, as docs/reference/trace.md has them. Pure.

Who is a person with which price follows from the static file, as the harness reads it. Requests that are no message (forged,
malformed, too large) are left out, as a worker leaves them out. The numbers are made up, so the hashes hide nobody.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import blake2b

import msgspec

from edge.config import Config
from loadtest.flood.scenario import Scenario
from loadtest.flood.stream import arrivals
from loadtest.flood.trace import FIELDS, NUMBER, VERSION
from loadtest.provider.prices import Prices, prices_of
from loadtest.provider.segments import received

BEGAN_MS = 1_509_062_400_000
"""When all of them begin: the night to Friday, 27 October 2017, UTC."""
_BLOCK_DIGITS = (2, 3, 4, 5)
_HASH_BYTES, _BLOCK_BYTES = 8, 6


def written(scenario: Scenario, config: Config, *, seed: int, rate: float = 1.0, speed: float = 1.0) -> Iterator[str]:
    """Yield a flood of the numbers of a file as the lines of a trace, in the world's time unless it is to be faster.

    Where the scenario gives away several it tells of as many, whatever the file has.
    """
    numbers = len(config.numbers) if scenario.numbers is None else scenario.numbers.count
    prices, several = prices_of(config), numbers > 1
    yield _json(
        {
            "trace": "antirelou",
            "version": VERSION,
            "fields": (*FIELDS, NUMBER) if several else FIELDS,
            "prefixes": sorted({prefix for one in prices for prefix in one.prefixes}),
            "floods": [[BEGAN_MS + int(us / speed) // 1_000 for us in flood] for flood in floods(scenario)],
        }
        | ({"numbers": numbers} if several else {})
    )
    hashes, genuine = _Hashes(seed), set[str]()
    scenario = msgspec.structs.replace(scenario, speed=speed)
    for arrival in arrivals(scenario, seed=seed, rate=rate, phone=config.number.phone, numbers=numbers):
        if not arrival.kind.is_message:
            continue
        sender = arrival.sender
        if arrival.genuine:
            genuine.add(sender)
        who, prefix, blocks = hashes.who(sender, prices)
        reason = None if prefix else "unserved" if prices[0].is_person(sender) else "not_a_person"
        message = hashes.of(arrival.message_id, _HASH_BYTES)
        segments = received(arrival.text)
        yield _json(
            [
                BEGAN_MS + arrival.at_us // 1_000,
                who,
                reason,
                segments,
                message,
                prefix,
                blocks,
                arrival.picture,
                "",
                sender in genuine,
                *([arrival.number] if several else []),
            ]
        )


def floods(scenario: Scenario) -> list[tuple[int, int]]:
    """Return the times in which others than people write, in microseconds from the beginning, none touching another."""
    merged: list[tuple[int, int]] = []
    phases = (phase for phase in scenario.phase if not phase.genuine and phase.kind.is_message)
    for start, end in sorted((int(phase.starts), phase.starts + phase.lasts) for phase in phases):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


class _Hashes:
    """Hashes by a key that follows from the seed; a sender's are worked out once."""

    def __init__(self, seed: int) -> None:
        self._key = blake2b(f"flood/{seed}".encode()).digest()
        self._known: dict[str, tuple[str, str, list[str]]] = {}

    def who(self, sender: str, prices: Sequence[Prices]) -> tuple[str, str, list[str]]:
        """Return a sender's hash, prefix and blocks."""
        known = self._known.get(sender)
        if known is None:
            prefix = max((one.prefix(sender) for one in prices), key=len)
            blocks = [self.of(sender[:-digits], _BLOCK_BYTES) for digits in _BLOCK_DIGITS if prefix]
            known = self._known[sender] = self.of(sender, _HASH_BYTES), prefix, blocks
        return known

    def of(self, name: str, digest_size: int) -> str:
        """Return the hash of a name."""
        return blake2b(name.encode(), key=self._key, digest_size=digest_size).hexdigest()


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"
