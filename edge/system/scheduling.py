"""How Linux shares the cores among workers and their threads, as far as it lets us say so (docs/decisions/workers-in-batches.md).

1. A worker is two busy threads that hand each message to each other. Under `SCHED_BATCH` whoever is woken does not interrupt
   who woke it: both work in batches, and a message costs a third less. A thread and a process hand it down to what they start.
2. As many workers as cores: each has one to itself, by its number, so that one that is started anew takes the place of the old one.
3. Nobody is moved who was given another policy than the usual one, fewer cores, or a share of them: that was somebody's intention.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

MOUNT, CGROUP = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
"""Where control groups are, and the one that this process is in (cgroups(7), version 2)."""


def work_in_batches() -> str:
    """Put this thread, and what it starts from now on, under `SCHED_BATCH`; return why that cannot be, or nothing."""
    if not hasattr(os, "sched_setscheduler"):
        return "this system has no such policy"
    try:
        if os.sched_getscheduler(0) == os.SCHED_OTHER:
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    except OSError as error:
        return _why(error)
    return ""


def usable_cores() -> Sequence[int]:
    """Return the cores that this thread may use, in order; none where the system does not say."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else ()


def core_of(worker: int, workers: int, cores: Sequence[int], whole: float) -> int | None:
    """Return the core of one of so many workers, or None where they cannot have one each.

    `whole` is the time that all may use, in cores: who may not use his cores whole shares them with somebody.
    """
    return cores[worker] if workers == len(cores) <= whole and workers > 1 else None


def allowed_cores(mount: Path = MOUNT, cgroup: Path = CGROUP) -> float:
    """Return how many cores' time the control groups allow this process, its own and all that it is in; infinite if all of it."""
    least = float("inf")
    with suppress(OSError, ValueError):
        own = next((line[3:] for line in cgroup.read_text().splitlines() if line.startswith("0::")), "/")
        folder = mount / own.strip("/")
        for group in (folder, *folder.parents):
            with suppress(FileNotFoundError):
                quota, period = (group / "cpu.max").read_text().split()
                least = least if quota == "max" else min(least, int(quota) / int(period))
    return least


def why_not_placed() -> str:
    """Return why this thread cannot be told on which cores to run, or nothing."""
    try:
        os.sched_setaffinity(0, os.sched_getaffinity(0))
    except OSError as error:
        return _why(error)
    return ""


def stay_on(core: int) -> None:
    """Keep this thread, and what it starts from now on, on one core, unless that is gone meanwhile."""
    with suppress(OSError):
        os.sched_setaffinity(0, {core})


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
