"""Commands that run as a user who may not do everything: root may write what is read-only."""

import codecs
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.worker import SECRET

NOBODY = 65534
UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
"""Coverage writes its data to a folder of root's."""
USER = NOBODY if os.geteuid() == 0 else os.geteuid()


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that everybody may enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp(prefix="antirelou-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


# The rights are laid down when all is imported: root's interpreter may lie where nobody else may look.
PROGRAM = """
import encodings.idna, encodings.utf_8_sig, os
from edge import cli
if os.geteuid() == 0:
    os.setgroups([]), os.setgid({user}), os.setuid({user})
cli.main()
"""


def run_as_user(*arguments: object, **environ: str) -> tuple[int, str, str]:
    """Run a command as USER; return exit code, standard output and standard error."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(user=USER), *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=60,
        env={**UNMEASURED, "TWILIO_AUTH_TOKEN": SECRET, **environ},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@contextmanager
def as_nobody() -> Iterator[None]:
    """Lay down the rights of root meanwhile, if we have them: root may write what is read-only."""
    codecs.lookup("utf-8-sig")  # as above: loaded while we may look where it lies
    root = os.geteuid() == 0
    if root:
        os.seteuid(USER)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def give(folder: Path) -> None:
    """Have a folder and all in it be USER's."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, USER, USER)
