"""What a machine must grant a worker: whatever `serve` would refuse, `check` says in the same words, and writes nothing."""

import os
import socket
import subprocess
import sys

import pytest

from edge.ledger.about import fingerprint
from edge.ledger.opening import Place, prepare
from edge.setup import read_setup
from edge.system import access
from tests.commands.test_cli import run
from tests.commands.test_looking import snapshot
from tests.mounted import fill, small, turn_read_only
from tests.needs import need
from tests.unprivileged import USER, as_nobody, give, open_folder, run_as_user
from tests.worker import PHONE, SECRET, config, free_port

FIPS = """
openssl_conf = all
[all]
providers = providers
alg_section = algorithms
[providers]
default = usual
[usual]
activate = 1
[algorithms]
default_properties = fips=yes
"""
"""An OpenSSL that is to use its validated part only, and has none."""


def both(file, run=run, **environ):
    """Return what `check` complains of, after seeing that it wrote nothing; and that `serve` refuses the same in one line."""
    before = snapshot(file.parent)
    code, out, _ = run("check", file, **environ)
    complaints = [line.removeprefix("error: ") for line in out.splitlines() if line.startswith("error: ")]
    assert before == snapshot(file.parent)
    refused, _, err = run("serve", file, **environ)
    assert (1, 2, 1) == (code, refused, err.count("\n")), err
    said = err.removeprefix("antirelou: ").rstrip("\n")
    assert {said, said.removeprefix(f"{file}: ")} & set(complaints), (said, complaints)
    return complaints


def state_said(file, caplog):
    """Return what `check` warns of the state, as far as the first semicolon, after seeing that `serve` says the same; both are USER's."""
    _, out, _ = run_as_user("check", file)
    [said] = [line for line in out.splitlines() if line.startswith("warning: server.state: ")]
    caplog.clear()
    with as_nobody():
        read_setup(file, {"TWILIO_AUTH_TOKEN": SECRET})
    assert [said] == [f"warning: {line}" for line in caplog.messages]
    return said.removeprefix("warning: server.state: ").partition(";")[0]


@pytest.fixture(name="file")
def _file(tmp_path):
    path = tmp_path / "edge.toml"
    path.write_text(config(bind=f"127.0.0.1:{free_port()}"))
    return path


@pytest.fixture(name="open_file")
def _open_file():
    with open_folder() as folder:
        path = folder / "edge.toml"
        path.write_text(config(bind=f"127.0.0.1:{free_port()}"))
        prepare(Place("sqlite:antirelou.db", folder, PHONE, currency="EUR"))
        give(folder)
        yield path


@pytest.mark.parametrize(
    ("server", "complaint"),
    [
        ('trace = "nowhere"', "server.trace: nothing can be written to FOLDER/nowhere: No such file or directory; make the folder"),
        ('trace = "edge.toml"', "server.trace: nothing can be written to FOLDER/edge.toml: Not a directory; make the folder"),
        ('trace = "/proc/self"', "server.trace: nothing can be written to /proc/self: "),
        ('bind = "unix:nowhere/x.sock"', "server.bind: the folder FOLDER/nowhere does not exist; make it"),
        ('bind = "unix:edge.toml"', "server.bind: FOLDER/edge.toml exists and is not a socket"),
        ('bind = "224.0.0.1:8000"', "server.bind: nobody connects to 224.0.0.1, the address of many; write one, such as"),
        ('bind = "255.255.255.255:8000"', "server.bind: nobody connects to 255.255.255.255, the address of many"),
        ('bind = "[ff02::1]:8000"', "server.bind: nobody connects to ff02::1, the address of many"),
        ('bind = "192.0.2.1:8000"', "server.bind: 192.0.2.1 is no address of this machine"),
        ('bind = "sms.example.org:8000"', "server.bind: sms.example.org is a name"),
        ('tls-cert = "a.pem"\ntls-key = "b.pem"', "server.tls-cert: FOLDER/a.pem cannot be read: No such file or directory"),
        ('tls-cert = "edge.toml"\ntls-key = "edge.toml"', "server.tls-cert, server.tls-key: "),
        ('origin-secret-env = "ORIGIN"', "server.origin-secret-env: the variable ORIGIN is not set"),
        ('status-key-env = "STATUS"', "server.status-key-env: the variable STATUS is not set"),
        ('[ledger]\nurl = "sqlite:nowhere/x.db"', "FOLDER/nowhere/x.db: cannot be written: FOLDER/nowhere: No such file or directory; make it, or write another ledger.url"),
        ('[ledger]\nurl = "sqlite:edge.toml"', "FOLDER/edge.toml: cannot be used as a ledger: file is not a database"),
        ('[ledger]\nurl = "sqlite:."', "FOLDER: cannot be used as a ledger: a folder, not a file"),
        ('[ledger]\nurl = "sqlite:/"', "ledger.url: found 'sqlite:/'; write a file"),
        ('tls-cert = "."\ntls-key = "."', "server.tls-cert: FOLDER cannot be read: a folder, not a file"),
        ('tls-cert = "/dev/zero"\ntls-key = "/dev/zero"', "server.tls-cert: /dev/zero cannot be read: a device, not a file"),
        ('[ledger]\nkey-env = "LEDGER_KEY"', "ledger.key-env: the variable LEDGER_KEY is not set"),
    ],
)  # fmt: skip
def test_what_is_lacking_is_said_before(file, server, complaint):
    """Folders, addresses, certificates, secrets and the ledger."""
    text = file.read_text()
    file.write_text(
        text.replace(next(line for line in text.splitlines() if line.startswith("bind")), server)
        if "bind" in server
        else text + server
    )
    [said] = both(file)

    assert said.startswith(complaint.replace("FOLDER", str(file.parent)))


def test_all_that_is_lacking_is_said_at_once(file):
    """And no error twice."""
    file.write_text(
        file.read_text() + 'trace = "nowhere"\nstatus-key-env = "STATUS"\n[ledger]\nurl = "sqlite:nowhere/x.db"\n'
    )

    assert ["number.secret-env", "server.status-key-env", "server.trace"] == [
        said.partition(":")[0] for said in both(file, TWILIO_AUTH_TOKEN="")[:3]
    ]
    assert 4 == len(both(file, TWILIO_AUTH_TOKEN=""))


def test_a_ledger_of_another_number_is_said_before(file):
    """So is one whose key is missing, or whose money is another's."""
    prepare(Place("sqlite:antirelou.db", file.parent, "+33937000001", currency="EUR"))
    assert [f"{file.parent}/antirelou.db: it is the ledger of +33937000001, and number.phone is {PHONE}"] == [
        said.partition(";")[0] for said in both(file)
    ]
    (file.parent / "antirelou.db.key").unlink()
    [said] = both(file)

    assert said.startswith(f"{file.parent}/antirelou.db.key: missing: without it nobody is recognised")


@pytest.mark.parametrize(
    ("name", "mode", "complaint"),
    [
        ("antirelou.db", 0o444, "FOLDER/antirelou.db: cannot be written: FOLDER/antirelou.db: user USER may not write it; it is OWNER"),
        ("antirelou.db", 0o000, "FOLDER/antirelou.db: cannot be used as a ledger: "),
        ("antirelou.db.key", 0o000, "FOLDER/antirelou.db.key: cannot be read: Permission denied to user USER; a ledger needs its key"),
        (".", 0o555, "FOLDER/antirelou.db: cannot be written: FOLDER: user USER may not write it; it is OWNER"),
        ("secret", 0o000, "number.secret-file: FOLDER/secret cannot be read: Permission denied to user USER"),
        ("run", 0o555, "server.bind: no socket can be made in FOLDER/run: user USER may not write it; it is OWNER"),
        ("traces", 0o555, "server.trace: nothing can be written to FOLDER/traces: user USER may not write it; it is OWNER"),
        ("cert.pem", 0o000, "server.tls-cert: FOLDER/cert.pem cannot be read: Permission denied to user USER"),
    ],
)  # fmt: skip
def test_what_may_not_be_used_is_said_with_user_file_and_reason(open_file, name, mode, complaint):
    """The ledger, its key and its folder, a secret's file, the socket's folder, the traces', a certificate; and nothing starts in silence."""
    folder = open_file.parent
    keys = {
        "secret": ('secret-env = "TWILIO_AUTH_TOKEN"', 'secret-file = "secret"'),
        "run": (open_file.read_text().split("[server]\n")[1].splitlines()[0], 'bind = "unix:run/x.sock"'),
        "traces": ("[server]", '[server]\ntrace = "traces"'),
        "cert.pem": ("[server]", '[server]\ntls-cert = "cert.pem"\ntls-key = "cert.pem"'),
    }
    open_file.write_text(open_file.read_text().replace(*keys.get(name, ("", ""))))
    path = folder / name
    if name in {"run", "traces"}:
        path.mkdir()
    elif name in keys:
        path.write_text("what-a-secret")
    if os.geteuid() == 0:  # otherwise it is ours, and what is forbidden to us is as well
        os.chown(path, 0, 0)
    path.chmod(mode)
    said = both(open_file, run_as_user)

    who = {"FOLDER": folder, "user USER": access._user(USER), "OWNER": access._user(os.geteuid())}
    for name_of, value in who.items():
        complaint = complaint.replace(name_of, str(value))
    assert said[0].startswith(complaint), said


@pytest.mark.parametrize("is_begun", [True, False])
def test_a_volume_that_is_read_only_is_said(tmp_path, is_begun):
    """Even to root, who may do everything else; status still tells what is there."""
    with small(tmp_path / "volume", kib=512) as folder:
        file = folder / "edge.toml"
        file.write_text(config(bind=f"127.0.0.1:{free_port()}"))
        if is_begun:
            prepare(Place("sqlite:antirelou.db", folder, PHONE, currency="EUR"))
        turn_read_only(folder)

        assert [f"{folder}/antirelou.db: cannot be written: {folder}: its file system is mounted read-only"] == both(
            file
        )
        assert (0 if is_begun else 2) == run("status", file)[0]


def test_a_full_disk_is_said_at_the_start(tmp_path):
    """By serve, which writes: a worker that could count nothing would only be silent. What looks may not know."""
    with small(tmp_path / "volume", kib=512) as folder:
        file = folder / "edge.toml"
        file.write_text(config(bind=f"127.0.0.1:{free_port()}"))
        prepare(Place("sqlite:antirelou.db", folder, PHONE, currency="EUR"))
        fill(folder)
        code, _, err = run("serve", file)

    assert (2, 1) == (code, err.count("\n"))
    assert f"antirelou: {folder}/antirelou.db: " in err


def test_a_state_that_is_not_kept_is_said(open_file, caplog):
    """By check and by serve, in the same words: a disk too full for it, and files that root has left behind."""
    place = Place("sqlite:antirelou.db", open_file.parent, PHONE, currency="EUR")
    with small(open_file.parent / "state", kib=9 * 1024) as folder:
        open_file.write_text(open_file.read_text().replace("[server]", '[server]\nstate = "state"'))
        owner = fingerprint(prepare(place).hash_key)
        full = state_said(open_file, caplog)
        sums = folder / f"antirelou-{owner[:8]}-sums-1"
        sums.touch(mode=0o000)
        give(folder)
        shut = state_said(open_file, caplog)

    assert f"there is no room in {folder}: 9,437,184 bytes are free, and 16,793,600 are needed" == full
    assert f"{folder} has what cannot be opened, {sums.name}: {access._user(USER)} may not write it" == shut


def test_a_port_that_is_in_use_is_no_mistake_of_the_file(file):
    """Our own server may listen there; serve itself refuses it, and begins nothing before."""
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        file.write_text(config(bind=f"127.0.0.1:{taken.getsockname()[1]}"))
        checked, (code, _, err) = run("check", file)[0], run("serve", file)

    assert (0, 2, True) == (checked, code, "is in use; end who listens there" in err)
    assert ["edge.toml"] == [path.name for path in file.parent.iterdir()]


def test_too_few_open_files_are_said_before(file):
    """A worker needs some."""
    need("prlimit")
    done = subprocess.run(
        ["prlimit", "--nofile=63", sys.executable, "-m", "edge", "check", file],
        capture_output=True, text=True, check=False, env={**os.environ, "TWILIO_AUTH_TOKEN": SECRET},
    )  # fmt: skip

    assert 1 == done.returncode
    assert "error: open files: the hard limit is 63, and a worker needs 64 at least" in done.stdout


def test_a_digest_that_is_refused_is_said(file):
    """In FIPS mode an OpenSSL may lack the one that a provider signs with: one line, and no traceback. Status needs none."""
    (file.parent / "openssl.cnf").write_text(FIPS)
    [said] = both(file, OPENSSL_CONF=str(file.parent / "openssl.cnf"))
    status = run("status", file, OPENSSL_CONF=str(file.parent / "openssl.cnf"))

    assert said.startswith("number.provider: twilio signs with a digest that this machine's OpenSSL refuses (")
    assert (2, True) == (status[0], "no ledger was begun there yet" in status[2])
