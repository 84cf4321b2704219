"""Signatures, against the standard library's HMAC."""

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.providers.signing import Mac, signed_in_base64, signed_in_hex
from tests.providers.wire import sha1_base64, sha1_hex, sha256_base64

SECRETS = st.text(st.characters(codec="utf-8"), max_size=100)


@given(SECRETS, st.text(st.characters(codec="utf-8")), st.binary())
@example("longer than a block of the hash" * 3, "", b"")
def test_a_prepared_mac_is_an_hmac(secret, beginning, rest):
    """Hashing the beginning in advance changes nothing, whatever the key's length."""
    mac = Mac(hashlib.sha1, secret, beginning)

    assert signed_in_base64([mac], rest, sha1_base64(secret, beginning.encode() + rest))
    assert signed_in_hex([mac], rest, sha1_hex(secret, beginning.encode() + rest))


def test_a_prepared_mac_can_be_used_again():
    """A message leaves no trace in the prepared state."""
    mac = Mac(hashlib.sha256, "secret", "https://")

    signatures = [sha256_base64("secret", b"https://" + rest) for rest in (b"a", b"b", b"a")]

    assert [True, True, True] == [
        signed_in_base64([mac], rest, signature) for rest, signature in zip([b"a", b"b", b"a"], signatures, strict=True)
    ]


@pytest.mark.parametrize("secret", ["old", "new"])
def test_each_of_several_secrets_is_accepted(secret):
    """While secrets rotate, either may have made any of the signatures given."""
    macs = [Mac(hashlib.sha1, known, "") for known in ("old", "new")]

    assert signed_in_base64(macs, b"rest", b"another's", sha1_base64(secret, b"rest"))


@pytest.mark.parametrize("signature", [b"", b"=", b"\xff", sha1_base64("stranger", b"rest"), b"*" * 100_000])
def test_nothing_else_is_accepted(signature):
    """Neither a stranger's signature nor anything that is none passes."""
    macs = [Mac(hashlib.sha1, "secret", "")]

    assert not signed_in_base64(macs, b"rest", signature)
    assert not signed_in_hex(macs, b"rest", signature)


def test_no_signature_is_no_match():
    """Without a signature or without a secret nothing is signed."""
    assert not signed_in_base64([Mac(hashlib.sha1, "secret", "")], b"rest")
    assert not signed_in_base64([], b"rest", sha1_base64("", b"rest"))
