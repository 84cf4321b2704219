"""Our own share of a refused message: `python -m bench.share`, some eight minutes.

1. Own share is the CPU time of the whole server for each message less that of the floor, which receives once and sends two
   prepared messages on the same Granian. It is taken within a round, so that a slow minute is in both.
2. We and the floor run under `SCHED_BATCH`, as both start. Granian's two threads hand every message to each other. By
   default each hand-over interrupts who made it, which costs more than the work: a faster step then only means that its thread
   sleeps more often, and the difference to the floor is no measure of it. So everybody runs by default as well, and that is
   printed beside it; a peer is compared by what serves it best.
3. Messages are new ones always, from one sender who was answered and from a million strangers. For the strangers, the pace
   pays for no more replies than the check and the troll use up: all that follow are refused.
4. A peer would answer each of the strangers, so peers take part with the troll only.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from bench import ROOT, contestants, number, results, rounds, workload
from bench.arguments import Parser, at_least_one, result
from bench.check import replies
from bench.contestants import Contestant, Scheduling
from bench.results import Run, Share

ROUNDS, SECONDS = 9, 2
_PEERS = ("fastapi", "flask", "nginx-lua")


def spent(name: str, title: str, tree: Path = ROOT) -> Contestant:
    """Return our worker out of a tree, with a pace that pays for the check's replies and the troll's, and for no other."""
    return contestants.ours(name, title, pace=number.pace_for(replies() + 1), tree=tree)


def share(*, count: int, seconds: int) -> Share:
    """Measure everybody in alternating order, `count` times."""
    floor, *peers = contestants.named(["floor", *_PEERS])
    both = [spent("ours", "antirelou, 1 worker"), floor]
    chosen = [*both, *peers]
    ways = [
        *((one, Scheduling.BATCH) for one in chosen),
        *((one, Scheduling.DEFAULT) for one in (*map(contestants.unbatched, both), *peers)),
    ]
    troll, strangers = (make(seconds * rounds.RATE_MAX) for make in (workload.refused, workload.strangers))
    runs: list[Run] = []
    with rounds.pools(seconds, [troll, strangers]) as pools:
        for round_, (contestant, scheduling) in rounds.turns(ways, count):
            played = [troll] if contestant in peers else [troll, strangers]
            with pools.serving(contestant, round_, scheduling) as server:
                runs += [pools.play(server, one) for one in played]
    return Share(
        machine=results.this_machine(),
        rounds=count,
        seconds=seconds,
        contestants={contestant.name: contestant.title for contestant in chosen},
        workloads={one.name: one.title for one in (troll, strangers)},
        runs=runs,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = Parser(prog="python -m bench.share", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=at_least_one, default=ROUNDS)
    parser.add_argument("--seconds", type=at_least_one, default=SECONDS)
    parser.add_argument("--out", type=result, default=results.RESULTS / "share.json")
    given = parser.parse_args(arguments)

    def measure() -> Share:
        rounds.prepare("chrt", "nginx")
        return share(count=given.rounds, seconds=given.seconds)

    return rounds.report(given.out, measure)


if __name__ == "__main__":
    sys.exit(main())
