"""What a trial came to, in words and tables for people, and as values for programs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edge.interval import Interval
from edge.simulation.line import changes_in_a_day
from edge.simulation.outcome import Outcome
from edge.simulation.play import Off
from edge.simulation.trial import PLAIN, SHARES, Trial
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS, format_money

_COLUMNS = ("people", "people in the flood", "senders", "trolls", "replies", "receiving", "bill")
_DAYS_SHOWN = 40


def night_lines(name: str, outcome: Outcome, currency: str) -> Iterator[str]:
    """Yield what one night came to."""
    lasted = _lasted(outcome.lasted_ms)
    yield f"{name}: {outcome.messages:,} messages in {lasted}; {outcome.senders:,} senders with a price"
    if outcome.people is None:
        yield f"answered: {_of(outcome.senders_answered, outcome.senders)} senders; who of them is genuine nobody knows"
    else:
        yield f"people answered: {_of(outcome.people_answered or 0, outcome.people)}"
        if outcome.flood_people:
            yield f"  of those who first wrote in the flood: {_of(outcome.flood_people_answered or 0, outcome.flood_people)}"
        if outcome.bound is not None:
            yield f"  no policy that cannot tell people from trolls exceeds {_percent(outcome.bound)} on average"
        yield f"trolls got: {format_money(outcome.trolls_micros or 0)} {currency} of replies"
    yield (
        f"bill: {format_money(outcome.bill_micros)} {currency}: {format_money(outcome.replies_micros)} for "
        f"{outcome.replies:,} replies, {format_money(outcome.received_micros)} for receiving"
    )
    if outcome.may_detach:
        for index, off in enumerate(outcome.off):
            of = f"number[{index}] " if len(outcome.off) > 1 else ""
            yield (
                f"{of}detached: {off.off_ms / HOUR_MS:.1f} hours, in which {off.held_back:,} messages were held back; "
                f"{changes_in_a_day(off.changes_ms)} changes in the worst 24 hours"
            )
    yield from _days(outcome, currency)
    yield _kitty(outcome, currency)
    yield "reasons: " + ", ".join(f"{count:,} {reason}" for reason, count in outcome.reasons.items())


def _lasted(lasted_ms: int) -> str:
    for unit, unit_ms in (("days", DAY_MS), ("hours", HOUR_MS), ("minutes", MINUTE_MS)):
        if lasted_ms >= unit_ms:
            return f"{lasted_ms / unit_ms:.1f} {unit}"
    return f"{lasted_ms / 1000:.1f} seconds"


def _days(outcome: Outcome, currency: str) -> Iterator[str]:
    for day, (replies, received) in enumerate(outcome.by_day_micros[:_DAYS_SHOWN], start=1):
        yield f"  day {day}: {format_money(replies)} {currency} for replies, {format_money(received)} for receiving"
    if len(outcome.by_day_micros) > _DAYS_SHOWN:
        yield f"  ... and {len(outcome.by_day_micros) - _DAYS_SHOWN:,} days more (--json has all)"


def _kitty(outcome: Outcome, currency: str) -> str:
    left = outcome.kitty_micros - outcome.bill_micros
    if outcome.kitty_ended_ms is not None:
        hours = outcome.kitty_ended_ms / HOUR_MS
        return f"kitty: spent; the first who got nothing for want of money wrote after {hours:.1f} hours"
    a_day = outcome.bill_micros / max(1.0, outcome.lasted_ms / DAY_MS)
    more = f", enough for {left / a_day:,.1f} days more of this" if a_day and left > 0 else ""
    return f"kitty: {format_money(left)} {currency} of {format_money(outcome.kitty_micros)} left{more}"


def figure_lines(trial: Trial, currency: str) -> Iterator[str]:
    """Yield the figures of several nights, with their intervals."""
    yield f"means of {len(trial.outcomes)} traces, with 95 % intervals:"
    for name, figure in trial.figures().items():
        yield f"  {_title(name, currency):24}{shown(name, figure)}"


def comparison_lines(files: tuple[str, str], first: Trial, second: Trial, currency: str) -> Iterator[str]:
    """Yield two files side by side, and what the difference is in the same nights."""
    mine, theirs, apart = first.figures(), second.figures(), first.against(second)
    yield f"{files[0]} -> {files[1]}, the same {len(first.outcomes)} traces:"
    for name, difference in apart.items():
        chance = (
            ""
            if difference.plus_minus is None
            else ", beyond chance"
            if difference.is_beyond_chance
            else ", may be chance"
        )
        yield (
            f"  {_title(name, currency):24}{shown(name, mine[name])} -> {shown(name, theirs[name])}: "
            f"{shown(name, difference, signed=True)}{chance}"
        )
    for name in [name for name in theirs if name not in mine]:
        yield f"  {_title(name, currency):24}{shown(name, theirs[name])}"
    if len(first.outcomes) == 1:
        yield "  one trace tells nothing about chance; `python -m loadtest trace SCENARIO --seeds 20` writes several"


def sweep_lines(keys: Sequence[str], rows: Sequence[tuple[tuple[str, ...], Trial]], currency: str) -> Iterator[str]:
    """Yield a table with a line for each file of a sweep."""
    names = [name for name in _COLUMNS if name in rows[0][1].figures()]
    yield " | ".join([*keys, *(_title(name, currency) for name in names)])
    for values, trial in rows:
        figures = trial.figures()
        yield " | ".join([*values, *(shown(name, figures[name]) for name in names)])


def shown(name: str, figure: Interval, *, signed: bool = False) -> str:
    """Return a figure: a share as percent, money with two decimals; with its interval, if it has one."""
    factor, unit = (100.0, " %") if name in SHARES else (1.0, "")
    places = 1 if name in SHARES else 2
    sign = "+" if signed else ""
    spread = "" if figure.plus_minus is None else f" ±{figure.plus_minus * factor:.{places}f}"
    return f"{figure.mean * factor:{sign}.{places}f}{spread}{' points' if unit and signed else unit}"


def night_values(name: str, outcome: Outcome) -> dict[str, Any]:
    """Return one night for a program; money as decimal strings."""
    return {
        "trace": name,
        "messages": outcome.messages,
        "by_reason": outcome.reasons,
        "senders": {"all": outcome.senders, "answered": outcome.senders_answered},
        "people": _people(outcome.people, outcome.people_answered),
        "people_in_the_flood": _people(outcome.flood_people, outcome.flood_people_answered),
        "bound": outcome.bound,
        "held_back": outcome.held_back,
        "hours_off": outcome.off_ms / HOUR_MS,
        "changes_in_a_day": outcome.changes,
        **({"numbers": [_off_values(off) for off in outcome.off]} if len(outcome.off) > 1 else {}),
        "replies": outcome.replies,
        "spent": {"replies": format_money(outcome.replies_micros), "received": format_money(outcome.received_micros)},
        "trolls": None if outcome.trolls_micros is None else format_money(outcome.trolls_micros),
        "days": [{"replies": format_money(a), "received": format_money(b)} for a, b in outcome.by_day_micros],
        "kitty_left": format_money(outcome.kitty_micros - outcome.bill_micros),
        "kitty_ended_after_s": None if outcome.kitty_ended_ms is None else outcome.kitty_ended_ms / 1000,
    }


def _off_values(off: Off) -> dict[str, Any]:
    return {
        "held_back": off.held_back,
        "hours_off": off.off_ms / HOUR_MS,
        "changes_in_a_day": changes_in_a_day(off.changes_ms),
    }


def figure_values(figures: Mapping[str, Interval], *, differences: bool = False) -> dict[str, Any]:
    """Return figures for a program: shares from 0 to 1, money in whole units."""
    return {
        name: {"mean": figure.mean, "plus_minus": figure.plus_minus}
        | ({"beyond_chance": figure.is_beyond_chance} if differences else {})
        for name, figure in figures.items()
    }


def _people(number: int | None, answered: int | None) -> dict[str, int | None] | None:
    return None if number is None else {"all": number, "answered": answered}


def _title(name: str, currency: str) -> str:
    return name if name in PLAIN else f"{name}, %" if name in SHARES else f"{name}, {currency}"


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({_percent(part / whole)})" if whole else "nobody wrote"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
