"""What `[receiving]` comes to, whether it can hold, and what `check` says of it: from what sums on the number is to be detached."""

from collections.abc import Iterator
from typing import Any

from edge.config import Config
from edge.core.detaching.detach import WORTH_MESSAGES, DetachTerms
from edge.core.detaching.genuine import DAY_HOURS
from edge.meaning import insight
from edge.providers import provider_type
from edge.units import SECOND_MS, format_money

MESSAGES_PERSON = 3
"""So many messages a person writes at most, as far as anybody knows."""


def errors(config: Config) -> Iterator[str]:
    """Refuse to switch a number off where nobody says that it saves anything."""
    if config.receiving.detach != "yes":
        return
    for index, number in enumerate(config.numbers):
        why = provider_type(number.provider).no_detach
        of = f"{config.where(index)}: " if len(config.numbers) > 1 else ""
        if why:
            yield (
                f'receiving.detach: {of}at {number.provider} {why}, and nobody would be answered meanwhile; write "say" to '
                'hear of it, or "no"'
            )


def warnings(config: Config) -> Iterator[str]:
    """Say where what receiving may cost is less than what people cost, or nothing at all."""
    if config.receiving.detach == "no":
        return
    if config.receiving.detach == "yes" and config.alert.heartbeat_env is None:
        yield (
            "receiving.detach: if nobody runs, a number that is detached stays so; write alert.heartbeat-env, so that somebody "
            "notices"
        )
    for index in range(len(config.numbers)):
        yield from _number_warnings(config, index)
    detach = insight.detach_of(config)
    people_micros = detach.people_per_day * MESSAGES_PERSON * detach.segment_micros
    if detach.per_day_micros < people_micros:
        yield (
            f"receiving.per-day: {format_money(detach.per_day_micros)} is less than what the people expected may cost by "
            f"themselves ({format_money(people_micros)} a day): the number would be detached without a flood; raise it"
        )


def _number_warnings(config: Config, index: int) -> Iterator[str]:
    """Say it of one number, whose prices may be its own."""
    detach, of = insight.detach_of(config, index), f"{config.where(index)}: " if len(config.numbers) > 1 else ""
    if detach.segment_micros == 0:
        yield (
            f'receiving.detach: {of}price.received is "0", so detaching saves nothing; write what a segment costs, or '
            'detach = "no"'
        )
        return
    person_micros = MESSAGES_PERSON * detach.segment_micros
    if detach.per_answer_micros < person_micros:
        yield (
            f"receiving.per-answer: {of}{format_money(detach.per_answer_micros)} is less than the {MESSAGES_PERSON} messages that "
            f"a person may write ({format_money(person_micros)}): people alone would have the number detached; raise it"
        )


def as_json(config: Config) -> dict[str, Any]:
    """Return what `check --json` says of it; money as decimal strings. What each of several numbers may cost stands in `numbers`."""
    detach, numbers = insight.detach_of(config), len(config.numbers)
    each = [_number_json(config, index) for index in range(numbers)] if numbers > 1 else []
    return {
        "detach": config.receiving.detach,
        "time_off_worth": format_money(WORTH_MESSAGES * detach.segment_micros),
        "per_answer": format_money(detach.per_answer_micros),
        "people_per_day": detach.people_per_day,
        "hour": _hour(detach, 1),
        "per_day": format_money(detach.per_day_micros),
        "burst": format_money(detach.burst_micros),
        "time_off_s": detach.times.off_ms / SECOND_MS,
    } | ({"numbers": each} if each else {})


def _number_json(config: Config, index: int) -> dict[str, Any]:
    detach = insight.detach_of(config, index)
    return {
        "number": config.where(index),
        "time_off_worth": format_money(WORTH_MESSAGES * detach.segment_micros),
        "per_answer": format_money(detach.per_answer_micros),
        "hour": _hour(detach, len(config.numbers)),
    }


def _hour(detach: DetachTerms, numbers: int) -> str:
    """Return what receiving may cost in an hour at one of so many numbers, among which the people expected are shared out evenly."""
    return format_money(detach.per_answer_micros * detach.people_per_day // (DAY_HOURS * numbers))
