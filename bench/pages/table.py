"""Results as Markdown tables. Pure: from figures to text.

A cell is a median with the lowest and the highest round behind it, so that nobody has to believe a median.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from bench.cost import Cost
from bench.generators.openloop import Wait
from bench.pages.targets import Target
from bench.results import OURS, SCHEDULINGS, Comparison, Machine, Run, Share, Spread
from bench.steps import Steps

_MIB = 1024 * 1024
_BYTES_PER_MESSAGE = 1_000
"""A request as Twilio sends it, with its headers and those of TCP and IP, rounded up."""
_WORK = ("in programs and libraries, µs", "in the kernel, µs", "switches to another thread")
_LOAD = 0.7
"""The share of a core beyond which queues grow."""
_ANSWERED = 0.01
"""The share of a flood's messages that is answered: more than the kitty of the example pays for within minutes."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table: the first column to the left, the others to the right."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float) -> str:
    """Return three digits that matter: 0.012, 1.23, 12.3, 12,345."""
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def cell(found: Spread | None) -> str:
    """Return a median and its extremes."""
    if found is None:
        return "-"
    if found.low == found.high:
        return number(found.median)
    return f"{number(found.median)} ({number(found.low)} to {number(found.high)})"


def machine_line(machine: Machine, how: str) -> str:
    """Return what the figures belong to, in two sentences."""
    packages = ", ".join(f"{name} {version}" for name, version in machine.packages.items())
    forms = f", forms read by {machine.forms} code" if machine.forms else ""
    return (
        f"{how} Measured on {machine.measured} at commit {machine.commit}: {machine.cpu}, {machine.cores} cores, "
        f"Linux {machine.kernel}, CPython {machine.python}{forms}, nginx {machine.nginx}, {packages}."
    )


def share_table(share: Share) -> str:
    """Return our own share beside what it is the difference of."""
    rows = [
        [
            workload_title,
            cell(share.own_us(workload)),
            cell(share.cpu_us("ours", workload, OURS)),
            cell(share.cpu_us("floor", workload, OURS)),
            cell(share.times("floor", workload)),
            cell(share.own_us(workload, "default")),
        ]
        for workload, workload_title in share.workloads.items()
    ]
    head = ["", "own share, µs", "whole server, µs", "floor, µs", "floor / whole", "own share by default, µs"]
    return table(head, rows)


def ratios_table(share: Share) -> str:
    """Return how many times our CPU time others take for the troll's messages, and how much that is."""
    rows = [
        [
            title,
            *(cell(share.times(name, "refused", scheduling)) for scheduling in SCHEDULINGS),
            *(cell(share.cpu_us(name, "refused", scheduling)) for scheduling in SCHEDULINGS),
        ]
        for name, title in share.contestants.items()
    ]
    titles = SCHEDULINGS.values()
    return table(["", *(f"times ours, {title}" for title in titles), *(f"µs, {title}" for title in titles)], rows)


def work_table(share: Share) -> str:
    """Return what each of the server's threads does for a refused message, of the floor and of ours."""
    rows = []
    for thread in share.threads("refused"):
        both = [share.work(name, "refused", thread) for name in ("floor", "ours")]
        for what, floor, ours in zip(_WORK, *both, strict=False):
            rows.append([f"`{thread}`: {what}", *(f"{figure:.1f}" for figure in (floor, ours, ours - floor))])
    return table(["", "floor", "ours", "more"], rows)


def processors_table(shares: Sequence[Share]) -> str:
    """Return our own share and what depends on it, a row for each kind of processor that was measured."""
    rows = [
        [
            f"{share.machine.cpu}, CPython {share.machine.python}",
            f"{share.machine.measured}, {share.machine.commit}",
            cell(share.own_us("refused")),
            cell(share.own_us("strangers")),
            cell(share.cpu_us("floor", "refused", OURS)),
            *(cell(share.times_at_best(name, "refused")) for name in ("floor", "fastapi", "flask", "nginx-lua")),
        ]
        for share in shares
    ]
    head = ["processor", "measured", "own share, one troll, µs", "own share, strangers, µs", "floor, µs"]
    return table([*head, "floor / whole", "FastAPI, times ours", "Flask, times ours", "nginx + Lua, times ours"], rows)


def comparison_table(comparison: Comparison, figure: Callable[[Run], float]) -> str:
    """Return a figure of every contestant under every workload."""
    head = ["", *comparison.workloads.values()]
    rows = [
        [title, *(cell(comparison.spread(name, workload, figure)) for workload in comparison.workloads)]
        for name, title in comparison.contestants.items()
    ]
    return table(head, rows)


def waits_table(comparison: Comparison) -> str:
    """Return how long senders waited at a steady rate, in milliseconds."""
    figures: list[Callable[[Wait], float]] = [
        lambda wait: wait.p50_us / 1_000,
        lambda wait: wait.p99_us / 1_000,
        lambda wait: wait.p999_us / 1_000,
        lambda wait: wait.lag_p99_us / 1_000,
    ]
    rows = [
        [title, *(cell(comparison.waits(name, figure)) for figure in figures)]
        for name, title in comparison.contestants.items()
    ]
    return table(["", "p50", "p99", "p99.9", "p99 of the generator's own lateness"], rows)


def targets_table(targets: Sequence[Target]) -> str:
    """Return what was promised beside what was found."""
    rows = [
        [
            target.text,
            f"{'≥' if target.at_least else '≤'} {target.limit:g}{target.unit}",
            f"{cell(target.found)}{target.unit}",
            "yes" if target.holds else "**no**",
        ]
        for target in targets
    ]
    return table(["target", "limit", "found", "holds"], rows)


def cost_table(cost: Cost) -> str:
    """Return what a worker costs besides time per message."""
    rows = [
        ["start to first reply, s", cell(cost.first_reply_s)],
        ["memory of the process that answers, MiB", number(cost.worker_rss_bytes / _MIB)],
        ["memory of all its processes, shared pages once, MiB", number(cost.tree_pss_bytes / _MIB)],
        [f"growth under {cost.senders:,} distinct senders, MiB", number(cost.senders_growth_bytes / _MIB)],
        ["of them answered, under the pace of the example file", f"{cost.senders_answered:,}"],
        ["a durable reply, one commit each, µs", cell(cost.reply_alone_us)],
        ["a durable reply, 100 waiting, µs", cell(cost.reply_grouped_us)],
        ["refused messages a second, alone", cell(cost.refused_alone)],
        [f"the same beside {cost.replies_per_second:.0f} replies a second", cell(cost.refused_while_paying)],
    ]
    return table(["", "median (lowest to highest)"], rows)


def steps_table(steps: Steps) -> str:
    """Return the micro-benchmarks, a group after the other."""
    rows = []
    for group, members in groupby(sorted(steps.steps, key=lambda step: step.group), key=lambda step: step.group):
        rows += [
            [
                f"{group}: {step.name.partition(': ')[2]}",
                number(step.best_ns / 1_000),
                number(step.median_ns / 1_000),
                f"{number(step.quartile_low_ns / 1_000)} to {number(step.quartile_high_ns / 1_000)}",
            ]
            for step in members
        ]
    return table(["step", "best, µs", "median, µs", "middle half, µs"], rows)


def scale_table(comparison: Comparison, cost: Cost, rates: Sequence[int] = (1_000, 100_000)) -> str:
    """Return what more messages a second would need, worked out from the measured figures and nothing else."""
    refused = _median(comparison, "refused", lambda run: run.cpu_us_per_message)
    admitted = _median(comparison, "admitted", lambda run: run.cpu_us_per_message)
    grouped_us = cost.reply_grouped_us.median
    rows = []
    for rate in rates:
        cores = rate * refused / 1_000_000
        rows.append(
            [
                f"{rate:,}",
                number(cores),
                f"{max(1, -(-cores // _LOAD)):.0f}",
                number(rate * _ANSWERED * admitted / 1_000_000),
                number(rate * _ANSWERED * grouped_us / 1_000_000),
                number(rate * _BYTES_PER_MESSAGE * 8 / 1_000_000),
            ]
        )
    head = [
        "messages a second",
        "cores to refuse them",
        f"workers at {_LOAD:.0%} load",
        f"cores to answer {_ANSWERED:.0%}",
        "share of the ledger's time for them",
        "network in, Mbit/s",
    ]
    return table(head, rows)


def _median(comparison: Comparison, workload: str, figure: Callable[[Run], float]) -> float:
    found = comparison.spread("ours", workload, figure)
    return found.median if found else 0.0
