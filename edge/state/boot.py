"""Tells one boot of the machine from the next: what a file that is memory held before a power cut may not all be on the disk."""

import time
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_STEP_S = 10
"""No machine boots twice in it; two readings of one boot differ by less."""


def boot_id(path: Path = _BOOT_ID) -> str:
    """Return the kernel's own name of this boot; where that is hidden (systemd's `ProcSubset=pid`), when it was by the clock.

    A clock that is set makes of it another boot, which does no harm: whatever was kept in this one is told and put away.
    """
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return f"{(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)) // _STEP_S:.0f}"
