"""Hunts in what forms are read as: against a decoder that goes byte by byte, and the rule of each provider."""

from hypothesis import strategies as st

from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.providers import PROVIDERS
from edge.providers.forms import parse, parse_in_python
from edge.providers.signalwire import as_submitted
from edge.providers.twilio import each_once
from tests.fuzz.corpus import FORMS
from tests.fuzz.hunt import hunt
from tests.providers.wire import FORM_TYPE, sha1_base64
from tests.worker import SECRET, URL, request

HEX = b"0123456789abcdefABCDEF"
FIELDS_MAX = 128
REAL = request("+33639980001", "salut ! \N{PILE OF POO} a+b=c&d%", "SM" + "0" * 32)[1]
PIECES = [*b"&=%+\0\r\n;[]", b"%41", b"%3d", b"%26", b"%3D", b"=41", b"From=", b"&From=", b"&Body=", b"MessageSid=SM1"]
TWILIO = PROVIDERS["twilio"](phone="+33937000000", url=URL, secrets=[SECRET])

words = st.sampled_from([bytes([piece]) if isinstance(piece, int) else piece for piece in PIECES]) | st.binary(
    max_size=4
)
made_up = st.lists(words, max_size=40).map(b"".join)


@st.composite
def mutated(draw):
    """A real form of which pieces were replaced, repeated and cut."""
    body = REAL
    for _ in range(draw(st.integers(1, 6))):
        start, length = draw(st.integers(0, len(body))), draw(st.integers(0, 12))
        piece = draw(words | st.just(body[start : start + length] * 2))
        body = body[:start] + piece + body[start + length :]
    return body


bodies = made_up | mutated() | st.binary()


def slowly(body):
    """Return names and values, one byte after the other, as https://url.spec.whatwg.org/#urlencoded-parsing says."""
    if body.count(b"&") >= FIELDS_MAX:
        return []
    strays = 0
    pairs = []
    for field in body.split(b"&"):
        halves, part, at = [], bytearray(), 0
        while at < len(field):
            byte, two = field[at], field[at + 1 : at + 3]
            if byte == ord("%") and len(two) == 2 and two[0] in HEX and two[1] in HEX:
                part.append(int(two, 16))
                at += 3
                continue
            strays += byte == ord("%")
            if byte == ord("=") and not halves:
                halves.append(bytes(part))
                part = bytearray()
            else:
                part.append(ord(" ") if byte == ord("+") else byte)
            at += 1
        halves.append(bytes(part))
        if field:
            pairs.append((halves[0], halves[1] if len(halves) > 1 else b""))
    return [] if strays >= FIELDS_MAX else pairs


def by_name(pairs):
    """Sort by name only, slowly: as long as a neighbour is out of order, exchange them."""
    found = list(pairs)
    for end in range(len(found) - 1, 0, -1):
        for at in range(end):
            if found[at][0] > found[at + 1][0]:
                found[at], found[at + 1] = found[at + 1], found[at]
    return found


RULES = {
    each_once: lambda pairs: sorted(dict.fromkeys(pairs)),
    as_submitted: by_name,
    sorted: sorted,
}
"""What Twilio, SignalWire and Plivo say that they sign."""


def joined(pairs):
    """Return what is signed."""
    return b"".join(name + value for name, value in pairs)


def read_by_the_rule(body):
    """Each provider's order, and each field's one value, are those of the slow decoder, compiled as in Python."""
    pairs = slowly(body)
    names = (*sorted({name for name, _ in pairs}), b"missing")
    for arrange, rule in RULES.items():
        form = parse(body, arrange, names)
        assert joined(rule(pairs)) == form.signed
        assert form == parse_in_python(body, arrange, names)
        for name in names:
            values = {value for given, value in pairs if given == name} or {b"missing"}
            expected = values.pop().decode("utf-8", "replace") if len(values) == 1 else None
            assert expected == form.value(name, "missing")


def only_what_was_signed_is_read(case):
    """A form under a signature that was made for another one is a message only if both say the same."""
    body, other = case
    signature = sha1_base64(SECRET, URL.encode() + joined(RULES[each_once](slowly(body))))
    headers = {**FORM_TYPE, b"x-twilio-signature": signature}
    same = joined(RULES[each_once](slowly(body))) == joined(RULES[each_once](slowly(other)))
    genuine, forged = (TWILIO.read("POST", b"", headers, given) for given in (body, other))
    assert isinstance(genuine, Message) or genuine in {Reason.NOT_A_MESSAGE, Reason.MALFORMED}
    assert (forged is not Reason.BAD_SIGNATURE) == same


def test_any_bytes_are_read_as_the_slow_decoder_reads_them():
    """Whatever the bytes, three orders and every value agree with a decoder that goes byte by byte."""
    assert len(FORMS) < hunt(read_by_the_rule, bodies, FORMS)


def test_no_form_passes_under_the_signature_of_another(shows):
    """A signature holds for the bytes that it was made for, and for no others that say something else."""
    tried = hunt(only_what_was_signed_is_read, st.tuples(bodies, bodies), [(REAL, body) for body in FORMS])
    shows("P7", rounds=tried, requests=2 * tried)

    assert len(FORMS) < tried
