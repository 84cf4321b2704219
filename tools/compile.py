"""`python tools/compile.py [FOLDER]`: compile what reads forms in one pass into edge/compiled/, or into another folder.

It says in one line what came of it. Where there is no C compiler, or no Python.h, the worker reads forms in Python, and
nothing is amiss; `ANTIRELOU_COMPILE=yes` takes that for a failure, and `ANTIRELOU_COMPILE=no` does not try.

Nothing but Python is needed: it runs while the package is built, and while the image is.
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "edge" / "compiled" / "onepass.c"
COMPILED = "onepass.abi3.so"
VARIABLE = "ANTIRELOU_COMPILE"
_SHARED = ("-bundle", "-undefined", "dynamic_lookup") if sys.platform == "darwin" else ("-shared",)
_CAREFUL = ("-std=c11", "-Wall", "-Wextra", "-Wconversion", "-fPIC", "-fvisibility=hidden", "-fstack-protector-strong")
QUICK = ("-O3",)
SANITIZED = ("-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
"""For whoever hunts in it: what is read or written out of bounds, or means nothing in C, ends the program."""


class LeftOut(Exception):
    """It cannot be compiled here; the text says why in a line."""


def compile_into(folder: Path, options: Sequence[str] = QUICK, *, wanted: str = "yes") -> Path:
    """Compile into a folder, and return the file. Raises LeftOut."""
    if wanted == "no":
        raise LeftOut(f"{VARIABLE} is no")
    command = [*compiler(), *_SHARED, *_CAREFUL, *options, f"-I{_headers()}", str(SOURCE)]
    file = folder / COMPILED
    part = folder / f"{COMPILED}.{os.getpid()}"  # a worker that runs keeps what it has loaded
    try:
        done = subprocess.run([*command, "-o", str(part)], capture_output=True, text=True, check=False)  # noqa: S603  a compiler
        if done.returncode:
            wrong = [line for line in done.stderr.splitlines() if "error" in line] or ["it says nothing"]
            raise LeftOut(f"{command[0]} failed: {wrong[0]}")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return file


def compiler() -> list[str]:
    """Return the command of a C compiler: the one of the environment, the one of this Python, or any."""
    named = os.environ.get("CC")
    own = str(sysconfig.get_config_var("CC") or "")
    for command in map(shlex.split, [named] if named else [own, "cc", "gcc", "clang"]):
        if command and shutil.which(command[0]):
            return command
    raise LeftOut(f"CC={named} is no program" if named else "there is no C compiler (Debian, Ubuntu: apt install gcc)")


def _headers() -> str:
    """Return the folder of Python.h."""
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise LeftOut("this Python has no stable ABI")
    folder = sysconfig.get_path("include")
    if not Path(folder, "Python.h").exists():
        raise LeftOut("Python.h is missing (Debian, Ubuntu: apt install python3-dev)")
    return folder


def main(arguments: Sequence[str]) -> int:
    """Compile if it is wanted and can be; return 1 if it has to be and cannot."""
    folder = Path(arguments[0]) if arguments else SOURCE.parent
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in {"", "yes", "no"}:
        sys.stderr.write(
            f"{VARIABLE}: {wanted!r} is neither yes nor no; leave it out to compile where it is possible\n"
        )
        return 1
    try:
        compile_into(folder, wanted=wanted)
    except LeftOut as reason:
        (folder / COMPILED).unlink(missing_ok=True)
        if wanted == "yes":
            sys.stderr.write(f"{VARIABLE} is yes, but forms cannot be compiled: {reason}\n")
            return 1
        sys.stdout.write(f"forms are read in Python: {reason}\n")
    else:
        sys.stdout.write("forms are read by what was compiled\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
