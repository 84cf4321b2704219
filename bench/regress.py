"""Whether this tree is slower than a base commit: `python -m bench.regress --base main`. Exit 1 if it is.

1. The worker of either tree and the floor are started in turn, on the same core in the same minute, under `SCHED_BATCH`
   (:mod:`bench.share` says why). This tree's bench drives all three, so the base may have another one, or none.
2. A neighbour on the machine makes a message dearer, never cheaper: what counts is the mean of the cheaper half of the rounds.
   The difference of the two trees is the loss. Its noise is measured: it is what chance comes to, deciding in each round
   which of the two is called the base, in all but a few of many tries. A loss that is not larger than its noise is none.
   (A large loss makes its own noise larger, since chance mixes it in; but chance alone hardly ever puts all of it on one side.)
3. A base that does not serve our static file cannot be compared; it says so, and fails nothing.
"""

import math
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench import ROOT, contestants, rounds, workload
from bench.arguments import Parser, at_least_one
from bench.check import WrongAnswer
from bench.contestants import Contestant, NotStarted, Scheduling
from bench.results import Run, cpu_by_round
from bench.rounds import CannotMeasure, Pools
from bench.share import spent
from bench.workload import Workload
from edge.compiled import one_pass

ROUNDS, SECONDS = 12, 1
ROUNDS_MIN = 10
"""With fewer, chance alone leaves the two trees as they are too often for any loss to be larger than its noise."""
ERROR = 0.01
"""The chance that two trees that cost the same are told apart, in any of the workloads."""
_SWAPS, _SEED = 5_000, 1
_BATCH = Scheduling.BATCH


class Finding(msgspec.Struct, frozen=True):
    """One workload in both trees, in microseconds of CPU time for each message."""

    title: str
    floor_us: float
    base_us: float
    here_us: float
    noise_us: float
    """The loss that chance comes to."""

    @property
    def loss_us(self) -> float:
        """The time that this tree takes more than the base."""
        return self.here_us - self.base_us

    @property
    def holds(self) -> bool:
        """Whether this tree is no slower, as far as the noise lets us see."""
        return self.loss_us <= self.noise_us

    def __str__(self) -> str:
        said = "fine" if self.holds else "SLOWER than the base"
        return (
            f"{self.title}: own share {self.here_us - self.floor_us:.1f} us, base {self.base_us - self.floor_us:.1f} us "
            f"(floor {self.floor_us:.1f}); difference {self.loss_us:+.2f} us, by chance up to {self.noise_us:.2f} us: {said}"
        )


def cheaper_half(figures: Sequence[float]) -> float:
    """Return the mean of the lower half of them."""
    return statistics.fmean(sorted(figures)[: (len(figures) + 1) // 2])


def noise(here: Sequence[float], base: Sequence[float], error: float) -> float:
    """Return the loss that is exceeded with that chance when it is chance who is called what in each round."""
    chance = random.Random(_SEED)
    pairs = list(zip(here, base, strict=True))
    losses = []
    for _ in range(_SWAPS):
        one, other = zip(*(pair if chance.random() < 0.5 else pair[::-1] for pair in pairs), strict=True)
        losses.append(cheaper_half(one) - cheaper_half(other))
    return sorted(losses)[-math.ceil(error * _SWAPS)]


def judge(runs: Sequence[Run], played: Sequence[Workload]) -> list[Finding]:
    """Return what runs of `base`, `here` and `floor` come to."""
    findings = []
    for one in played:
        figures = [cpu_by_round(runs, name, one.name, _BATCH.value) for name in ("floor", "base", "here")]
        floor, base, here = ([by_round[round_] for round_ in sorted(by_round)] for by_round in figures)
        findings.append(
            Finding(
                title=one.title,
                floor_us=cheaper_half(floor),
                base_us=cheaper_half(base),
                here_us=cheaper_half(here),
                noise_us=noise(here, base, ERROR / len(played)),
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
            _compile_as_here(tree)
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _compile_as_here(tree: Path) -> None:
    """Compile in another tree what is compiled in this one: what that saves is no merit of a commit's."""
    script = tree / "tools" / "compile.py"
    if one_pass is not None and script.exists():
        subprocess.run([sys.executable, str(script)], check=True, capture_output=True, text=True)


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
    parser = Parser(prog="python -m bench.regress", description=__doc__.splitlines()[0])
    parser.add_argument("--base", default="HEAD", help="the commit to compare with (HEAD: what is not committed yet)")
    parser.add_argument("--rounds", type=at_least_one, default=ROUNDS)
    parser.add_argument("--seconds", type=at_least_one, default=SECONDS, help="of each run")
    given = parser.parse_args(arguments)
    size = given.seconds * rounds.RATE_MAX
    played = [make(size) for make in (workload.refused, workload.strangers, workload.forgeries)]
    if given.rounds < ROUNDS_MIN:
        parser.error(f"{given.rounds} rounds are too few to tell a loss from noise; take {ROUNDS_MIN} or more")
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
