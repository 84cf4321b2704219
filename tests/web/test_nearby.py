"""Facts about who is nearby: a direct request from this machine, and nothing that only looks like one."""

import pytest
from starlette.requests import Request

from edge.web.nearby import is_nearby

CURL = {"host": "127.0.0.1:8000", "user-agent": "curl/8.5.0", "accept": "*/*"}
CHROMIUM = {
    "host": "localhost:8000",
    "connection": "keep-alive",
    "sec-ch-ua": "Chromium",
    "sec-ch-ua-mobile": "?0",
    "upgrade-insecure-requests": "1",
    "user-agent": "Mozilla/5.0",
    "accept": "text/html",
    "sec-fetch-site": "none",
    "sec-fetch-mode": "navigate",
    "accept-encoding": "gzip, deflate, br, zstd",
    "accept-language": "fr",
}


def nearby(peer="127.0.0.1", headers=CURL, **more):
    """Return whether a request with these headers, and more of them, is taken for a direct one."""
    given = headers | {name.replace("_", "-"): value for name, value in more.items()}
    pairs = [(name.encode(), value.encode()) for name, value in given.items() if value is not None]
    return is_nearby(Request({"type": "http", "headers": pairs, "client": None if peer is None else (peer, 1)}))


@pytest.mark.parametrize("headers", [CURL, CHROMIUM], ids=["curl", "chromium"])
def test_programs_and_browsers_of_this_machine_are_nearby(headers):
    """With what they send by themselves."""
    assert nearby(headers=headers)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_every_loopback_address_is_nearby(peer):
    """An IPv4 one as an IPv6 socket shows it, too."""
    assert nearby(peer)


@pytest.mark.parametrize("peer", ["203.0.113.9", "10.0.0.1", "::ffff:203.0.113.9", "", None, "worker"])
def test_every_other_peer_is_not(peer):
    """Nor is one that has no address."""
    assert not nearby(peer)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "LOCALHOST:8000", "localhost.", "[::1]", "[::1]:8000"]
)
def test_a_loopback_host_is_ours(host):
    """With a port and without."""
    assert nearby(host=host)


@pytest.mark.parametrize(
    "host",
    [
        *(None, "", "sms.example.org", "localhost.example.org", "127.0.0.1.nip.io:8000", "10.0.0.1", "[::2]:80", ":80"),
        *("8000", "2130706433", "0"),
    ],
)
def test_a_name_of_somebody_elses_is_not(host):
    """One that leads to this machine is how a page of theirs reads what is here (DNS rebinding)."""
    assert not nearby(host=host)


@pytest.mark.parametrize(
    "mark",
    [
        *("forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "x-client-ip"),
        *(
            "cf-connecting-ip",
            "cf-ray",
            "cdn-loop",
            "true-client-ip",
            "fastly-client-ip",
            "x-amz-cf-id",
            "x-amzn-trace-id",
        ),
        *("x-varnish", "x-envoy-external-address", "fly-client-ip", "x-azure-clientip", "x-original-forwarded-for"),
        *(
            "x-request-id",
            "x-origin-secret",
            "x-appengine-user-ip",
            "x-cluster-client-ip",
            "x-arr-log-id",
            "traceparent",
        ),
    ],
)
def test_what_a_proxy_adds_gives_it_away(mark):
    """Any header that nobody sends by themselves: no list of proxies is complete."""
    assert not nearby(**{mark: "127.0.0.1"})


@pytest.mark.parametrize(
    "more",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "null"},
        {"referer": "https://example.org/"},
        {"origin": "https://localhost.example.org:8000"},
        {"origin": "http://localhost:9000"},
        {"origin": "http://["},
        {"origin": "http://localhost:8000", "referer": "https://example.org/"},
    ],
)
def test_another_sites_page_is_not_nearby(more):
    """Whatever its browser runs on."""
    assert not nearby(headers=CHROMIUM, **more)


def test_a_form_of_our_own_page_is_nearby():
    """With what a browser says of it: where it comes from, and that it has a body."""
    assert nearby(
        headers=CHROMIUM,
        sec_fetch_site="same-origin",
        origin="http://localhost:8000",
        referer="http://localhost:8000/status",
        content_type="application/x-www-form-urlencoded",
        content_length="80",
    )
