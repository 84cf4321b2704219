"""Facts about who may see the status, and press its button."""

import pytest
from starlette.requests import Request

from edge.units import DAY_MS
from edge.web.visitors import COOKIE, LASTS_MS, Visitors, is_in_clear
from tests.parts import NOW_MS

KEY = "s3cret"
SECRET = b"of-all-workers"
LOCKED, OPEN = Visitors(KEY, SECRET), Visitors(None, SECRET)
FAR = "203.0.113.9"


def request(peer=FAR, **headers):
    """Return a request with these headers."""
    given = {"host": "sms.example.org" if peer == FAR else "127.0.0.1:8000"} | headers
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]
    return Request({"type": "http", "headers": pairs, "client": (peer, 1)})


def held(cookie, **headers):
    """Return a request of a browser that holds a cookie."""
    return request(cookie=f"{COOKIE}={cookie}", **headers)


def test_a_cookie_is_what_the_key_was_exchanged_for():
    """It opens the page from anywhere, by every worker that has the same key and secret; and it is not the key."""
    cookie = LOCKED.cookie(NOW_MS)

    assert LOCKED.may_see(held(cookie), NOW_MS)
    assert Visitors(KEY, SECRET).may_see(held(cookie), NOW_MS + LASTS_MS - 1)
    assert KEY not in cookie


@pytest.mark.parametrize(
    "cookie",
    [
        "", ".", "x", "9" * 20, f"{NOW_MS + 1}.", f"{NOW_MS + 1}.x", f"{NOW_MS}x.é",
        LOCKED.cookie(NOW_MS - LASTS_MS), LOCKED.cookie(NOW_MS)[:-1], "1" + LOCKED.cookie(NOW_MS),
        Visitors("another", SECRET).cookie(NOW_MS), Visitors(KEY, b"another").cookie(NOW_MS), LOCKED.cookie(NOW_MS + 40 * DAY_MS),
    ],
)  # fmt: skip
def test_any_other_cookie_opens_nothing(cookie):
    """One that has run out, was changed, or is of a key that was rotated."""
    assert not LOCKED.may_see(held(cookie), NOW_MS)


def test_a_cookie_opens_nothing_where_there_is_no_key():
    """Then only who is on this machine sees it."""
    cookie = LOCKED.cookie(NOW_MS)

    assert not OPEN.may_see(held(cookie), NOW_MS)
    assert OPEN.may_see(request("127.0.0.1"), NOW_MS)
    assert not OPEN.is_key("")


def test_a_button_needs_its_token():
    """That of the same cookie, of today or yesterday."""
    cookie = LOCKED.cookie(NOW_MS)
    token = LOCKED.token(held(cookie), NOW_MS)

    assert LOCKED.may_press(held(cookie), token, NOW_MS)
    assert LOCKED.may_press(held(cookie), token, NOW_MS + DAY_MS)
    assert not LOCKED.may_press(held(cookie), token, NOW_MS + 2 * DAY_MS)
    assert not LOCKED.may_press(held(cookie), "", NOW_MS)
    assert not LOCKED.may_press(held(LOCKED.cookie(NOW_MS + 1)), token, NOW_MS)


@pytest.mark.parametrize("written", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER   {KEY}", KEY])
def test_the_key_may_be_written_as_http_lets_it_be(written):
    """The scheme's name is one in any case."""
    assert LOCKED.may_see(request(authorization=written), NOW_MS)


def test_a_button_needs_the_cookie():
    """The key in a header is for programs that read."""
    asked = request(authorization=f"Bearer {KEY}")

    assert LOCKED.may_see(asked, NOW_MS)
    assert not LOCKED.may_press(asked, LOCKED.token(asked, NOW_MS), NOW_MS)


@pytest.mark.parametrize(
    ("headers", "may"),
    [
        ({"origin": "https://sms.example.org", "sec_fetch_site": "same-origin"}, True),
        ({"origin": "https://sms.example.org:8443"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "null", "host": ""}, False),
        ({"origin": "http://["}, False),
        ({"origin": "https://sms.example.org", "host": "["}, False),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "none"}, False),
    ],
)
def test_a_button_of_another_site_is_none(headers, may):
    """As far as the browser says which site it was."""
    asked = held(LOCKED.cookie(NOW_MS), **headers)

    assert may == LOCKED.may_press(asked, LOCKED.token(asked, NOW_MS), NOW_MS)


def test_without_a_key_a_button_is_pressed_on_this_machine():
    """By the browser that shows the page, and with its token."""
    near = request("127.0.0.1", origin="http://127.0.0.1:8000", content_type="application/x-www-form-urlencoded")
    token = OPEN.token(near, NOW_MS)

    assert OPEN.may_press(near, token, NOW_MS)
    assert not OPEN.may_press(near, "x", NOW_MS)
    assert not OPEN.may_press(request(), token, NOW_MS)


def test_a_cookie_goes_without_tls_on_this_machine_only():
    """Elsewhere a browser sends it back over TLS alone."""
    assert is_in_clear(request("127.0.0.1"))
    assert not is_in_clear(request())
