"""The reasons why messages were answered or not: from the worker's books, or without them from what was seen."""

import msgspec

from loadtest.judge.evidence import Evidence

MEANINGS = {
    "answered": "the reply was paid and sent",
    "duplicate": "delivered again, and answered again for nothing",
    "paused": "the number is switched off",
    "not_a_person": "no number that a person can have",
    "opted_out": "asked to be left alone",
    "unserved": "no price for that prefix",
    "sender_limit": "had its reply already",
    "block_limit": "too many numbers alike",
    "pace_limit": "the pace had nothing left just then",
    "kitty_spent": "the kitty is empty",
    "ledger_down": "nobody could write it down, so nothing was paid",
    "fault": "something went wrong inside the worker; silent all the same",
    "not_a_message": "signed, but a report or our own",
    "bad_signature": "not signed by the provider",
    "malformed": "not a message",
    "too_large": "longer than any message",
    "too_slow": "its body never came",
    "wrong_method": "not how the provider asks",
    "wrong_type": "not a form",
    "not_found": "another address",
    "not_our_edge": "not by way of the CDN",
    "reply": "with money in it",
    "silence": "with nothing in it",
    "refused": "an error that says: not from the provider",
    "error": "an error that a provider would take for a reason to ask again",
    "unknown": "no answer came",
}


class Bar(msgspec.Struct, frozen=True):
    """The number of messages that met with one reason."""

    name: str
    meaning: str
    count: int
    percent: float
    """Of the longest bar."""

    @property
    def style(self) -> str:
        """Its class in the style sheet: what cost money stands out."""
        return "answered" if self.name in ("answered", "reply") else "other"


class Answers(msgspec.Struct, frozen=True):
    """All bars of a flood, the longest first."""

    title: str
    bars: list[Bar]


def answers_of(evidence: Evidence) -> Answers:
    """Return how many messages met with which reason, or had which outcome."""
    booked, tally = evidence.booked, evidence.tally
    if booked is not None:
        title, counts = "Answers by reason", booked.by_reason
    else:
        title, counts = "Answers as seen", {outcome.value: tally.count(outcome=outcome) for _, outcome in tally.counts}
    most = max(counts.values(), default=1)
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return Answers(title, [Bar(name, MEANINGS.get(name, ""), count, 100 * count / most) for name, count in ordered])
