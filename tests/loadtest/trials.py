"""Trials on paper: what is kept of several seeds, made up to the digit."""

from fractions import Fraction

from loadtest.flood.thresholds import NAMES, evaluate, parse
from loadtest.judge.promise import Promise
from loadtest.judge.trial import Head, Played, Trial
from loadtest.judge.verdict import Verdict

HEAD = Head("raid", "A raid.", "EUR", 1.0, 480.0, 1, "a-machine", {"antirelou": "1"})
QUIET = {"lag.p99_ms": Fraction(1), "messages.sent": Fraction(100)}


def trial_of(floods, *thresholds, asked=None, head=HEAD, **more):
    """Return a trial of floods with these figures; each holds the thresholds, and keeps two promises unless told otherwise."""
    played = [_played(seed, figures, thresholds, **more) for seed, figures in enumerate(floods, start=1)]
    return Trial(head, tuple(played), len(played) if asked is None else asked)


def shares(*values, **more):
    """Return the figures of floods that answered these shares of the people."""
    return [{"genuine.answered_share": value if value is None else Fraction(value), **more} for value in values]


def _played(seed, figures, thresholds, promises=None, shortcomings=None):
    known = {name: Fraction(0) for name in NAMES} | QUIET | figures
    kept = (Promise("nobody is robbed"), Promise(f"between {seed} and 1,{seed}00 replies"))
    verdict = Verdict(
        (promises or {}).get(seed, kept),
        tuple(evaluate(map(parse, (*thresholds, "lag.p99_ms < 50")), known)),
        known,
        (shortcomings or {}).get(seed, ()),
    )
    return Played(seed, 100, 2.5, "2026-11-29T03:00:00Z", verdict)
