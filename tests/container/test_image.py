"""Facts about the image: who it runs as, what it can write, how it ends, what it keeps, and what is not in it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.container.image import ROOT, SECRETS, Image, contained, contents
from tests.worker import await_, free_port, message_id, sender

MAY_WRITE = """
import os
for folder in "/", "/opt/antirelou", "/etc/antirelou", "/var/lib/antirelou", "/tmp":
    if os.access(folder, os.W_OK):
        print(folder)
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """Build the image once for all of these tests."""
    built = Image(tmp_path_factory.mktemp("image") / "store")
    built.build()
    yield built
    built.remove()


@pytest.fixture
def volume(tmp_path):
    """Return an empty volume that belongs to the image's user."""
    path = tmp_path / "volume"
    path.mkdir()
    os.chown(path, 10001, 10001)
    for parent in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(0o755)
    return path


def test_it_answers_without_privileges_on_a_read_only_root(image, volume, tmp_path, capsys):
    """User 10001 without a capability answers, and can write nowhere but in its volume and /tmp."""
    started = time.monotonic()
    with contained(image, tmp_path / "etc", free_port(), volume) as worker:
        elapsed = time.monotonic() - started
        status, reply = worker.send(sender(1), "salut", message_id(1))
        seen = worker.status_of(worker.inner)
        asked = ["python3", "-c", MAY_WRITE]
        command = image.command(tmp_path / "etc" / "edge.toml", volume, asked)
        inside = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    size = sum(path.lstat().st_size for path in image.root.rglob("*") if not path.is_symlink())
    ours = sum(path.lstat().st_size for path in (image.root / "opt/antirelou").rglob("*"))
    with capsys.disabled():
        sys.stdout.write(f"\nimage: {size / 1e6:.0f} MB, {ours / 1e6:.0f} of it ours; ready in {elapsed:.2f} s\n")

    assert (200, True) == (status, "<Message>" in reply)
    assert ["10001"] * 4 == seen["Uid"].split()
    assert {0} == {int(seen[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")}
    assert "1" == seen["NoNewPrivs"]
    assert ["/var/lib/antirelou", "/tmp"] == inside


def test_it_drains_on_sigterm_and_keeps_its_ledger(image, volume, tmp_path):
    """As process 1 it ends by itself, everybody who was answered is in the volume, and the next run knows them."""
    port = free_port()
    replies = {}

    def flood():
        for n in range(200):
            try:
                replies[n] = worker.send(sender(n), "salut", message_id(n))[1]
            except OSError:
                return

    with contained(image, tmp_path / "etc", port, volume) as worker:
        client = threading.Thread(target=flood)
        client.start()
        await_(lambda: len(replies) >= 20)
        os.kill(worker.inner, signal.SIGTERM)
        stopped = worker.process.wait(15)
        client.join()
    with contained(image, tmp_path / "etc", port, volume) as worker:
        again = [worker.send(sender(n), "salut", message_id(1000 + n))[1] for n in replies]
        status = worker.status()

    assert 0 == stopped
    assert all("<Message>" in reply for reply in replies.values())
    assert not any("<Message>" in reply for reply in again)
    assert len(replies) <= status["replies"] <= len(replies) + 1
    assert {"antirelou.db", "antirelou.db.key"} <= {path.name for path in volume.iterdir()}


def test_it_says_how_to_look_after_it(image):
    """It declares a user, a volume, the signal that drains it, a check of its health, and no secret."""
    declared = image.config

    assert "10001:10001" == declared["User"]
    assert "SIGTERM" == declared["StopSignal"]
    assert ["/var/lib/antirelou"] == list(declared["Volumes"])
    assert "CMD" == declared["Healthcheck"]["Test"][0]
    assert {"PATH", "PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"} >= {
        pair.partition("=")[0] for pair in declared["Env"] if not pair.startswith(("LANG", "GPG_KEY", "PYTHON_"))
    }


def test_its_folder_is_open_to_group_0(image):
    """Some platforms run a container as a user that they choose, in group 0: the ledger's folder is theirs as well as 10001's."""
    found = (image.root / "var" / "lib" / "antirelou").stat()

    around = (image.root / "var" / "lib").stat()

    assert (10001, 0, 0o770) == (found.st_uid, found.st_gid, found.st_mode & 0o7777)
    assert (0, 0) == (around.st_uid, around.st_gid)


def test_its_health_check_tells_alive_from_dead(image, volume, tmp_path):
    """The declared check holds while the worker answers on port 8000, and fails when nobody does."""
    [_, *check] = image.config["Healthcheck"]["Test"]
    port = free_port()
    check = [part.replace(":8000/", f":{port}/") for part in check]

    def healthy(static_file):
        return subprocess.run(image.command(static_file, volume, check), check=False, capture_output=True)

    with contained(image, tmp_path / "etc", port, volume):
        alive = healthy(tmp_path / "etc" / "edge.toml").returncode
    dead = healthy(tmp_path / "etc" / "edge.toml").returncode

    assert (0, 1) == (alive, dead)


def test_it_holds_the_worker_and_nothing_of_the_workshop(image):
    """Neither the harness nor the tests, the example, a ledger, a key or a wheel of ours is in it."""
    ours = image.root / "opt" / "antirelou"
    names = {path.name for path in ours.iterdir()}
    files = [path.name for path in ours.rglob("*")]

    assert {"edge", "granian", "starlette", "apsw", "msgspec", "click"} <= names
    assert not {"tools", "loadtest", "bench", "tests", "locust", "edge.toml"} & names
    assert not [name for name in files if name.endswith((".db", ".key", ".env", ".whl"))]
    assert not (image.root / "wheels").exists()


def test_its_forms_are_compiled_and_the_compiler_is_not_in_it(image, volume, tmp_path):
    """A stage of the build has a compiler, and nothing of it is left but what it has made."""
    command = image.command(tmp_path / "edge.toml", volume, ["python3", "-m", "edge", "--version"])
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    programs = {path.name for path in (image.root / "usr" / "bin").iterdir()}

    assert "forms: compiled" == told.splitlines()[1]
    assert not {"cc", "gcc", "ld", "as"} & programs


def test_no_layer_holds_a_secret(image, tmp_path):
    """No file of any layer, and nothing of the image's own description, holds what was in the builder's environment."""
    folder = tmp_path / "exported"
    layers = image.export(folder)
    found = [
        (name, variable)
        for path in layers
        for name, held in contents(path)
        for variable, secret in SECRETS.items()
        if secret.encode() in held
    ]

    assert len(layers) >= 4
    assert [] == found


def test_its_bill_of_materials_lists_what_is_installed(image):
    """The SBOM in the image names every package that lies in it, with the version and the hashes of the lock."""
    bill = json.loads((image.root / "usr/share/doc/antirelou/sbom.cdx.json").read_text())
    listed = {(part["name"], part["version"]) for part in bill["components"]}
    installed = {
        tuple(path.name.removesuffix(".dist-info").lower().replace("_", "-").rsplit("-", 1))
        for path in (image.root / "opt/antirelou").glob("*.dist-info")
    }

    assert ("CycloneDX", "1.6") == (bill["bomFormat"], bill["specVersion"])
    assert installed <= listed
    assert all(len(part["hashes"]) > 0 for part in bill["components"])
    assert (ROOT / "build" / "sbom.cdx.json").read_text() == (
        Path(image.root) / "usr/share/doc/antirelou/sbom.cdx.json"
    ).read_text()
