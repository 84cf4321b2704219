"""Whole servers under the same load: `python -m bench.compare --rounds 3 --seconds 4`.

CPU time per message, of all the server's processes, is the figure to read. Throughput and p99 stand beside it; they belong to
a closed loop of 32 connections at full speed, so p99 says how long the queue was. How long a sender waits at a rate that
everybody can serve is measured apart, by the harness's engine.
"""

import sys
from collections.abc import Sequence

from bench import contestants, results, rounds, workload
from bench.arguments import Parser, at_least_one, result
from bench.contestants import CONTESTANTS, Contestant
from bench.generators.load import engine
from bench.results import Comparison, Latency, Run
from bench.rounds import BadRun, Server
from bench.workload import Workload

RATE = 500
"""Messages a second at which everybody has time to spare, so that waiting is not queueing."""


def wait(server: Server, seconds: float) -> Latency:
    """Measure how long senders wait at a steady rate. Raises BadRun."""
    seen = engine(server.running.port, RATE, seconds, core=rounds.GENERATOR_CORE)
    name, round_ = server.contestant.name, server.round
    if seen.lost:
        raise BadRun(f"{name}: {seen.lost} of {seen.messages} messages got no answer")
    print(f"round {round_ + 1} {name:13} at {RATE}/s: p99 {seen.p99_us / 1000:.2f} ms", file=sys.stderr)
    return Latency(name, round_, seen)


def compare(chosen: Sequence[Contestant], played: Sequence[Workload], *, count: int, seconds: float) -> Comparison:
    """Measure everybody in alternating order, `count` times."""
    runs: list[Run] = []
    latencies: list[Latency] = []
    with rounds.pools(seconds, played) as pools:
        for round_, contestant in rounds.turns(chosen, count):
            with pools.serving(contestant, round_) as server:
                runs += [pools.play(server, one) for one in played]
                latencies.append(wait(server, seconds))
    return Comparison(
        machine=results.this_machine(),
        rounds=count,
        seconds=seconds,
        contestants={contestant.name: contestant.title for contestant in chosen},
        workloads={w.name: w.title for w in played},
        runs=runs,
        rate=RATE,
        latencies=latencies,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = Parser(prog="python -m bench.compare", description=__doc__.splitlines()[0])
    names = [contestant.name for contestant in CONTESTANTS]
    parser.add_argument("--rounds", type=at_least_one, default=3)
    parser.add_argument("--seconds", type=at_least_one, default=4)
    parser.add_argument("--contestants", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--workloads", nargs="+", metavar="NAME", help="refused, forged, mix, admitted")
    parser.add_argument("--out", type=result, default=results.RESULTS / "compare.json")
    given = parser.parse_args(arguments)
    everything = workload.workloads(given.seconds, rounds.RATE_MAX)
    played = [w for w in everything if given.workloads is None or w.name in given.workloads]
    if len(played) < len(set(given.workloads or ())):
        parser.error(f"--workloads: write one or more of {', '.join(w.name for w in everything)}")

    def measure() -> Comparison:
        rounds.prepare("nginx")
        return compare(contestants.named(given.contestants), played, count=given.rounds, seconds=given.seconds)

    return rounds.report(given.out, measure)


if __name__ == "__main__":
    sys.exit(main())
