"""`antirelou` where the kernel lets nobody choose how cores are shared: `python -m tests.forbidden serve FILE`.

A filter of system calls (seccomp(2)) answers EPERM, as containers and systemd do.
"""

import ctypes
import errno
import os
import struct

CALLS = {"x86_64": (144, 203), "aarch64": (119, 122)}
"""The numbers of sched_setscheduler and sched_setaffinity, by kind of machine."""
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
FILTER_MODE, ERRNO, ALLOW = 2, 0x50000 | errno.EPERM, 0x7FFF0000
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06


def forbid(*calls: int) -> None:
    """Have these system calls refused from now on, to this process and all that it starts. Raises OSError."""
    jumps = [struct.pack("HBBI", JUMP_IF_EQUAL, len(calls) - nth, 0, call) for nth, call in enumerate(calls)]
    ends = [struct.pack("HBBI", RETURN, 0, 0, action) for action in (ALLOW, ERRNO)]
    code = b"".join([struct.pack("HBBI", LOAD, 0, 0, 0), *jumps, *ends])
    program = ctypes.create_string_buffer(code)
    given = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(program))
    libc = ctypes.CDLL(None, use_errno=True)
    for option in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, FILTER_MODE, ctypes.c_char_p(given), 0, 0)):
        if libc.prctl(*option):
            raise OSError(ctypes.get_errno(), "no filter of system calls")


if __name__ == "__main__":
    forbid(*CALLS[os.uname().machine])
    from edge.cli import main

    main()
