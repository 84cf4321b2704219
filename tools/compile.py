"""`python tools/compile.py [FOLDER]`: compile all C of edge/compiled/ where it stands, or into another folder.

It says in one line what came of it. Where there is no C compiler, or no Python.h, the worker does the same in Python, and
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

HERE = Path(__file__).parent.parent / "edge" / "compiled"
SUFFIX = ".abi3.so"
VARIABLE = "ANTIRELOU_COMPILE"
_SHARED = ("-bundle", "-undefined", "dynamic_lookup") if sys.platform == "darwin" else ("-shared",)
_CAREFUL = ("-std=c11", "-Wall", "-Wextra", "-Wconversion", "-fPIC", "-fvisibility=hidden", "-fstack-protector-strong")
QUICK = ("-O3",)
SANITIZED = ("-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
"""For whoever hunts in it: what is read or written out of bounds, or means nothing in C, ends the program."""


class LeftOut(Exception):
    """It cannot be compiled here; the text says why in a line."""


def compile_into(folder: Path, options: Sequence[str] = QUICK, *, wanted: str = "yes") -> list[Path]:
    """Compile into a folder, and return the files. Raises LeftOut."""
    if wanted == "no":
        raise LeftOut(f"{VARIABLE} is no")
    command = [*compiler(), *_SHARED, *_CAREFUL, *options, f"-I{_headers()}"]
    return [_compile(source, folder / f"{source.stem}{SUFFIX}", command) for source in sorted(HERE.glob("*.c"))]


def _compile(source: Path, file: Path, command: Sequence[str]) -> Path:
    part = file.with_name(f"{file.name}.{os.getpid()}")  # a worker that runs keeps what it has loaded
    try:
        done = subprocess.run([*command, str(source), "-o", str(part)], capture_output=True, text=True, check=False)  # noqa: S603  the user's own compiler: CC, or that of this Python
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
    """Compile if it is wanted and can be; return 1 if it has to be and cannot, and 2 of a folder that is none."""
    if len(arguments) > 1 or not all(map(os.path.isdir, arguments)):
        sys.stderr.write(f"compile.py: found {' '.join(arguments)!r}; write a folder that is there, or nothing\n")
        return 2
    folder = Path(arguments[0]) if arguments else HERE
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in {"", "yes", "no"}:
        sys.stderr.write(
            f"{VARIABLE}: {wanted!r} is neither yes nor no; leave it out to compile where it is possible\n"
        )
        return 1
    try:
        compile_into(folder, wanted=wanted)
    except LeftOut as reason:
        for file in folder.glob(f"*{SUFFIX}"):
            file.unlink()
        if wanted == "yes":
            sys.stderr.write(f"{VARIABLE} is yes, but nothing can be compiled: {reason}\n")
            return 1
        sys.stdout.write(f"forms and tables are read in Python: {reason}\n")
    else:
        sys.stdout.write("forms and tables are read by what was compiled\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
