"""Which channel is to be told what, and when once more. Pure: whoever calls it sends, and says what became of it.

1. What has not arrived, or not for now, is said again: soon at first, at most once a minute, for an hour.
2. What may have arrived is said once more, and no third time.
3. What was refused is not said again: an address or a secret is wrong, and stays so.
"""

from collections.abc import Iterator, Sequence

from edge.core.alerting.alert import Alert
from edge.core.alerting.saying import say
from edge.core.alerting.watching import Due, Notes
from edge.units import HOUR_MS, MINUTE_MS, SECOND_MS

FIRST_MS = 5 * SECOND_MS
AGAIN_MAX = 2
"""How often a channel may be told of which nobody knows whether it has it."""
FAILING_TRIES = 3
"""So many tries in vain, half a minute, make a channel one that fails."""


def add(notes: Notes, alerts: Sequence[Alert], channels: Sequence[str], now_ms: int) -> None:
    """Have alerts be said on channels."""
    notes.due = [*notes.due, *(Due(alert, list(channels), now_ms) for alert in alerts if channels)]


def ready(notes: Notes, channels: Sequence[str], now_ms: int) -> Iterator[tuple[Due, str]]:
    """Return what is to be said now, and where, and note that it is being said; what is for channels that are no longer there is dropped."""
    for due in notes.due:
        due.channels = [name for name in due.channels if name in channels]
        for name in due.channels:
            if name not in due.sending and due.next_ms.get(name, 0) <= now_ms:
                due.sending = [*due.sending, name]
                yield due, name
    notes.due = [due for due in notes.due if due.channels]


def settle(notes: Notes, due: Due, name: str, fate: str, now_ms: int) -> bool:
    """Note what became of it: done, refused, unknown, or anything else for not yet. Return whether the channel has begun to fail."""
    due.sending = [other for other in due.sending if other != name]
    tries = due.tries[name] = due.tries.get(name, 0) + 1
    is_over = (
        fate in {"done", "refused"} or (fate == "unknown" and tries >= AGAIN_MAX) or now_ms - due.begun_ms >= HOUR_MS
    )
    due.next_ms[name] = now_ms + min(MINUTE_MS, FIRST_MS << min(tries, 4))
    if is_over:
        due.channels = [other for other in due.channels if other != name]
    if fate == "done":
        notes.failing = [other for other in notes.failing if other != name]
        return False
    if name in notes.failing or not (is_over or tries >= FAILING_TRIES):
        return False
    notes.failing = [*notes.failing, name]
    return True


def take_over(notes: Notes, now_ms: int) -> None:
    """Go on with what somebody else was saying: nobody knows whether it arrived."""
    for due in notes.due:
        for name in list(due.sending):
            settle(notes, due, name, "unknown", now_ms)


def failing(language: str, name: str, why: str) -> Alert:
    """Return what the other channels are told of one that fails."""
    return say(language, "channel_failing", channel=name, why=why)
