"""What may be lost because the folder of a machine's state does not hold what it has to: `check` and `serve` say it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from edge.core.seen import knocks, sightings
from edge.core.seen.sums import names_of
from edge.state.mapped import CELL_BYTES, VERSION, Head, name_of, size_of
from edge.system.access import why_not_written

_LOST = (
    "what was received in the last second, or while the ledger is away, is lost when a worker is killed, a STOP too, and a retry at "
    "another worker is booked again"
)


class Keeps(NamedTuple):
    """What a server means to keep in a folder."""

    owner: str = ""
    """What tells its ledger from others; blank for a ledger that is still to be begun."""
    workers: int = 1
    numbers: Sequence[str] = ()
    """Ours, where there are several."""
    knocks: bool = True
    """Whether it is noted who knocks."""


def risk(folder: Path | None, keeps: Keeps) -> str:
    """Return what may be lost because not all can be kept in a folder; blank if it can, or if nothing is meant to be."""
    if folder is None:
        return ""
    reason = _why_not_kept(folder)
    if reason is not None:
        return f"server.state: nothing can be kept in {folder}: {reason}; {_LOST}. Make the folder, or choose another"
    return _shut(folder, keeps.owner) or _no_room(folder, keeps)


def _why_not_kept(folder: Path) -> str | None:
    reason = why_not_written(folder)
    return "it is no folder" if reason is None and not folder.is_dir() else reason


def _shut(folder: Path, owner: str) -> str:
    """Say which files this process may not open, as root leaves them behind; blank if it may open all that are there."""
    names = [
        name_of(owner, "seen"),
        name_of(owner, "knocks"),
        *sorted(path.name for path in folder.glob(name_of(owner, "sums-*"))),
    ]
    why = {name: why_not_written(folder / name, may_be_missing=True) for name in names}
    shut = {name: reason for name, reason in why.items() if reason is not None}
    if not shut:
        return ""
    return (
        f"server.state: {folder} has what cannot be opened, {', '.join(shut)}: {next(iter(shut.values()))}; what it holds is not "
        "booked, and a retry at another worker may be booked again. Give it to whoever serves (chown)"
    )


def _no_room(folder: Path, keeps: Keeps) -> str:
    """Say that the disk is too full for what is missing; blank if it is not, or does not say.

    New sums are always to come: each worker begins its own at a reload, and after the machine has started again.
    """
    names = names_of(keeps.numbers)
    sums = Head(VERSION, keeps.owner, "", names, len(names) * CELL_BYTES)
    tables = {"seen": sightings.TABLE_BYTES} | ({"knocks": knocks.TABLE_BYTES} if keeps.knocks else {})
    missing = [
        Head(VERSION, keeps.owner, "", (), size)
        for name, size in tables.items()
        if not (folder / name_of(keeps.owner, name)).exists()
    ]
    disk = os.statvfs(folder)
    blocks = sum(-(-size_of(head) // disk.f_frsize) for head in [sums] * keeps.workers + missing)
    if blocks <= disk.f_bavail or not disk.f_blocks:
        return ""
    return (
        f"server.state: there is no room in {folder}: {disk.f_bavail * disk.f_frsize:,} bytes are free, and "
        f"{blocks * disk.f_frsize:,} are needed; {_LOST}. Make room, or choose another folder"
    )
