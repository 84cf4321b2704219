"""Facts about what a guess at a secret costs: the same steps, however much of it is right. Steps are counted, not timed.

What is left is the comparison itself, which is `hmac.compare_digest`, in the standard library, for this very purpose.
"""

import sys

import pytest

from edge.core.wire.origin import Origin
from edge.core.wire.reason import Reason
from edge.providers import PROVIDERS
from tests.worker import PHONE, SECRET, URL, message_id, request, sender


def steps(call, *arguments):
    """Return every function that a call enters, in order, Python's and C's."""
    seen = []

    def note(_frame, event, argument):
        seen.append(argument.__name__ if event == "c_call" else event)

    sys.setprofile(note)
    try:
        call(*arguments)
    finally:
        sys.setprofile(None)
    return seen[:-1]  # the last one ends the profile


def wrong_from(right, position):
    """Return a secret that is right up to a position, and wrong from there on."""
    return right[:position] + "".join("A" if letter != "A" else "B" for letter in right[position:])


def test_a_signature_that_is_nearly_right_costs_as_many_steps_as_any(shows):
    """Whether none or all but one of its letters are right, a refused signature takes the same calls in the same order."""
    headers, body = request(sender(1), "salut", message_id(1))
    right = headers["X-Twilio-Signature"].removesuffix("=")
    provider = PROVIDERS["twilio"](phone=PHONE, url=URL, secrets=[SECRET, "another"])
    taken = []
    for position in range(len(right)):
        guess = (wrong_from(right, position) + "=").encode()
        given = {b"content-type": b"application/x-www-form-urlencoded", b"x-twilio-signature": guess}
        assert Reason.BAD_SIGNATURE is provider.read("POST", b"", given, body)
        taken.append(steps(provider.read, "POST", b"", given, body))
    shows("P7", requests=len(taken))

    assert [taken[0]] * len(right) == taken
    assert 2 * 2 == taken[0].count("compare_digest")  # each secret, for the address with and without its port


@pytest.mark.parametrize("secrets", [["a-secret-of-the-edge"], ["a-secret-of-the-edge", "another-secret-of-it"]])
def test_an_origin_secret_that_is_nearly_right_costs_as_many_steps_as_any(secrets, shows):
    """The same holds for the secret that the CDN adds, also while two are valid."""
    origin = Origin(secrets)
    guesses = [wrong_from(secrets[0], position).encode() for position in range(len(secrets[0]))]
    taken = [steps(origin.admits, {b"x-origin-secret": guess}) for guess in guesses]
    shows("P7", requests=len(taken))

    assert not any(origin.admits({b"x-origin-secret": guess}) for guess in guesses)
    assert [taken[0]] * len(guesses) == taken
    assert len(secrets) == taken[0].count("compare_digest")
