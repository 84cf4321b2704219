"""Asks the kernel about a server: CPU time, memory and threads of a process and all its descendants, from /proc.

1. CPU time is user and system together, of all threads, those that ended included. The kernel's clock tick (10 ms) is its
   grain, so a figure per message needs runs of seconds.
2. A process that ended takes its CPU time with it: `cpu_between` refuses to compare then, since the figure would flatter.
"""

import contextlib
import os
import re
from collections.abc import Mapping
from operator import add, sub
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
MICROSECONDS = 1_000_000

# Positions after the command name, which may itself hold spaces and brackets (proc(5), /proc/pid/stat).
_STATE, _PPID, _UTIME, _STIME = 0, 1, 11, 12
_SWITCHES = re.compile(r"ctxt_switches:\t(\d+)")
_ENDED = "Z"
"""A zombie: over, but for its parent, who has not asked yet how it ended."""


class ProcessEnded(Exception):
    """A process of the server is gone, and with it what it has used."""


def _stat(place: Path) -> list[str] | None:
    """Return what stands in a process's or a thread's folder behind its name; None once it is gone."""
    try:
        text = (place / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(") ")[2].split()
    return None if fields[_STATE] == _ENDED else fields


def tree(pid: int) -> list[int]:
    """Return a process and its descendants; empty once it is gone."""
    parents = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (stat := _stat(entry)) is not None:
            parents[int(entry.name)] = int(stat[_PPID])
    found = [pid] if pid in parents else []
    for ancestor in found:  # grows while it is walked
        found += [child for child, parent in parents.items() if parent == ancestor]
    return found


def cpu_us(pid: int) -> dict[int, int]:
    """Return the microseconds of CPU time that each process of a tree has used so far."""
    used = {}
    for member in tree(pid):
        stat = _stat(PROC / str(member))
        if stat is not None:
            used[member] = (int(stat[_UTIME]) + int(stat[_STIME])) * MICROSECONDS // TICKS_PER_SECOND
    return used


def cpu_between(before: Mapping[int, int], after: Mapping[int, int]) -> int:
    """Return the microseconds that a tree used between two looks at it."""
    ended = before.keys() - after.keys()
    if ended:
        raise ProcessEnded(f"processes ended during the run: {sorted(ended)}")
    return sum(after.values()) - sum(before.values())


class Work(NamedTuple):
    """What the threads of one name did, of a whole tree."""

    own_us: int
    """CPU time in programs and libraries."""
    kernel_us: int
    switches: int
    """How often one of them gave its core away, of itself or not."""


def work(pid: int) -> dict[str, Work]:
    """Return what the threads of a tree did so far, by their names; one that has ended is left out."""
    found: dict[str, Work] = {}
    for thread in (thread for member in tree(pid) for thread in (PROC / str(member) / "task").iterdir()):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            status = (thread / "status").read_text(encoding="utf-8", errors="replace")
            stat = _stat(thread)
            if stat is not None:
                ticks = (int(stat[_UTIME]), int(stat[_STIME]))
                own_us, kernel_us = (count * MICROSECONDS // TICKS_PER_SECOND for count in ticks)
                done = own_us, kernel_us, sum(map(int, _SWITCHES.findall(status)))
                name = status.partition("\n")[0].removeprefix("Name:\t")
                found[name] = Work(*map(add, found.get(name, Work(0, 0, 0)), done))
    return found


def work_between(before: Mapping[str, Work], after: Mapping[str, Work]) -> dict[str, Work]:
    """Return what was done between two looks."""
    nothing = Work(0, 0, 0)
    return {name: Work(*map(sub, done, before.get(name, nothing))) for name, done in after.items()}


def core_idle_us(core: int) -> int:
    """Return the microseconds for which a core had nothing to do since the machine started.

    Who wants to know how long it was busy takes that from the time that passed: what is busy is counted by a clock tick, which
    a virtual machine may miss by the dozen, and what is idle by a clock. Raises ValueError if there is no such core.
    """
    for line in (PROC / "stat").read_text(encoding="ascii").splitlines():
        name, *ticks = line.split()
        if name == f"cpu{core}":
            _user, _nice, _system, idle, wait, *_ = map(int, ticks)
            return (idle + wait) * MICROSECONDS // TICKS_PER_SECOND
    raise ValueError(f"this machine has no core {core}")


def rss_bytes(pid: int) -> int:
    """Return the resident memory of one process."""
    return _rollup_kib(pid, "Rss:") * 1024


def pss_bytes(pid: int) -> int:
    """Return the memory of a process tree, pages shared between processes counted once (proportional set size)."""
    return sum(_rollup_kib(member, "Pss:") for member in tree(pid)) * 1024


def _rollup_kib(pid: int, label: str) -> int:
    for line in (PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith(label):
            return int(line.split()[1])
    raise ProcessEnded(f"process {pid} has no memory any more")
