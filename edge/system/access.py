"""What this process may do with a file or a folder, found out without touching it; and who it is, for the line that says so.

What stands where a file should be may be a pipe, at which whoever reads waits for ever, or a device, which never ends.
"""

import errno
import os
import pwd
import stat
from pathlib import Path

_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}


def read_file(path: Path, bytes_max: int) -> bytes:
    """Return what a file holds. Raises OSError, also for what is no file, and for one that is longer than `bytes_max`."""
    check_is_file(path)
    with path.open("rb") as file:
        content = file.read(bytes_max + 1)
    if len(content) > bytes_max:
        raise OSError(errno.EFBIG, f"longer than {bytes_max:,} bytes")
    return content


def check_is_file(path: Path) -> None:
    """Raise OSError for what is no file, or is not there; whoever opens it may wait for ever, or write to a device."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, f"{_KINDS.get(stat.S_IFMT(mode), 'a device')}, not a file")


def why_not_written(path: Path, *, may_be_missing: bool = False) -> str | None:
    """Return why a file, or what is in a folder, cannot be changed by this process, or None if it can."""
    try:
        if os.statvfs(path).f_flag & os.ST_RDONLY:
            return "its file system is mounted read-only"
        wanted = os.W_OK | (os.X_OK if path.is_dir() else os.R_OK)
        if os.access(path, wanted, effective_ids=True):
            return None
        found = path.stat()
    except OSError as error:
        return None if may_be_missing and isinstance(error, FileNotFoundError) else error.strerror or "unknown"
    return f"{_user(os.geteuid())} may not write it; it is {_user(found.st_uid)}'s, mode {found.st_mode & 0o7777:04o}"


def why_not_read(error: OSError) -> str:
    """Return why a file could not be read, and by whom where that is why."""
    reason = error.strerror or str(error)
    return f"{reason} to {_user(os.geteuid())}" if isinstance(error, PermissionError) else reason


def _user(uid: int) -> str:
    try:
        return f"user {uid} ({pwd.getpwuid(uid).pw_name})"
    except KeyError:  # in a container any number may be one
        return f"user {uid}"
