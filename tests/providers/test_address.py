"""The address as entered, and as providers may have spelt it."""

import pytest

from edge.errors import ConfigError
from edge.providers.address import Address, parse_address


def test_an_address_is_taken_apart():
    """Every part is kept as it was entered, with its punctuation; the fragment is dropped."""
    assert Address("https", "u:p@", "sms.example.org", ":8443", "/a/b", "?c=d&e") == parse_address(
        "https://u:p@sms.example.org:8443/a/b?c=d&e#rc=2&rp=all"
    )


@pytest.mark.parametrize(
    ("url", "any_port", "default_port_only"),
    [
        ("https://h/p", ["https://h/p", "https://h:443/p"], ["https://h/p", "https://h:443/p"]),
        ("http://h/p", ["http://h/p", "http://h:80/p"], ["http://h/p", "http://h:80/p"]),
        ("https://h:443", ["https://h:443", "https://h"], ["https://h:443", "https://h"]),
        ("https://h:80/", ["https://h:80/", "https://h/"], ["https://h:80/"]),
        ("http://[::1]:8080/p", ["http://[::1]:8080/p", "http://[::1]/p"], ["http://[::1]:8080/p"]),
        (
            "https://u:p@h/p",
            ["https://h/p", "https://h:443/p", "https://u:p@h/p", "https://u:p@h:443/p"],
            ["https://h/p", "https://h:443/p", "https://u:p@h/p", "https://u:p@h:443/p"],
        ),
    ],
)
def test_ports_and_credentials_may_come_and_go(url, any_port, default_port_only):
    """The default port may be added or removed, any other at most removed, and credentials may be dropped."""
    address = parse_address(url)

    assert any_port == address.spellings(strip_any_port=True)
    assert default_port_only == address.spellings(strip_any_port=False)


@pytest.mark.parametrize("url", ["sms.example.org/sms", "https://", "https://a:b:c/", "https://h:port/", "ftp://h/"])
def test_an_address_without_a_clear_host_is_the_operator_s_mistake(url):
    """What cannot be taken apart is said with what would be right."""
    with pytest.raises(ConfigError, match=r"^number\.url: not a whole address; write it as entered"):
        parse_address(url)
