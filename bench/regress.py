"""Whether this tree is slower than a base commit: `python -m bench.regress --base main`. Exit 1 if it is.

1. The worker of either tree and the floor are started in turn, on the same core in the same minute, under `SCHED_BATCH`
   (:mod:`bench.share` says why). This tree's bench drives all three, so the base may have another one, or none.
2. What counts is the difference within a round, and of the rounds the median. Where it lies is told by the rounds: between
   two of them, each so near to its end that the median of ever more rounds lies beyond it with a chance of one in a hundred
   at most. Only if that whole interval is a loss, this tree is slower: a loss within the noise is none.
3. A base that does not serve our static file cannot be compared; it says so, and fails nothing.
"""

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import sub
from pathlib import Path

import msgspec

from bench import ROOT, contestants, rounds, workload
from bench.check import WrongAnswer
from bench.contestants import Contestant, NotStarted, Scheduling
from bench.results import Run, Spread, cpu_by_round, within_rounds
from bench.rounds import CannotMeasure, Pools
from bench.share import spent
from bench.workload import Workload

ROUNDS, SECONDS = 12, 1
ERROR = 0.01
"""The chance that the true median lies beyond one end of an interval."""
_BATCH = Scheduling.BATCH


class Finding(msgspec.Struct, frozen=True):
    """One workload in both trees, in microseconds of CPU time for each message."""

    title: str
    floor_us: float
    base_us: float
    here_us: float
    loss_us: Spread
    """Of this tree against the base: the median, and between what it lies."""

    @property
    def holds(self) -> bool:
        """Whether this tree is no slower, as far as the noise lets us see."""
        return self.loss_us.low <= 0

    def __str__(self) -> str:
        loss = self.loss_us
        said = "fine" if self.holds else "SLOWER than the base"
        return (
            f"{self.title}: own share {self.here_us - self.floor_us:.1f} us, base {self.base_us - self.floor_us:.1f} us "
            f"(floor {self.floor_us:.1f}); difference {loss.median:+.2f} us ({loss.low:+.2f} to {loss.high:+.2f}): {said}"
        )


def interval(figures: Sequence[float]) -> Spread:
    """Return the median, and the two figures between which the median of ever more rounds lies.

    Half of all rounds lie below the true median. So few of these do lie below it with the chance of a fair coin, whatever the
    noise is like, which gives the place of either end.
    """
    ordered, count = sorted(figures), len(figures)
    below = [sum(math.comb(count, heads) for heads in range(place + 1)) / 2**count for place in range(count)]
    place = sum(chance <= ERROR for chance in below)
    if place == 0:
        raise CannotMeasure(f"{count} rounds are too few to tell a loss from noise; take 7 or more")
    return Spread(statistics.median(ordered), ordered[place - 1], ordered[count - place])


def judge(runs: Sequence[Run], played: Sequence[Workload]) -> list[Finding]:
    """Return what runs of `base`, `here` and `floor` come to."""
    findings = []
    for one in played:
        floor, base, here = (cpu_by_round(runs, name, one.name, _BATCH.value) for name in ("floor", "base", "here"))
        findings.append(
            Finding(
                title=one.title,
                floor_us=statistics.median(floor.values()),
                base_us=statistics.median(base.values()),
                here_us=statistics.median(here.values()),
                loss_us=interval(within_rounds(here, base, sub)),
            )
        )
    return findings


def measure(pools: Pools, played: Sequence[Workload], base: Contestant, count: int) -> list[Run]:
    """Measure the base, the floor and this tree in alternating order, `count` times."""
    chosen = [base, *contestants.named(["floor"]), spent("here", "this tree")]
    runs: list[Run] = []
    for round_, contestant in rounds.turns(chosen, count):
        with pools.serving(contestant, round_, _BATCH) as server:
            runs += [pools.play(server, one) for one in played]
    return runs


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """Lay a commit out in a folder of its own. Raises CannotMeasure if there is no such commit."""
    with tempfile.TemporaryDirectory(prefix="base-") as folder:
        tree = Path(folder) / "tree"
        try:
            _git("worktree", "add", "--quiet", "--detach", str(tree), revision)
        except subprocess.CalledProcessError as error:
            raise CannotMeasure(f"git cannot lay out {revision}: {error.stderr.strip()}") from None
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)


def obstacle(pools: Pools, base: Contestant) -> str | None:
    """Return why the base cannot be compared with, or None if it can."""
    if not (base.tree / "edge" / "__main__.py").exists():
        return "it has no worker"  # an installed one would answer for it
    try:
        with pools.serving(base, 0, _BATCH):
            return None
    except (NotStarted, WrongAnswer) as error:
        return str(error)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.regress", description=__doc__.splitlines()[0])
    parser.add_argument("--base", default="HEAD", help="the commit to compare with (HEAD: what is not committed yet)")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of each run")
    given = parser.parse_args(arguments)
    size = given.seconds * rounds.RATE_MAX
    played = [make(size) for make in (workload.refused, workload.strangers, workload.forgeries)]
    try:
        rounds.prepare("chrt", "git")
        with checkout(given.base) as tree, rounds.pools(given.seconds, played) as pools:
            base = spent("base", given.base, tree)
            if (reason := obstacle(pools, base)) is not None:
                print(f"{given.base} cannot be measured, so there is nothing to compare with: {reason}")
                return 0
            findings = judge(measure(pools, played, base, given.rounds), played)
    except CannotMeasure as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    for finding in findings:
        print(finding)
    return 0 if all(finding.holds for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
