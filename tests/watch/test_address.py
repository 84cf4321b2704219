"""Addresses of channels: read as they are called, and never shown where one is wrong."""

import pytest

from edge.errors import ConfigError
from edge.watch.address import NTFY, OTHER, WEBHOOK, Channel, channels_of, url_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ntfys://ntfy.example.org/night", Channel(NTFY, "1 ntfy", "https://ntfy.example.org/", "", "night")),
        ("NTFYS://tk_1@ntfy.example.org/night/", Channel(NTFY, "1 ntfy", "https://ntfy.example.org/", "Bearer tk_1", "night")),
        ("ntfys://a%40b:c%3Ad@h:8443/t", Channel(NTFY, "1 ntfy", "https://h:8443/", "Basic YUBiOmM6ZA==", "t")),
        ("ntfy://127.0.0.1:2586/t", Channel(NTFY, "1 ntfy", "http://127.0.0.1:2586/", "", "t")),
        ("https://h/x/y?z=1&w", Channel(WEBHOOK, "1 webhook", "https://h/x/y?z=1&w")),
        ("https://h", Channel(WEBHOOK, "1 webhook", "https://h")),
        ("http://[::1]:80/x", Channel(WEBHOOK, "1 webhook", "http://[::1]:80/x")),
        ("http://user:word@localhost/", Channel(WEBHOOK, "1 webhook", "http://localhost/", "Basic dXNlcjp3b3Jk")),
        ("mailto://me:secret@example.org", Channel(OTHER, "1 mailto", "mailto://me:secret@example.org")),
    ],
)  # fmt: skip
def test_an_address_is_read_as_it_is_called(text, expected):
    """What stands before the host becomes a header, and is no longer part of the address."""
    assert [expected] == channels_of(text, "alert.to-env")


def test_several_stand_one_after_the_other():
    """On one line or on several; each is named by its place and its kind."""
    found = channels_of(" ntfys://h/a\n\thttps://h/b  tgram://token/chat\n", "alert.to-env")

    assert ["1 ntfy", "2 webhook", "3 tgram"] == [address.name for address in found]
    assert [] == channels_of(" \n", "alert.to-env")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("secret.example.org/secret", "has no scheme; write one such as ntfys://TOKEN@ntfy.example.org/topic or https://…"),
        ("ntfys://secret.example.org", "no topic of ntfy; write one of letters, digits, - and _, such as ntfys://host/topic"),
        ("ntfys://secret.example.org/secret/two", "no topic of ntfy; write one of letters, digits, - and _, such as ntfys://host/topic"),
        ("ntfys://secret.example.org/secret?x=1", "no topic of ntfy; write one of letters, digits, - and _, such as ntfys://host/topic"),
        ("https://secret:port/", "its host or its port is none"),
        ("https://[secret/", "its host or its port is none"),
        ("https:///secret", "its host, or its path, is none: write letters and digits, all else as %XX"),
        ("https://host/secrét", "its host, or its path, is none: write letters and digits, all else as %XX"),
        ("http://secret.example.org/", "without TLS everybody on the way reads what is said, and the secret with it; write https://, or name a server on this machine"),
        ("ntfy://10.0.0.1/secret", "without TLS everybody on the way reads what is said, and the secret with it; write ntfys://, or name a server on this machine"),
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_told_by_its_place(text, complaint):
    """One line says what would be right, and nothing of what was found."""
    with pytest.raises(ConfigError) as error:
        channels_of(f"https://h/ {text}", "alert.to-env")

    assert f"alert.to-env: address 2: {complaint}" == str(error.value)
    assert "secret." not in str(error.value)


def test_an_address_of_the_web_is_one():
    """For what is only called."""
    assert "https://hc.example.org/some-id" == url_of("https://hc.example.org/some-id", "alert.heartbeat-env")
    with pytest.raises(
        ConfigError, match=r"^alert\.heartbeat-env: not an address of the web; write one such as https://"
    ):
        url_of("ntfys://h/secret", "alert.heartbeat-env")
