"""Made-up results, small enough to be worked out by hand."""

from bench.cost import Cost
from bench.generators.openloop import Wait
from bench.growth import Chart, Growth, Point
from bench.results import Comparison, Latency, Machine, Run, Share, Spread
from bench.steps import Step, Steps

MACHINE = Machine("A CPU", 2, "6.1", "3.11.7", "1.22.1", {"granian": "2.8.7"}, "abc1234", "2027-10-30")


def run(
    contestant: str, cpu_us: int, *, workload: str = "refused", round_: int = 0, scheduling: str = "default"
) -> Run:
    """Return a run of a thousand messages in a tenth of a second."""
    return Run(contestant, workload, round_, 1_000, 100_000, cpu_us, 1_500, 3_000, 0.3, scheduling)


def comparison(*runs: Run) -> Comparison:
    """Return a comparison of these runs."""
    names = dict.fromkeys(found.contestant for found in runs)
    workloads = dict.fromkeys(found.workload for found in runs)
    return Comparison(
        machine=MACHINE,
        rounds=3,
        seconds=4,
        contestants={name: name for name in names},
        workloads={name: f"all {name}" for name in workloads},
        runs=list(runs),
        rate=500,
        latencies=[Latency(name, 0, Wait(2_000, 0, 200, 1_000, 3_000, 40)) for name in names],
    )


def share(*runs: Run) -> Share:
    """Return a measurement of own share of these runs."""
    return Share(
        machine=MACHINE,
        rounds=1 + max(found.round for found in runs),
        seconds=2,
        contestants={found.contestant: found.contestant for found in runs},
        workloads={found.workload: f"all {found.workload}" for found in runs},
        runs=list(runs),
    )


def exactly(value: float) -> Spread:
    """Return a figure without a spread."""
    return Spread(value, value, value)


def cost(**other: object) -> Cost:
    """Return the cost of a worker that keeps every promise, but for what is said otherwise."""
    given = {
        "machine": MACHINE,
        "first_reply_s": exactly(0.4),
        "worker_rss_bytes": 40 * 2**20,
        "tree_pss_bytes": 60 * 2**20,
        "senders": 10_000_000,
        "senders_answered": 150,
        "senders_growth_bytes": 2**20,
        "reply_alone_us": exactly(200.0),
        "reply_grouped_us": exactly(10.0),
        "group_ratio": exactly(20.0),
        "refused_alone": exactly(16_000.0),
        "refused_while_paying": exactly(15_200.0),
        "refused_ratio": exactly(0.95),
        "replies_per_second": 100.0,
    }
    return Cost(**(given | other))


def steps() -> Steps:
    """Return the steps of a refused message."""
    best = {
        "steps: parse_ours": 2_000,
        "steps: signature_ours": 1_500,
        "steps: read_ours": 6_000,
        "gate: refused[sender_limit]": 1_000,
        "call: refused": 8_000,
    }
    return Steps(MACHINE, [Step("steps", name, ns, ns + 50.0, ns - 100.0, ns + 100.0) for name, ns in best.items()])


def growth() -> Growth:
    """Return one chart of two lines, of which the second has no figure at the second size."""
    lines = {
        "SQLite": [Point(1, exactly(100.0)), Point(32, Spread(500.0, 400.0, 600.0))],
        "Valkey": [Point(1, exactly(200.0))],
    }
    return Growth(MACHINE, 5, 2, {"replies": Chart("Replies", "sent at once", "a second", lines)})
