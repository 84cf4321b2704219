"""Whether this tree is slower than a base commit: `python -m bench.regress --base main`. Exit 1 if it is.

1. Both are measured in the same minutes on the same machine, by processes that alternate; each tree by its own
   `bench.probe`, so that the trees need not have the same shape.
2. What counts is the ratio within a round, and of the rounds the median: a slow minute slows both.
3. A base whose probe is missing or does not run cannot be compared; it says so, and fails nothing.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

HERE = Path(__file__).parent.parent
LIMIT = 1.15
"""Of the median ratio. Two runs of the same commit stay within a few percent of each other."""
_PROBE_S = 120.0

Figures = Mapping[str, float]
"""Microseconds by path, as `bench.probe` prints them."""


class Finding(msgspec.Struct, frozen=True):
    """One path in both trees."""

    path: str
    base_us: float
    here_us: float
    ratio: float
    limit: float

    @property
    def holds(self) -> bool:
        """Whether this tree is not slower than it may be."""
        return self.ratio <= self.limit

    def __str__(self) -> str:
        said = "fine" if self.holds else f"SLOWER than {self.limit:.2f} times the base"
        return (
            f"{self.path:10} base {self.base_us:7.2f} us, here {self.here_us:7.2f} us, ratio {self.ratio:.3f}: {said}"
        )


def judge(rounds: Sequence[tuple[Figures, Figures]], limit: float) -> list[Finding]:
    """Return what rounds of (base, here) come to, for the paths that both trees know."""
    known = [path for path in rounds[0][1] if path in rounds[0][0]]
    return [
        Finding(
            path=path,
            base_us=statistics.median(base[path] for base, _ in rounds),
            here_us=statistics.median(here[path] for _, here in rounds),
            ratio=statistics.median(here[path] / base[path] for base, here in rounds),
            limit=limit,
        )
        for path in known
    ]


def measure(tree: Path) -> Figures:
    """Return the figures of a tree, measured by a process of its own."""
    command = [sys.executable, "-m", "bench.probe"]
    done = subprocess.run(command, cwd=tree, check=True, capture_output=True, timeout=_PROBE_S)
    return msgspec.json.decode(done.stdout, type=dict[str, float])


def compare(base: Path, here: Path, rounds: int) -> list[tuple[Figures, Figures]]:
    """Measure both trees in turn; who begins changes from round to round."""
    measured = []
    for round_ in range(rounds):
        if round_ % 2 == 0:
            of_base, of_here = measure(base), measure(here)
        else:
            of_here, of_base = measure(here), measure(base)
        measured.append((of_base, of_here))
    return measured


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """Lay a commit out beside this tree."""
    with tempfile.TemporaryDirectory(prefix="base-") as folder:
        tree = Path(folder) / "tree"
        _git("worktree", "add", "--quiet", "--detach", str(tree), revision)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=HERE, check=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.regress", description=__doc__.splitlines()[0])
    parser.add_argument("--base", default="HEAD", help="the commit to compare with (HEAD: what is not committed yet)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="RATIO")
    given = parser.parse_args(arguments)
    with checkout(given.base) as base:
        try:
            measure(base)
        except subprocess.CalledProcessError as error:
            print(f"{given.base} cannot be measured, so there is nothing to compare with:\n{error.stderr.decode()}")
            return 0
        findings = judge(compare(base, HERE, given.rounds), given.limit)
    for finding in findings:
        print(finding)
    return 0 if all(finding.holds for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
