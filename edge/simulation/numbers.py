"""Stand-in numbers: for each sender of a trace one that the gate treats as it would treat the real one.

1. They begin with a code that no country has, then say which priced prefix it is, then the blocks one in the other, so that two
   of them are alike but for their last 2, 3, 4 or 5 digits exactly if the real ones were.
2. Who was no person is a word; who had no price has a prefix that leads nowhere.
3. Routes lead from the stand-in prefixes to where the file has the real ones led. What a trace does not tell is refused.
"""

from collections.abc import Mapping

from edge.core.answering.routes import Routes
from edge.core.charging.question import Route
from edge.core.wire.reason import Reason
from edge.simulation.recording import Met, Recording, TraceError

_PRICED, _UNPRICED = "+999", "+998"
_PREFIXES_MAX = 100
_LEVELS = (100_000, 10, 10, 10, 100)
"""How many blocks of five digits a prefix may have, blocks of four in one of five, and so on down to senders in one of two."""
BLOCK_DIGITS = (2, 3, 4, 5)


class Numbers:
    """The stand-ins of one trace."""

    def __init__(self) -> None:
        self._prefixes: dict[str, int] = {}
        self._known: dict[str, str] = {}
        self._places: dict[str, dict[str, int]] = {}
        """What stands in each block, and for a prefix, in the order in which it came."""

    def of(self, met: Met, name: str) -> str:
        """Return the number of a sender. Raises TraceError where a trace cannot be one of telephone numbers."""
        known = self._known.get(met.sender)
        if known is None:
            known = self._known[met.sender] = self._new(met, name)
        return known

    def routes(self, recording: Recording, routes: Routes) -> Routes:
        """Return where the stand-ins lead, by a file's routes. Raises TraceError where the trace does not tell."""
        for prefix in routes.prefixes:
            whole = next((told for told in self._prefixes if prefix != told and prefix.startswith(told)), None)
            if whole is not None:
                raise TraceError(
                    f'price.reply: "{prefix}" is a part of "{whole}", and {recording.name} does not tell who has it; '
                    f'price "{whole}" as a whole, or record with that price'
                )
            if prefix not in recording.prefixes and self._is_untold(prefix, recording):
                raise TraceError(
                    f'price.reply: "{prefix}" had no price when {recording.name} was recorded, so it does not tell who has '
                    "it; leave that price out, or record with it"
                )
        found: Mapping[str, Route | None] = {prefix: routes.find(prefix) for prefix in self._prefixes}
        return Routes({self._prefix(prefix): route for prefix, route in found.items() if route is not None})

    def _is_untold(self, prefix: str, recording: Recording) -> bool:
        """Return whether somebody without a price may have a prefix."""
        under = any(told.startswith(prefix) for told in recording.prefixes)
        return not under and any(number.startswith(_UNPRICED) for number in self._known.values())

    def _new(self, met: Met, name: str) -> str:
        if not met.prefix:
            if met.reason is Reason.NOT_A_PERSON or not met.sender:
                return f"NOBODY{len(self._known)}"
            return f"{_UNPRICED}{len(self._known):09}"
        if len(met.blocks) != len(BLOCK_DIGITS):
            raise TraceError(f"{name}: the sender {met.sender} has a price and no blocks; a worker records both")
        self._prefixes.setdefault(met.prefix, len(self._prefixes))
        if len(self._prefixes) > _PREFIXES_MAX:
            raise TraceError(f"{name}: more than {_PREFIXES_MAX} prefixes; take the prices of some of them together")
        number = self._prefix(met.prefix)
        inside = met.prefix
        for least, block in zip(_LEVELS, (*reversed(met.blocks), met.sender), strict=True):
            places = self._places.setdefault(inside, {})
            place = places.setdefault(block, len(places))
            if place >= least:
                raise TraceError(f"{name}: more than {least:,} in one block; a trace of telephone numbers has fewer")
            number += f"{place:0{len(str(least - 1))}}"
            inside = block
        return number

    def _prefix(self, prefix: str) -> str:
        return f"{_PRICED}{self._prefixes[prefix]:02}"
