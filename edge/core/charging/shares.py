"""The pace where there are several numbers: an equal share for each, so that a flood on one leaves the others answering.

1. A reply takes from the share of its number and from the whole pace, and both have to grant it. So the pace binds all replies
   together whatever numbers there were before, or another machine's file has: a share decides who is answered, never what may be
   spent.
2. What a number does not spend stays its own. The shares together are never more than the whole, which frees itself no slower
   than they do: so where the numbers stay the same a share is not refused for what the others have used (but for what is
   rounded against us, a micro a reply, which comes free within milliseconds).
3. Where the numbers are others than before, what is used of the whole is used of all shares evenly: a new number brings nothing
   with it, and none waits for what another has spent alone.

`valkey_work.lua` says the same again.
"""

from collections.abc import Mapping, Sequence

import msgspec

from edge.core.limits.bucket import UNUSED, Bucket
from edge.units import divide_up


class Share(msgspec.Struct, frozen=True, gc=False):
    """What is used of the share of one number."""

    pace: Bucket = UNUSED
    reserve: Bucket = UNUSED
    replies: int = 0
    """How many were paid out of it, since it is one of several."""


def shares_of(held: Mapping[str, Share], numbers: Sequence[str], pace: Bucket, reserve: Bucket) -> Mapping[str, Share]:
    """Return the share of each number, as they are held; or evenly of what is used of all, where those are of other numbers."""
    if held.keys() == set(numbers):
        return held
    even = Share(_part(pace, len(numbers)), _part(reserve, len(numbers)))
    return {number: msgspec.structs.replace(even, replies=held.get(number, even).replies) for number in numbers}


def written(shares: Mapping[str, Share]) -> str:
    """Return shares as ledgers keep them: the number, the levels and instants of both buckets, and the replies."""
    return " ".join(
        f"{number} {share.pace.used} {share.pace.at_ms} {share.reserve.used} {share.reserve.at_ms} {share.replies}"
        for number, share in sorted(shares.items())
    )


def read(kept: str) -> dict[str, Share]:
    """Return the shares that were written."""
    parts = iter(kept.split())
    return {
        number: Share(
            Bucket(int(next(parts)), int(next(parts))), Bucket(int(next(parts)), int(next(parts))), int(next(parts))
        )
        for number in parts
    }


def _part(bucket: Bucket, numbers: int) -> Bucket:
    """Return the part of one: what comes free in a time is as much smaller, so it is free at the same instant."""
    return Bucket(divide_up(bucket.used, numbers), bucket.at_ms)
