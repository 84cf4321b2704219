"""Facts about how a worker listens: TCP or a socket, with TLS or mutual TLS, in HTTP/1.1 and HTTP/2, over real connections."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess

import pytest

from edge.config import Server
from edge.errors import ConfigError
from edge.web.listening import make_way
from edge.web.tls import check_tls
from tests.needs import need
from tests.worker import PROGRAM, SECRET, Worker, await_, config, free_port, message_id, request, sender, serving

SUBJECTS = {"server": "/CN=localhost", "client": "/CN=cdn", "stranger": "/CN=stranger"}
EXTENSIONS = """
subjectAltName=DNS:localhost,IP:127.0.0.1
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
"""
"""What a certificate of an authority says of itself; Python 3.13 trusts none that says less."""


def openssl(*arguments, cwd):
    """Run openssl quietly."""
    need("openssl")
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)


def make_certificates(folder):
    """Make two authorities, a server's and a client's certificate of the first, and a stranger's of the second."""
    for authority in ("ca", "other"):
        openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-subj", f"/CN={authority}", "-keyout", f"{authority}.key", "-out", f"{authority}.pem", cwd=folder,
        )  # fmt: skip
    (folder / "extensions").write_text(EXTENSIONS)
    for name, subject in SUBJECTS.items():
        openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
            "-keyout", f"{name}.key", "-out", f"{name}.csr", cwd=folder,
        )  # fmt: skip
        authority = "other" if name == "stranger" else "ca"
        openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
            "-CAcreateserial", "-days", "2", "-extfile", "extensions", "-out", f"{name}.pem", cwd=folder,
        )  # fmt: skip


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Return a folder of certificates made for these tests."""
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self):
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))


def tls(folder, name=None, authority="ca"):
    """Return a client's TLS, with its certificate if it has one."""
    context = ssl.create_default_context(cafile=folder / f"{authority}.pem")
    if name is not None:
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


def ask(connection, method="GET", path="/healthz", body=None, headers=None):
    """Return status and body of one request."""
    with contextlib.closing(connection):
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode()


def answers(connect):
    """Return whether somebody answers yet."""
    with contextlib.suppress(OSError):
        return ask(connect())[0] == 200
    return False


@contextlib.contextmanager
def listening(folder, text, connect):
    """Serve a file, alive for whoever connects that way; whatever happens, nothing of it is left running."""
    file, log = folder / "edge.toml", folder / "edge.log"
    file.write_text(text)
    with log.open("a") as out:
        process = subprocess.Popen(
            [*PROGRAM, "serve", str(file)],
            env={**os.environ, "TWILIO_AUTH_TOKEN": SECRET}, stdout=out, stderr=out, text=True,
        )  # fmt: skip
    worker = Worker(process, ("", 0), log)

    def ready():
        assert process.poll() is None, log.read_text()
        return answers(connect)

    try:
        await_(ready)
        yield worker
    finally:
        if process.poll() is None:
            worker.kill_tree()


def send(connection, number):
    """Send one message; return status and body."""
    headers, body = request(sender(number), "salut", message_id(number))
    return ask(connection, "POST", "/sms", body, headers)


def tls_config(folder, port, *, client_ca=False):
    """Return a static file that listens with TLS."""
    lines = [f'tls-cert = "{folder}/server.pem"', f'tls-key = "{folder}/server.key"']
    if client_ca:
        lines.append(f'tls-client-ca = "{folder}/ca.pem"')
    return config(bind=f"127.0.0.1:{port}") + "\n".join(lines) + "\n"


def curl(folder, *arguments):
    """Return what curl prints."""
    need("curl")
    command = ["curl", "--silent", "--max-time", "10", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_a_message_is_answered_over_tls(tmp_path, certificates):
    """With a certificate the worker speaks TLS 1.2 and 1.3, and nothing older."""
    port = free_port()

    def connect(context=None):
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context or tls(certificates))

    older = tls(certificates)
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    with listening(tmp_path, tls_config(certificates, port), connect):
        newest = connect()
        newest.connect()
        version = newest.sock.version()
        status, reply = send(newest, 1)
        again = send(connect(older), 1)

    assert "TLSv1.3" == version
    assert (200, True) == (status, "<Message>" in reply)
    assert (200, reply) == again


def test_only_a_client_with_a_certificate_of_the_authority_gets_through(tmp_path, certificates):
    """With tls-client-ca the CDN's certificate is let in; none, and one of another authority, are refused unread."""
    port = free_port()

    def connect(name):
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=tls(certificates, name))

    with listening(tmp_path, tls_config(certificates, port, client_ca=True), lambda: connect("client")) as worker:
        with pytest.raises(OSError, match=r"alert|EOF|reset|Broken pipe"):
            send(connect(None), 1)
        with pytest.raises(OSError, match=r"alert|EOF|reset|Broken pipe"):
            send(connect("stranger"), 2)
        status, reply = send(connect("client"), 3)
        replies = json.loads(ask(connect("client"), path="/status.json")[1])["by_reason"]
        stopped = worker.stop()

    assert (200, True) == (status, "<Message>" in reply)
    assert {"answered": 1} == replies
    assert 0 == stopped


def test_http_2_is_spoken_where_only_the_proxy_can_connect(tmp_path, certificates):
    """On a socket, and with a client's certificate, h2 is spoken; elsewhere a client that offers both gets HTTP/1.1."""
    headers, body = request(sender(1), "salut", message_id(1))
    form = [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    form += ["--data", body.decode(), "--write-out", "|%{http_version}|%{http_code}"]
    port = free_port()
    by_socket = ["--unix-socket", str(tmp_path / "proxy.sock"), "--http2-prior-knowledge"]
    by_tls = ["--http2", "--cacert", str(certificates / "ca.pem")]
    by_certificate = [*by_tls, "--cert", str(certificates / "client.pem"), "--key", str(certificates / "client.key")]

    def https(name=None):
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=tls(certificates, name))

    ways = {
        "socket": (
            config(bind=f"unix:{tmp_path}/proxy.sock"),
            lambda: UnixConnection(tmp_path / "proxy.sock"),
            by_socket,
        ),
        "certificate": (tls_config(certificates, port, client_ca=True), lambda: https("client"), by_certificate),
        "tls": (tls_config(certificates, port), https, by_tls),
    }
    seen = {}
    for way, (text, connect, how) in ways.items():
        folder = tmp_path / way
        folder.mkdir()
        with listening(folder, text, connect):
            url = "http://localhost/sms" if way == "socket" else f"https://127.0.0.1:{port}/sms"
            seen[way] = curl(folder, *how, *form, url)

    assert {"socket": "2|200", "certificate": "2|200", "tls": "1.1|200"} == {
        way: shown.partition("|")[2] for way, shown in seen.items()
    }
    assert all("<Message>" in shown for shown in seen.values())


def test_a_socket_is_for_its_owner_and_group(tmp_path):
    """A worker bound to "unix:…" listens there with mode 0660, answers, and takes the socket away when it ends."""
    path = tmp_path / "antirelou.sock"
    with listening(tmp_path, config(bind="unix:antirelou.sock"), lambda: UnixConnection(path)) as worker:
        mode = stat.S_IMODE(path.stat().st_mode)
        status, reply = send(UnixConnection(path), 1)
        stopped = worker.stop()

    assert 0o660 == mode
    assert (200, True) == (status, "<Message>" in reply)
    assert (0, False) == (stopped, path.exists())


def test_a_socket_that_a_killed_server_left_is_cleared_away(tmp_path):
    """After kill -9 the next start takes the place of the dead socket; beside a live one it refuses, and says why."""
    path = tmp_path / "antirelou.sock"
    text = config(bind="unix:antirelou.sock")
    with listening(tmp_path, text, lambda: UnixConnection(path)) as worker:
        worker.kill_tree()
        left = path.is_socket()
    with listening(tmp_path, text, lambda: UnixConnection(path)):
        status, _ = send(UnixConnection(path), 1)
        with pytest.raises(ConfigError, match="served by another process"):
            make_way(Server(bind=f"unix:{path}"), tmp_path)

    assert left
    assert 200 == status


def test_the_socket_of_a_later_server_is_not_removed(tmp_path):
    """A server that starts on the socket of one that is still ending keeps it when the other one has ended."""
    text = config(bind="unix:antirelou.sock")
    path, body = tmp_path / "antirelou.sock", b"a" * 9

    def is_refused():
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(path)) != 0

    with listening(tmp_path, text, lambda: UnixConnection(path)) as first, socket.socket(socket.AF_UNIX) as slow:
        slow.connect(str(path))
        slow.sendall(b"POST /sms HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n")
        slow.recv(100)
        first.process.send_signal(signal.SIGTERM)
        await_(is_refused)
        with listening(tmp_path, text, lambda: UnixConnection(path)) as second:
            slow.sendall(body)
            ended = first.process.wait(20)
            status, _ = ask(UnixConnection(path))
            second.stop()

    assert (0, 200) == (ended, status)
    assert not path.exists()


def test_a_second_server_on_the_same_port_is_refused(tmp_path):
    """With another file and another ledger it ends before its banner, and names the port; the first one goes on alone."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    (tmp_path / "other").mkdir()
    with serving(tmp_path, text) as worker:
        done = serve(tmp_path / "other", text)
        status = worker.get("/healthz")[0]

    assert (2, "") == (done.returncode, done.stdout)
    assert [f"port {worker.address[1]} of 127.0.0.1 is in use"] == re.findall(r"port \d+ of \S+ is in use", done.stderr)
    assert 1 == len(done.stderr.splitlines())
    assert 200 == status


def serve(folder, text):
    """Serve a file that is refused, and return what came of it."""
    (folder / "edge.toml").write_text(text)
    return subprocess.run(
        [*PROGRAM, "serve", str(folder / "edge.toml")],
        env={**os.environ, "TWILIO_AUTH_TOKEN": SECRET}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bind", "complaint"),
    [
        ("localhost:8000", 'localhost is a name, and workers listen on addresses; write one, such as "127.0.0.1:8000"'),
        ("192.0.2.1:8000", "192.0.2.1 is no address of this machine"),
        ("127.0.0.1:0", "port 0 is none"),
        ("unix:" + "a" * 107, "the path of a socket has 107 at most"),
    ],
)
def test_an_address_that_nobody_can_listen_on_is_refused_before_the_banner(tmp_path, bind, complaint):
    """A name, another machine's address, no port and a long path each get one line, and exit 2."""
    done = serve(tmp_path, config(bind=bind))

    assert (2, "") == (done.returncode, done.stdout)
    assert [True] == [complaint in line for line in done.stderr.splitlines()]


@pytest.mark.parametrize(
    ("server", "complaint"),
    [
        ({"tls_cert": "server.pem", "tls_key": "missing.key"}, r"server\.tls-key: .*missing\.key cannot be read"),
        ({"tls_cert": "missing.pem", "tls_key": "server.key"}, r"server\.tls-cert: .*missing\.pem cannot be read"),
        ({"tls_cert": "server.pem", "tls_key": "client.key"}, "tls-key: key values mismatch; write a chain"),
        ({"tls_cert": "extensions", "tls_key": "server.key"}, "server.tls-cert, server.tls-key: .*; write a chain"),
        ({"tls_cert": "server.pem", "tls_key": "secret.key"}, "asks for a passphrase"),
        ({"tls_cert": "server.pem", "tls_key": "server.key", "tls_client_ca": "extensions"}, "server.tls-client-ca: "),
    ],
)
def test_certificates_that_would_stop_a_worker_stop_the_start(certificates, server, complaint):
    """A missing file, a key of another certificate, what is not PEM and a key with a passphrase are said in one line."""
    openssl("ec", "-in", "server.key", "-aes256", "-passout", "pass:x", "-out", "secret.key", cwd=certificates)

    with pytest.raises(ConfigError, match=complaint):
        check_tls(Server(**server), certificates)


def test_certificates_that_hold_are_taken(certificates):
    """No TLS, TLS, and TLS with an authority for clients pass."""
    pair = {"tls_cert": "server.pem", "tls_key": "server.key"}

    for server in ({}, pair, pair | {"tls_client_ca": "ca.pem"}):
        assert check_tls(Server(**server), certificates) is None


@pytest.mark.parametrize(
    ("server", "complaint"),
    [
        ({"bind": "unix:"}, "or a socket, such as"),
        ({"bind": "localhost"}, "write an address and a port"),
        ({"tls_cert": "a"}, "only one is given"),
        ({"tls_key": "a"}, "only one is given"),
        ({"tls_client_ca": "a"}, "write those too"),
        ({"counter_money": True}, "without counter = true nothing is shown"),
    ],
)
def test_keys_that_need_each_other_are_asked_for(server, complaint):
    """Half a pair, an authority without a certificate and money without a counter are refused with what would be right."""
    with pytest.raises(ValueError, match=complaint):
        Server(**server)


def test_a_renewed_certificate_is_taken_at_a_reload_and_a_broken_one_is_not(tmp_path, certificates):
    """SIGHUP with a broken key changes nothing; with a new certificate new connections see it."""
    for name in ("ca.pem", "server.pem", "server.key", "client.pem", "client.key"):
        shutil.copy(certificates / name, tmp_path / name)
    port = free_port()

    def connect():
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=tls(tmp_path))

    def subject():
        with contextlib.closing(connect()) as connection:
            connection.connect()
            return dict(pair for (pair,) in connection.sock.getpeercert()["subject"])["commonName"]

    with listening(tmp_path, tls_config(tmp_path, port), connect) as worker:
        (tmp_path / "server.key").write_text("broken")
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: "not reloaded" in worker.log.read_text())
        before = subject()
        for kind in ("pem", "key"):
            shutil.copy(tmp_path / f"client.{kind}", tmp_path / f"server.{kind}")
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: subject() == "cdn")
        status, _ = send(connect(), 1)

    assert "localhost" == before
    assert 200 == status
