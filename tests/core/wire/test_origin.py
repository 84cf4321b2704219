"""Facts about the secret by which our own CDN is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.wire.origin import HEADER, Origin


@pytest.mark.parametrize("headers", [{}, {HEADER: b""}, {HEADER: b"anything"}])
def test_without_a_secret_nobody_is_asked_for_one(headers):
    """A number without a CDN in front takes every request."""
    assert Origin([]).admits(headers)


@pytest.mark.parametrize("given_secret", [b"old", b"new", "clé".encode()])
def test_every_secret_is_accepted_while_one_replaces_the_other(given_secret):
    """Rotation needs no instant at which CDN and worker change together."""
    assert Origin(["old", "new", "clé"]).admits({HEADER: given_secret})


@pytest.mark.parametrize("headers", [{}, {HEADER: b""}, {HEADER: b"ol"}, {HEADER: b"old "}, {b"x-secret": b"old"}])
def test_a_request_without_the_exact_secret_did_not_come_through_our_cdn(headers):
    """A missing header, an empty one, a part of the secret and another header's value admit nobody."""
    assert not Origin(["old", "new"]).admits(headers)


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=3), st.binary())
def test_only_the_bytes_of_a_secret_admit(secrets, value):
    """Whatever bytes a stranger sends are compared with each secret as a whole, and never raise."""
    assert (value in [secret.encode() for secret in secrets]) == Origin(secrets).admits({HEADER: value})
