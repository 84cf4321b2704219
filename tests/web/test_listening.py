"""What is looked at before a worker listens: each thing that would keep it from listening is one line of error."""

import errno
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from edge.config import Server
from edge.errors import ConfigError
from edge.web import listening
from edge.web.listening import check_address, clear_socket, make_way, socket_mark
from tests.needs import need
from tests.worker import free_port


@pytest.mark.parametrize(
    ("bind", "complaint"),
    [
        ("localhost:8000", 'localhost is a name, .* such as "127.0.0.1:8000"'),
        ("sms.example.org:80", 'sms.example.org is a name, .* such as "0.0.0.0:80"'),
        ("127.1:8000", "127.1 is a name"),
        ("[::1]:0", "port 0 is none"),
        ("unix:no/antirelou.sock", "the folder .*/no does not exist; make it"),
        ("unix:file", "file exists and is not a socket"),
        ("unix:" + "é" * 50, r"is \d+ bytes long, and the path of a socket has 107 at most; choose a shorter one"),
    ],
)
def test_an_address_that_no_worker_can_listen_on_is_refused(tmp_path, bind, complaint):
    """A name, no port, a missing folder, what is no socket and what is too long are said; what is in the way stays."""
    (tmp_path / "file").write_text("precious")

    with pytest.raises(ConfigError, match=f"^server.bind: .*{complaint}"):
        check_address(Server(bind=bind), tmp_path)

    assert "precious" == (tmp_path / "file").read_text()


@pytest.mark.parametrize("bind", ["127.0.0.1:8000", "0.0.0.0:8080", "[::1]:8000", "[::]:8443", "unix:antirelou.sock"])
def test_an_address_that_workers_can_listen_on_is_taken(tmp_path, bind):
    """Addresses of both kinds and sockets pass, and looking at them leaves nothing behind."""
    assert check_address(Server(bind=bind), tmp_path) is None
    assert [] == list(tmp_path.iterdir())


def test_a_socket_may_be_as_long_as_the_system_takes(tmp_path):
    """A path of 107 bytes can be bound, as checked; one of 108 cannot, and is refused."""
    room = 107 - len(os.fsencode(tmp_path)) - 1

    check_address(Server(bind="unix:" + "a" * room), tmp_path)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(f"{tmp_path}/{'a' * room}")
    with pytest.raises(ConfigError, match="is 108 bytes long"):
        check_address(Server(bind="unix:" + "b" * (room + 1)), tmp_path)


@pytest.mark.parametrize("target", ["edge.sock", "nowhere"])
def test_a_link_that_leads_nowhere_is_refused(tmp_path, target):
    """In a circle, or to what is not there: no socket can take its place."""
    (tmp_path / "edge.sock").symlink_to(target)

    with pytest.raises(
        ConfigError, match=r"edge\.sock is a link that leads nowhere; remove it, or choose another path"
    ):
        check_address(Server(bind="unix:edge.sock"), tmp_path)


def test_a_dead_socket_is_cleared_away(tmp_path):
    """A socket that nobody serves goes; where none is, nothing happens."""
    path = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))

    clear_socket(path)
    clear_socket(tmp_path / "free.sock")

    assert [] == list(tmp_path.iterdir())


def test_a_socket_on_which_another_server_is_about_to_listen_stays(tmp_path):
    """It is as if dead until then: a look at the address, which is not alone in the folder, leaves it there."""
    path = tmp_path / "edge.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        make_way(Server(bind="unix:edge.sock"), tmp_path)
        other.listen()

        with pytest.raises(ConfigError, match=r"edge\.sock is served by another process; end it first"):
            make_way(Server(bind="unix:edge.sock"), tmp_path)


def test_a_port_that_somebody_listens_on_is_refused(tmp_path):
    """Even if they would share it; and once they have gone it is free at once, whatever became of their connections."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = Server(bind=f"127.0.0.1:{port}")
        with pytest.raises(ConfigError, match=f"port {port} of 127.0.0.1 is in use; end who listens there"):
            make_way(server, tmp_path)
        with socket.create_connection(("127.0.0.1", port)) as client:
            other.accept()[0].close()  # who closes first is the one whose port is remembered
            client.recv(1)

    make_way(server, tmp_path).close()


def try_to_share(host, port):
    """Return whether somebody can listen on a port who is willing to share it, as workers are."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as worker:
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            worker.setsockopt(socket.SOL_SOCKET, option, 1)
        worker.bind((host, port))
        worker.listen()
        with socket.create_connection((host, port), timeout=5), worker.accept()[0]:
            return True


@pytest.mark.parametrize(("host", "over"), [("127.0.0.1", "0.0.0.0"), ("::1", "::")])
def test_a_port_is_taken_before_anybody_listens(tmp_path, host, over):
    """From the first look on no other server has it, nor one of all addresses; whoever shares can listen, and hears everybody."""
    if ":" in host:
        need("IPv6")
    port = free_port()
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    everywhere = f"[{over}]:{port}" if ":" in over else f"{over}:{port}"
    with make_way(Server(bind=bind), tmp_path):
        for other in (bind, everywhere):
            with pytest.raises(ConfigError, match=f"port {port} of .* is in use"):
                make_way(Server(bind=other), tmp_path)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, port))
        heard = [try_to_share(host, port) for _ in range(20)]
        with pytest.raises(ConfigError, match="in use"):
            make_way(Server(bind=bind), tmp_path)

    assert [True] * 20 == heard
    make_way(Server(bind=bind), tmp_path).close()


def test_of_many_servers_that_start_at_once_one_has_the_port(tmp_path):
    """Eight threads that try at the same moment, 200 times: one gets it, always."""
    starters = Barrier(8)

    def take(server):
        starters.wait(20)
        try:
            return make_way(server, tmp_path)
        except ConfigError:
            return None

    winners = []
    with ThreadPoolExecutor(8) as threads:
        for _ in range(200):
            taken = [one for one in threads.map(take, [Server(bind=f"127.0.0.1:{free_port()}")] * 8) if one]
            winners.append(len(taken))
            for one in taken:
                one.close()

    assert [1] * 200 == winners


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        (errno.EADDRNOTAVAIL, "::1 is no address of this machine; write one that is"),
        (errno.EAFNOSUPPORT, "this machine does not speak IPv6, which ::1 needs"),
        (errno.EACCES, "port 80 may only be opened by root; choose one from 1024 up"),
        (errno.ENOBUFS, "::1 and port 80 cannot be listened on: No buffer space available"),
    ],
)
def test_why_an_address_cannot_be_had_is_said(code, complaint):
    """What the system says is turned into what would be right."""
    assert listening._why_not_bound(OSError(code, os.strerror(code)), "::1", 80).startswith(complaint)


def test_a_socket_that_has_taken_the_place_of_another_is_another(tmp_path):
    """The mark of a socket stays as long as the socket is there, and no other has it."""
    path = tmp_path / "antirelou.sock"
    marks = [socket_mark(path)]
    for _ in range(2):
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(path))
            marks.append(socket_mark(path))
            path.chmod(0o660)
            assert marks[-1] == socket_mark(path)
        path.unlink()

    assert 3 == len(set(marks))


def test_a_folder_that_takes_no_socket_is_named_with_who_asks(tmp_path, monkeypatch):
    """Before anything is bound: which folder, whose it is, and who may not write there."""
    monkeypatch.setattr(os, "access", lambda *_, **__: False)

    with pytest.raises(
        ConfigError, match=rf"server\.bind: no socket can be made in {tmp_path}: user \d+ .*may not write it"
    ):
        check_address(Server(bind="unix:edge.sock"), tmp_path)
