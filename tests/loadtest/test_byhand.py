"""Facts about `make run`: the file is served, and the curl line that is printed is a message as the provider sends it."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from fnmatch import fnmatch

import pytest

from edge.state.folder import State
from tests import ROOT
from tests.needs import need
from tests.process.test_listening import make_certificates
from tests.worker import REPLY, URL, Worker, await_, config, free_port

UNSET = {name: value for name, value in os.environ.items() if name not in ("TWILIO_AUTH_TOKEN", "ORIGIN_SECRET")}
SECRET_PATH = "/sms-0123456789abcdef0123456789abcdef"


def command(file):
    """Return the command line."""
    return [sys.executable, "-u", "-m", "loadtest.byhand", str(file)]


@contextmanager
def by_hand(file):
    """Run it, and yield what it printed until the worker's own line; ended as by Ctrl-C, with exit 0. Nothing of it is left running."""
    process = subprocess.Popen(command(file), stdout=subprocess.PIPE, text=True, env=UNSET)
    worker = Worker(process, ("", 0), file)
    try:
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if "answers for" in line:
                break
        assert process.poll() is None, lines
        await_(worker.children)  # from here on Ctrl-C is a stop, and before it an interruption
        yield lines
        process.send_signal(signal.SIGINT)
        code = process.wait(20)
    finally:
        if process.poll() is None:
            worker.kill_tree()
        process.stdout.close()
    assert 0 == code, lines


def curl_of(lines):
    """Return the line for a shell among those that were printed."""
    [line] = [line for line in lines if line.startswith("curl ")]
    return line


def answers(line, folder):
    """Return what a shell gets for the line that was printed, twice; the worker may still be starting."""
    got = []

    def run():
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, cwd=folder)
        got.extend([done.stdout] if done.returncode == 0 else [])
        return len(got) == 2

    await_(run)
    return got


def with_overrides(text, _):
    """Twilio, with connection overrides in the address, which are not signed."""
    return text.replace(URL, f"{URL}#rc=2")


def on_a_socket(text, _):
    """Plivo, whose signature covers no text, on a unix socket, for senders in another country."""
    text = re.sub('bind = ".*"', 'bind = "unix:edge.sock"', text).replace('"+33" = "0.0763", ', "")
    return text.replace('"twilio"', '"plivo"').replace("/sms", SECRET_PATH)


def over_tls(text, folder):
    """SignalWire, over TLS, on all addresses, past a proxy that proves itself."""
    make_certificates(folder)
    lines = 'tls-cert = "server.pem"\ntls-key = "server.key"\norigin-secret-env = "ORIGIN_SECRET"\n'
    return text.replace('"twilio"', '"signalwire"').replace("127.0.0.1:", "0.0.0.0:") + lines


def with_a_secret_path(text, _):
    """46elks, which signs nothing."""
    return (
        text.replace('"twilio"', '"46elks"')
        .replace("/sms", SECRET_PATH)
        .replace('secret-env = "TWILIO_AUTH_TOKEN"', "")
    )


@pytest.mark.parametrize("kind", [with_overrides, on_a_socket, over_tls, with_a_secret_path])
def test_the_line_that_is_printed_works(tmp_path, kind):
    """Run by a shell it gets the reply from the worker, again as a retry, and again when the file is served a second time."""
    need("curl")
    file = tmp_path / "edge.toml"
    file.write_text(kind(config(bind=f"127.0.0.1:{free_port()}"), tmp_path))
    seen = []
    for _ in "12":
        with by_hand(file) as lines:
            seen += answers(curl_of(lines), tmp_path)

    assert [True] * 4 == [REPLY in answer for answer in seen], seen


def test_a_secret_is_made_up_for_each_run(tmp_path):
    """It says so, and signs otherwise each time."""
    file = tmp_path / "edge.toml"
    file.write_text(config(bind=f"127.0.0.1:{free_port()}"))
    runs = []
    for _ in "12":
        with by_hand(file) as lines:
            runs.append(lines)

    assert ["TWILIO_AUTH_TOKEN is not set: a secret is made up for this run"] * 2 == [lines[0] for lines in runs]
    assert curl_of(runs[0]) != curl_of(runs[1])


def test_a_certificate_that_only_the_proxy_has_is_left_to_fill_in(tmp_path):
    """Where a client has to bring one, the line has a place for it, and says so."""
    need("curl")
    file = tmp_path / "edge.toml"
    text = over_tls(config(bind=f"127.0.0.1:{free_port()}"), tmp_path) + 'tls-client-ca = "ca.pem"\n'
    file.write_text(text)
    with by_hand(file) as lines:
        line = curl_of(lines).replace("CLIENT", "client")
        seen = answers(line, tmp_path)

    assert "CLIENT stands for a client's certificate, and key, of the authority ca.pem" in lines
    assert [True, True] == [REPLY in answer for answer in seen]


def ended(file):
    """Return how it ends by itself: exit code, standard output and standard error."""
    done = subprocess.run(command(file), capture_output=True, text=True, check=False, env=UNSET, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("bind", ["127.0.0.1", "0.0.0.0"])
def test_a_port_in_use_is_said_on_one_line(tmp_path, bind):
    """Whoever holds the port, another server of ours included, it says which and what to do, and nothing else; exit 2."""
    with socket.create_server((bind, 0), reuse_port=True) as other:
        port = other.getsockname()[1]
        (tmp_path / "edge.toml").write_text(config(bind=f"{bind}:{port}"))
        found = ended(tmp_path / "edge.toml")

    assert found == (
        2,
        "",
        f"antirelou: server.bind: port {port} of {bind} is in use; end who listens there, or choose another port\n",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (config().replace("kitty", "kity"), "budget: unknown key 'kity'"),
        (
            config().replace('"twilio"', '"twillio"'),
            "number.provider: found 'twillio', for which the flood cannot speak; did you mean",
        ),
        (config().replace("secret-env", "secret-file"), "number.secret-file: TWILIO_AUTH_TOKEN cannot be read"),
    ],
)
def test_a_file_that_cannot_be_served_is_said_on_one_line(tmp_path, text, said):
    """What is wrong with it, and exit 1 or 2, without a traceback."""
    (tmp_path / "edge.toml").write_text(text)
    code, _, complained = ended(tmp_path / "edge.toml")

    assert code in (1, 2)
    assert said in complained
    assert 1 == len(complained.splitlines())


def test_no_file_is_not_this_folder():
    """As where the Makefile's variable is blank: it is said what to write."""
    assert (2, "", "loadtest.byhand: FILE: found ''; write the path of a static file, such as edge.toml\n") == ended("")


def test_git_adds_nothing_of_what_is_left(tmp_path):
    """A ledger with its key, and what the worker keeps beside it: the tree is as it was, though the example is served in it."""
    file = tmp_path / "edge.toml"
    file.write_text(config(bind=f"127.0.0.1:{free_port()}"))
    with by_hand(file):
        pass
    State(tmp_path, "0" * 16).stops().keep(b"somebody")
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    left = [path.name for path in tmp_path.iterdir() if path != file]

    assert {"antirelou.db", "antirelou.db.key"} < set(left)
    assert [] == [name for name in left if not any(fnmatch(name, pattern) for pattern in ignored)]
