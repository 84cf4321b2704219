"""The image, built by `deploy/image` with buildah, and run as its own configuration says, by a sandbox instead of an engine.

What an engine would do is done here with Debian's bubblewrap and the image's setpriv: the root read-only, the image's user,
no capability, no new privileges, process 1 of its own, an empty /tmp, the volume and the static file mounted.
"""

import contextlib
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

from tests import ROOT
from tests.needs import need
from tests.worker import SECRET, START_S, Worker, await_, config, kill

TAG = "localhost/antirelou-test"
SECRETS = {"TWILIO_AUTH_TOKEN": SECRET, "ORIGIN_SECRET": "a-secret-of-the-builder"}
"""Secrets in the environment of the build, which must not be in any layer."""


class Image:
    """A built image in a store of its own."""

    def __init__(self, store):
        self.store = store
        self.environ = {
            **os.environ,
            "BUILDAH_ISOLATION": "chroot",
            "CONTAINERS_STORAGE_CONF": str(store / "storage.conf"),
        }
        store.mkdir()
        (store / "storage.conf").write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{store}/graph"\nrunroot = "{store}/run"\n'
        )

    def build(self):
        """Build it as `make image` does where no registry can be reached; root, who may mount it, looks into it afterwards."""
        need("buildah", "root")
        built = subprocess.run(
            [ROOT / "deploy" / "image", TAG], check=False, capture_output=True, text=True,
            env={**self.environ, "OFFLINE": "1", "BUILDER": "buildah", **SECRETS},
        )  # fmt: skip
        assert built.returncode == 0, built.stdout + built.stderr
        self.container = self._buildah("from", "--pull-never", TAG)
        self.root = Path(self._buildah("mount", self.container))
        self.config = json.loads(self._buildah("inspect", "--type", "image", TAG))["Docker"]["config"]

    def export(self, folder):
        """Return the paths of the layers as tar files, and of everything else that the image is sent with."""
        self._buildah("push", "--quiet", TAG, f"dir:{folder}")
        return sorted(path for path in folder.iterdir() if path.is_file())

    def remove(self):
        """Let go of the store."""
        self._buildah("umount", self.container)
        self._buildah("rm", self.container)
        shutil.rmtree(self.store)

    def _buildah(self, *arguments):
        done = subprocess.run(["buildah", *arguments], check=False, capture_output=True, text=True, env=self.environ)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def command(self, static_file, volume, program):
        """Return the command line that runs a program in it."""
        user, _, group = self.config["User"].partition(":")
        environ = dict(pair.split("=", 1) for pair in self.config["Env"]) | {"TWILIO_AUTH_TOKEN": SECRET}
        return [
            "bwrap", "--ro-bind", self.root, "/", "--proc", "/proc", "--dev", "/dev",
            "--perms", "1777", "--tmpfs", "/tmp",
            "--bind", volume, next(iter(self.config["Volumes"])), "--ro-bind", static_file.parent, "/etc/antirelou",
            "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--as-pid-1", "--die-with-parent",
            "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP",
            "--clearenv", *(part for name, value in environ.items() for part in ("--setenv", name, value)),
            "--chdir", self.config["WorkingDir"],
            "/usr/bin/setpriv", "--reuid", user, "--regid", group, "--clear-groups", "--no-new-privs",
            "--bounding-set", "-all", "--inh-caps", "-all",
            *program,
        ]  # fmt: skip


class Contained(Worker):
    """A worker in a sandbox: signals go to its process 1, as an engine sends them."""

    @property
    def inner(self):
        """Return the pid, seen from outside, of process 1 inside."""
        [pid] = self.children()
        return pid

    def status_of(self, pid):
        """Return what the kernel says of a process."""
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@contextlib.contextmanager
def contained(image, folder, port, volume):
    """Run the image with a static file, ready to answer; whatever happens, nothing of it is left running."""
    folder.mkdir(exist_ok=True)
    file = folder / "edge.toml"
    text = config(bind=f"127.0.0.1:{port}")
    ledger = '[ledger]\nurl = "sqlite:/var/lib/antirelou/antirelou.db"\n'
    file.write_text(text.replace("[server]", ledger + "\n[server]"))
    for path in (folder, file):
        path.chmod(0o755)
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(
            image.command(file, volume, image.config["Entrypoint"] + image.config["Cmd"]), stdout=log, stderr=log
        )
    worker = Contained(process, ("127.0.0.1", port), folder / "log")

    def ready():
        assert process.poll() is None, worker.log.read_text()
        with contextlib.suppress(OSError):
            return worker.get("/readyz")[0] == 200
        return False

    try:
        await_(ready)
        yield worker
    finally:
        for pid in worker.children():  # process 1 inside, and everything inside dies with it
            kill(pid)
        process.wait(START_S)


def contents(path):
    """Yield name and bytes of every file of a layer; of what is not a layer, the file itself."""
    if not tarfile.is_tarfile(path):
        yield path.name, path.read_bytes()
        return
    with tarfile.open(path) as layer:
        for member in layer:
            if member.isfile():
                yield member.name, layer.extractfile(member).read()
