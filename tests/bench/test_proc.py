"""What the kernel says about a process tree."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench import proc

BURN = (
    "import time\nwhile time.process_time() < {seconds}: pass\nprint('burnt', flush=True)\nimport sys; sys.stdin.read()"
)
FORK = (
    "import subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdin=subprocess.PIPE)\n"
    "sys.stdin.read()\nchild.stdin.close()\nchild.wait()"
)


@contextmanager
def child(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that ends when its standard input does."""
    process = subprocess.Popen([sys.executable, "-c", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def test_counts_cpu_time():
    """A child that burns 0.3 s of CPU time is charged that, to the grain of the kernel's clock."""
    with child(BURN.format(seconds=0.3)) as process:
        assert b"burnt\n" == process.stdout.readline()

        used_us = proc.cpu_between({process.pid: 0}, proc.cpu_us(process.pid))

    assert 280_000 <= used_us <= 400_000


def test_counts_descendants():
    """The children of a child belong to its tree, and their CPU time to its own."""
    with child(FORK, BURN.format(seconds=0.2)) as process:
        assert b"burnt\n" == process.stdout.readline()

        members = proc.tree(process.pid)
        used = proc.cpu_us(process.pid)

    assert 2 == len(members)
    assert process.pid == members[0]
    assert set(members) == set(used)
    assert 180_000 <= used[members[1]]


def test_tells_threads_by_name():
    """What the threads of a tree did is told by their names, its own apart from the kernel's; what came before is left out."""
    with child(BURN.format(seconds=0.3)) as process:
        began = proc.work(process.pid)
        assert b"burnt\n" == process.stdout.readline()

        [(name, done)] = proc.work_between(began, proc.work(process.pid)).items()
        none = proc.work_between(proc.work(process.pid), proc.work(process.pid))

    assert 200_000 <= done.own_us + done.kernel_us
    assert 1 <= done.switches
    assert {name: proc.Work(0, 0, 0)} == none


def test_tree_of_nobody():
    """A process that is gone has no tree."""
    with child("pass") as process:
        pass

    assert [] == proc.tree(process.pid)
    assert {} == proc.cpu_us(process.pid)


def test_ended_process_spoils_the_figure():
    """What a process that ended has used is unknown, so nothing is compared."""
    with pytest.raises(proc.ProcessEnded, match=r"\[7\]"):
        proc.cpu_between({7: 10, 8: 10}, {8: 30})


def test_process_that_began_counts_whole():
    """A worker that was started in between counts from nothing."""
    assert 25 == proc.cpu_between({8: 10}, {8: 30, 9: 5})


def test_core_is_not_idle():
    """A core that a process burns for 0.3 s is idle for that much less than the time that passes, to the clock's grain."""
    core = min(os.sched_getaffinity(0))
    idle_before_us, began_ns = proc.core_idle_us(core), time.monotonic_ns()
    with child(f"import os; os.sched_setaffinity(0, {{{core}}})\n" + BURN.format(seconds=0.3)) as process:
        assert b"burnt\n" == process.stdout.readline()

    passed_us = (time.monotonic_ns() - began_ns) // 1000
    assert passed_us - 280_000 >= proc.core_idle_us(core) - idle_before_us


def test_no_such_core():
    """A core that the machine has not is not idle."""
    with pytest.raises(ValueError, match="no core 100000"):
        proc.core_idle_us(100_000)


def test_memory():
    """A process's memory is at least what it has just filled, and shared pages make a tree no larger than its parts."""
    with child("kept = b'x' * 30_000_000\nprint('burnt', flush=True)\nimport sys; sys.stdin.read()") as process:
        assert b"burnt\n" == process.stdout.readline()

        assert 30_000_000 <= proc.rss_bytes(process.pid)
        assert proc.pss_bytes(process.pid) <= proc.rss_bytes(process.pid)


def test_own_tree_holds_the_child():
    """This process's tree holds what it started."""
    with child("import sys; sys.stdin.read()") as process:
        assert process.pid in proc.tree(os.getpid())
