"""The charts of a report: from a judgement to plots, each with its title and what its colours mean."""

import math
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from markupsafe import Markup

from loadtest.judge.histogram import Histogram
from loadtest.judge.judgement import Judgement
from loadtest.judge.seen import MOMENT_US, SECOND_US, Reply
from loadtest.provider.money import MICROS
from loadtest.report.plots import Chart, Point, linear, logarithmic, nines, short, spanning

_BINS_MAX = 120
_MS_US = 1000


class Panel(msgspec.Struct, frozen=True):
    """A chart and its surroundings."""

    title: str
    svg: Markup
    legend: tuple[tuple[str, str], ...]
    """A style's name, and what it stands for."""
    note: str = ""


def panels_of(judgement: Judgement) -> Iterator[Panel]:
    """Yield the charts of a report, in their order."""
    yield _messages(judgement)
    yield _replies(judgement)
    yield _money(judgement)
    yield _percentiles(judgement)
    yield _ranks(judgement)


def _seconds(judgement: Judgement) -> float:
    """Return how long the charts over time are."""
    tally = judgement.evidence.tally
    played_us = max(tally.played_us.values(), default=0)
    return max([SECOND_US, played_us, *((place + 1) * MOMENT_US for place in tally.moments)]) / SECOND_US


def _steps(seconds: float, counts: Iterable[tuple[int, int]]) -> list[Point]:
    """Return a staircase: the average in a second over a few moments each, so few that it can be drawn."""
    moments = math.ceil(seconds * SECOND_US / MOMENT_US)
    width = -(-moments // _BINS_MAX)
    width_s = width * MOMENT_US / SECOND_US
    bins = [0.0] * -(-moments // width)
    for place, count in counts:
        bins[min(place // width, len(bins) - 1)] += count / width_s
    return [(edge * width_s, value) for place, value in enumerate(bins) for edge in (place, place + 1)]


def _highest(*curves: Iterable[Point]) -> float:
    return max(value for curve in curves for _, value in curve)


def _messages(judgement: Judgement) -> Panel:
    seconds = _seconds(judgement)
    moments = judgement.evidence.tally.moments
    sent = _steps(seconds, ((place, seen.sent) for place, seen in moments.items()))
    done = _steps(seconds, ((place, seen.done) for place, seen in moments.items()))
    y = linear(_highest(sent, done), "requests a second")
    chart = Chart(spanning(seconds, "time, s"), y, "Requests over time").area(sent, "flood").line(done, "done")
    return Panel("Requests over time", chart.svg(), (("flood", "sent"), ("done", "answered, silence included")))


def _replies(judgement: Judgement) -> Panel:
    seconds, genuine = _seconds(judgement), judgement.evidence.demand.genuine
    replies = list(judgement.evidence.account.replies())
    everybody = _steps(seconds, ((reply.done_us // MOMENT_US, 1) for reply in replies))
    people = _steps(seconds, ((reply.done_us // MOMENT_US, 1) for reply in replies if reply.sender in genuine))
    y = linear(_highest(everybody), "replies a second")
    chart = Chart(spanning(seconds, "time, s"), y, "Replies over time").area(everybody, "trolls").area(people, "people")
    legend = (("people", "to genuine senders"), ("trolls", "to everybody else, on top"))
    return Panel("Replies over time", chart.svg(), legend)


def _money(judgement: Judgement) -> Panel:
    run, evidence, seconds = judgement.run, judgement.evidence, _seconds(judgement)
    pace, kitty = run.pace, evidence.kitty_left_micros / MICROS
    start, slope = float(pace.size) / MICROS, float(pace.per_us) * SECOND_US / MICROS
    reached = min(seconds, max(0.0, (kitty - start) / slope))
    budget = [
        (0.0, min(start, kitty)),
        (reached, min(start + slope * reached, kitty)),
        (seconds, min(start + slope * seconds, kitty)),
    ]
    replies = list(evidence.account.replies())
    genuine = [reply for reply in replies if reply.sender in evidence.demand.genuine]
    spent, to_people = _spent(replies, seconds), _spent(genuine, seconds)
    most = max(spent[-1][1], budget[-1][1])
    title = f"replies, {run.config.price.currency}"
    chart = Chart(spanning(seconds, "time, s"), linear(most, title), "Money over time")
    chart.area(spent, "trolls").area(to_people, "people").line(budget, "budget")
    legend = (
        ("people", "to genuine senders"),
        ("trolls", "to everybody else, on top"),
        ("budget", "most that pace and kitty allow"),
    )
    return Panel("Money over time", chart.svg(), legend)


def _spent(replies: Sequence[Reply], seconds: float) -> list[Point]:
    points, micros = [(0.0, 0.0)], 0
    for reply in replies:
        points.append((reply.done_us / SECOND_US, micros / MICROS))
        micros += reply.price_micros
        points.append((reply.done_us / SECOND_US, micros / MICROS))
    return [*points, (seconds, micros / MICROS)]


def _percentiles(judgement: Judgement) -> Panel:
    tally = judgement.evidence.tally
    curves = {"corrected": tally.corrected, "service": tally.service, "lag": tally.lag}
    longest_us = max(_MS_US, *(histogram.max_us for histogram in curves.values()))
    shortest_us = min(
        [longest_us, *(max(us, 10) for histogram in (tally.corrected, tally.service) for us, _ in histogram)]
    )
    y = logarithmic(shortest_us / _MS_US, longest_us / _MS_US, "latency", _duration)
    chart = Chart(nines(tally.count(), "share of the requests that were faster"), y, "Latency by percentile")
    for style, histogram in curves.items():
        chart.line(_curve(histogram), style)
    legend = (
        ("corrected", "from when it was due (corrected)"),
        ("service", "from when it was sent (service)"),
        ("lag", "how late the generator was (lag)"),
    )
    return Panel("Latency by percentile", chart.svg(), legend)


def _curve(histogram: Histogram) -> Iterator[Point]:
    total, seen = max(1, histogram.count), 0
    for us, count in histogram:
        yield seen / total, us / _MS_US
        seen += count
        yield (seen - 0.5) / total, us / _MS_US


def _duration(ms: float) -> str:
    return f"{ms / 1000:g} s" if ms >= 1000 else f"{ms:g} ms"  # noqa: PLR2004  a second


def _ranks(judgement: Judgement) -> Panel:
    counts = sorted(judgement.evidence.demand.counts.values(), reverse=True)
    got = sorted((len(replies) for replies in judgement.evidence.account.by_sender().values()), reverse=True)
    x = logarithmic(1, max(10, len(counts)), "senders, the busiest first", short)
    y = logarithmic(1, max([10, *counts]), "messages, replies", short)
    chart = Chart(x, y, "Messages and replies by sender")
    chart.dots(_ranked(counts), "flood").dots(_ranked(got), "people")
    legend = (("flood", "requests of a sender"), ("people", "replies to a sender"))
    return Panel("Messages and replies by sender", chart.svg(), legend)


def _ranked(counts: Sequence[int]) -> list[Point]:
    """Return ranks and counts, the farther down the fewer: on a logarithmic axis they would lie on each other."""
    points, rank = [], 1
    while rank <= len(counts):
        points.append((float(rank), float(counts[rank - 1])))
        rank += 1 + rank // 20
    return points
