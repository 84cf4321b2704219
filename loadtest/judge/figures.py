"""The figures of a run by name, exact: what thresholds are held against, and what the verdict's JSON lists."""

from collections import Counter
from fractions import Fraction

from loadtest.flood.arrival import Kind
from loadtest.flood.thresholds import QUANTILES
from loadtest.judge.account import Account
from loadtest.judge.evidence import Evidence
from loadtest.judge.fairness import Fairness
from loadtest.judge.histogram import Histogram
from loadtest.judge.seen import MOMENT_US, SECOND_US
from loadtest.judge.tally import Tally
from loadtest.provider.money import MICROS, in_units
from loadtest.provider.reading import Outcome

Figures = dict[str, Fraction | None]


def figures(evidence: Evidence, fair: Fairness) -> Figures:
    """Return every figure that a threshold may bound; None where a run cannot have one."""
    tally, account = evidence.tally, evidence.account
    return {
        "cost.total": in_units(_spent_micros(evidence)),
        "cost.received": in_units(fair.received_micros),
        "cost.bill": in_units(_spent_micros(evidence) + fair.received_micros),
        "cost.genuine": in_units(fair.genuine_micros),
        "cost.trolls": in_units(fair.trolls_micros),
        "cost.per_genuine": None if fair.per_genuine_micros is None else fair.per_genuine_micros / MICROS,
        "cost.without_gate": in_units(fair.without_gate_micros),
        "replies.total": Fraction(len(account.paid)),
        "replies.forged": Fraction(sum(not reply.kind.is_message for reply in tally.replies)),
        "replies.per_sender_max": Fraction(_most_per_sender(account)),
        "messages.sent": Fraction(tally.count()),
        "messages.held_back": Fraction(len(tally.held_back)),
        "messages.unknown": Fraction(_unknown(tally)),
        "messages.errors": Fraction(tally.count(outcome=Outcome.ERROR)),
        "genuine.senders": Fraction(fair.genuine),
        "genuine.answered": Fraction(fair.answered),
        "genuine.answered_share": fair.share,
        "genuine.share_of_possible": fair.share_of_possible,
        **_throughput(tally),
        "connections.opened": Fraction(tally.connections),
        "connections.waited": Fraction(tally.connection_limit_hits),
        "generator.cpu_share": Fraction(tally.cpu_share).limit_denominator(10_000),
        **_latency("corrected", tally.corrected),
        **_latency("service", tally.service),
        **_latency("lag", tally.lag),
    }


def _spent_micros(evidence: Evidence) -> int:
    """Return what the replies cost, unseen ones included: as booked where the books can be read, else at most."""
    booked, account = evidence.booked, evidence.account
    if booked is None:
        return account.seen_micros + account.open_micros
    if evidence.strangers:  # theirs stands in the books as well
        return min(booked.replies_micros, account.seen_micros + account.open_micros)
    return max(account.seen_micros, booked.replies_micros)


def _most_per_sender(account: Account) -> int:
    return max((len(replies) for replies in account.by_sender().values()), default=0)


def _unknown(tally: Tally) -> int:
    """Return how many requests got no answer, those left out that never end and so cannot get one."""
    return tally.count(outcome=Outcome.UNKNOWN) - tally.count(kind=Kind.SLOW_LORIS, outcome=Outcome.UNKNOWN)


def _throughput(tally: Tally) -> Figures:
    """Return answers in a second: on average until the last one came, and in the slowest full second of what was played.

    What comes after the last arrival is on its way out: it belongs to the average, but no second there is a slow one.
    """
    if not tally.moments:
        return {"throughput.per_s": None, "throughput.min_per_s": None}
    done: Counter[int] = Counter()
    for place, seen in tally.moments.items():
        done[place * MOMENT_US // SECOND_US] += seen.done
    played_us = max(SECOND_US, max(tally.played_us.values(), default=0))
    last_us = max(((place + 1) * MOMENT_US for place, seen in tally.moments.items() if seen.done), default=0)
    return {
        "throughput.per_s": Fraction(done.total() * SECOND_US, max(played_us, last_us)),
        "throughput.min_per_s": Fraction(min(done[second] for second in range(played_us // SECOND_US))),
    }


def _latency(series: str, histogram: Histogram) -> Figures:
    if not histogram.count:
        return dict.fromkeys([f"{series}.{name}" for name in [*QUANTILES, "max_ms"]])
    quantiles = {name: histogram.quantile_us(share) for name, share in QUANTILES.items()} | {"max_ms": histogram.max_us}
    return {f"{series}.{name}": Fraction(us, 1000) for name, us in quantiles.items()}
