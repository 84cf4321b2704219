"""Whether this tree is slower than a base commit: `python -m bench.regress --base main`. Exit 1 if it is.

1. Both are measured on the same machine in the same second, by two processes that take turns; each tree by its own
   `bench.probe`, so that the trees need not have the same shape.
2. What counts is the ratio within a turn, and of the turns the median: a slow moment slows both. The processes are started
   anew some times, since where a process happens to lie in memory makes a few percent, too.
3. A base whose probe is missing or does not run cannot be compared; it says so, and fails nothing.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import msgspec

HERE = Path(__file__).parent.parent
LIMIT = 1.15
SITTINGS, TURNS = 5, 20
_END_S = 60.0

Figures = Mapping[str, float]
"""Microseconds by path, as `bench.probe` prints them."""


class CannotMeasure(Exception):
    """A tree's probe does not run; what it said is on stderr."""


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


def judge(turns: Sequence[tuple[Figures, Figures]], limit: float) -> list[Finding]:
    """Return what turns of (base, here) come to, for the paths that both trees know."""
    known = [path for path in turns[0][1] if path in turns[0][0]]
    return [
        Finding(
            path=path,
            base_us=statistics.median(base[path] for base, _ in turns),
            here_us=statistics.median(here[path] for _, here in turns),
            ratio=statistics.median(here[path] / base[path] for base, here in turns),
            limit=limit,
        )
        for path in known
    ]


class Probe:
    """The probe of a tree, in a process of its own."""

    def __init__(self, tree: Path) -> None:
        self._process = subprocess.Popen(
            # By its path, not its name: this tree may be installed, and would answer for one without a probe.
            [sys.executable, "-c", "import runpy; runpy.run_path('bench/probe.py', run_name='__main__')"],
            cwd=tree,
            env=os.environ | {"PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=_END_S)

    def measure(self) -> Figures:
        """Return the figures of this moment. Raises CannotMeasure."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # then no answer comes
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise CannotMeasure("its probe does not run, for the reason above")
        return msgspec.json.decode(line, type=dict[str, float])


def compare(base: Path, here: Path, *, sittings: int, turns: int) -> list[tuple[Figures, Figures]]:
    """Measure both trees in turn; who begins changes from turn to turn."""
    measured = []
    for _ in range(sittings):
        with Probe(base) as of_base, Probe(here) as of_here:
            for turn in range(turns):
                if turn % 2 == 0:
                    pair = of_base.measure(), of_here.measure()
                else:
                    pair = (of_here.measure(), of_base.measure())[::-1]
                measured.append(pair)
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
    parser.add_argument("--sittings", type=int, default=SITTINGS, help=f"of {TURNS} turns each")
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="RATIO")
    given = parser.parse_args(arguments)
    with checkout(given.base) as base:
        try:
            with Probe(base) as probe:
                probe.measure()
        except CannotMeasure as error:
            print(f"{given.base} cannot be measured, so there is nothing to compare with: {error}")
            return 0
        findings = judge(compare(base, HERE, sittings=given.sittings, turns=TURNS), given.limit)
    for finding in findings:
        print(finding)
    return 0 if all(finding.holds for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
