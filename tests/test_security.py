"""Facts about docs/explanation/security.md that no other test states: how secrets are compared, and what the linter looks at."""

import re
import tomllib

import pytest

from edge.core.wire.message import Message
from edge.core.wire.origin import HEADER, Origin
from edge.core.wire.reason import Reason
from edge.providers import PROVIDERS
from tests import ROOT
from tests.providers.wire import FORM_TYPE, JSON_TYPE, body_hash, form, sha1_base64, sha1_hex, sha256_base64

URL = "https://sms.example.org/sms"
FIELDS = [("Body", "salut"), ("From", "+33639980001"), ("MessageSid", "SM1"), ("MessageUUID", "SM1"), ("Text", "salut")]
SENT_FORM = (b"", FORM_TYPE, form(FIELDS))
JSON = b'{"From":"+33639980001","MessageSid":"SM1"}'
SIGNED = URL + "".join(name + value for name, value in FIELDS)
HASHED = f"bodySHA256={body_hash(JSON)}".encode()
NONCED = f"{URL}?{SIGNED.removeprefix(URL)}."


class Untold(bytes):
    """A value of which nothing can be learnt by comparing it: only `hmac.compare_digest`, which looks at the memory, may."""

    __hash__ = bytes.__hash__

    def __eq__(self, other):
        raise AssertionError("compared in a time that tells")

    __ne__ = __lt__ = __gt__ = startswith = endswith = find = index = __contains__ = __eq__


@pytest.mark.parametrize(
    ("name", "header", "right", "sent"),
    [
        ("twilio", b"x-twilio-signature", sha1_base64("s", SIGNED), SENT_FORM),
        ("twilio", b"x-twilio-signature", sha1_base64("s", f"{URL}?".encode() + HASHED), (HASHED, JSON_TYPE, JSON)),
        ("signalwire", b"x-signalwire-signature", sha1_base64("s", SIGNED), SENT_FORM),
        ("signalwire", b"x-signalwire-signature", sha1_hex("s", URL.encode() + JSON), (b"", JSON_TYPE, JSON)),
        ("plivo", b"x-plivo-signature-v3", sha256_base64("s", NONCED), SENT_FORM),
        ("plivo", b"x-plivo-signature-v2", sha256_base64("s", URL), SENT_FORM),
    ],
)
def test_no_signature_is_compared_in_a_time_that_tells(name, header, right, sent):
    """Right or wrong from the first byte or the last on, a signature meets nothing but a comparison in constant time."""
    query, headers, body = sent
    provider = PROVIDERS[name](phone="+33937000000", url=URL, secrets=["rotating", "s"])
    wrong = [b"", b"x" + right[1:], right[:-1] + b"x", right + b"x"]

    decisions = [provider.read("POST", query, {**headers, header: Untold(given)}, body) for given in [right, *wrong]]

    assert isinstance(decisions[0], Message)
    assert [Reason.BAD_SIGNATURE] * len(wrong) == decisions[1:]


def test_no_origin_secret_is_compared_in_a_time_that_tells():
    """Nor is the secret of the CDN, and every one that rotates is compared, whichever was right."""
    origin = Origin(["old", "new"])

    assert [True, True, False, False] == [origin.admits({HEADER: Untold(it)}) for it in (b"old", b"new", b"ol", b"")]


def test_the_linter_s_security_rules_are_on_for_the_worker():
    """Ruff selects everything, takes none of its `S` rules away, and makes no exception for a file of the worker."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]

    assert ["ALL"] == lint["select"]
    assert [] == [rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)]
    assert [] == [files for files in lint["per-file-ignores"] if files.startswith(("edge", "*"))]
