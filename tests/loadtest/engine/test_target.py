"""Who may be attacked."""

from pathlib import Path

import pytest

from loadtest.engine.target import TargetError, find


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("http://127.0.0.1:8000/", ("127.0.0.1", 8000)),
        ("127.0.0.9:8000", ("127.0.0.9", 8000)),
        ("0.0.0.0:8000", ("127.0.0.1", 8000)),
        ("[::]:8000", ("::1", 8000)),
        ("http://[::1]:8000", ("::1", 8000)),
        ("http://localhost:8000", ("127.0.0.1", 8000)),
        ("http://127.0.0.1", ("127.0.0.1", 80)),
    ],
)
def test_this_machine_may_be_attacked(text, address):
    """Loopback is one's own, and a worker that listens everywhere is met there."""
    target = find(text)

    assert address == target.address
    assert target.is_loopback
    assert target.url.startswith("http://")


@pytest.mark.parametrize(
    ("text", "address"),
    [("unix:/run/edge.sock", "/run/edge.sock"), ("unix:edge.sock", "/etc/antirelou/edge.sock")],
)
def test_a_unix_socket_is_of_this_machine(text, address):
    """A relative path starts at the static file's folder, as the worker's does."""
    target = find(text, base=Path("/etc/antirelou"))

    assert (address, text, True) == (target.address, target.url, target.is_loopback)


@pytest.mark.parametrize(
    "text", ["http://192.0.2.1:8000", "http://10.0.0.1", "[2001:db8::1]:8000", "http://127.0.0.1.@192.0.2.1:8000"]
)
def test_others_may_not(text):
    """Whatever is not loopback has to be named, and the error says how."""
    with pytest.raises(TargetError, match="--i-own"):
        find(text)


@pytest.mark.parametrize(
    ("text", "i_own"),
    [
        ("http://192.0.2.1:8000", "192.0.2.1"),
        ("http://192.0.2.1:8000", "192.0.2.1:80"),
        ("192.0.2.2:80", "192.0.2.1:80"),
    ],
)
def test_it_must_be_named_exactly(text, i_own):
    """Another port or another host is another worker."""
    with pytest.raises(TargetError, match="--i-own"):
        find(text, i_own=i_own)


def test_who_names_it_owns_it():
    """Host and port together name a worker."""
    target = find("http://192.0.2.1:8000", i_own="192.0.2.1:8000")

    assert ("192.0.2.1", 8000) == target.address


@pytest.mark.parametrize(
    "text",
    [
        "https://127.0.0.1",
        "ftp://127.0.0.1",
        "http://",
        "",
        "127.0.0.1:0",
        "http://a:99999",
        "http://[::1",
        "http://a:b",
    ],
)
def test_what_is_no_address_is_refused(text):
    """The line says what would be right."""
    with pytest.raises(TargetError, match="target: found"):
        find(text)


@pytest.mark.parametrize("host", ["a" * 300, "a..b", "\udcff"])
def test_what_no_name_can_be_is_not_found(host):
    """In one line, as a name that nobody has."""
    with pytest.raises(TargetError, match=r"is not to be found|--i-own"):
        find(f"http://{host}:8000")
