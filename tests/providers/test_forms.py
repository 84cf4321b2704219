"""Forms, against the standard library's decoding and a plain sort: as they are read where a compiler was there, and in Python."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.providers import forms
from edge.providers.form import text_of
from edge.providers.forms import pairs, parse, parse_in_python
from edge.providers.signalwire import as_submitted
from edge.providers.twilio import each_once
from tests.providers.wire import decoded, form

ODD = st.lists(
    st.sampled_from(
        [
            b"&",
            b"=",
            b"%",
            b"+",
            b"%41",
            b"%3d",
            b"%26",
            b"%00",
            b"a=",
            b"&b=",
            b"\r",
            b"\n",
            b"4",
            b"g",
            b"A",
            b"B",
            b"\xff",
        ]
    )
)
BOTH = pytest.mark.parametrize("parse", [parse, parse_in_python])
BODIES = st.binary() | ODD.map(b"".join)


def arranged_plainly(body):
    """Return what Twilio signs of a form."""
    return b"".join(name + value for name, value in sorted(set(decoded(body))))


@BOTH
@given(BODIES)
@example(b"")
@example(b"a")
@example(b"a=1&b")
@example(b"a&b==c")
@example(b"&a=1&&b=2&")
@example(b"a=%\n&b=1")
@example(b"a=%\r1\n&b=1")
@example(b"a=%zz\n\n&b=1")
@example(b"a=1&b=%\r")
@example(b"a=1=&b&c=d")
@example(b"a=%00b")
@example(b"a=%%41&b=%4")
@example(b"a=1=41&b=2")
@example(b"a=%&b1=2")
@example(b"a%=41&b=2")
@example(b"a=%00&b=2")
@example(b"a=\0&b=2")
@example(b"\0&\0")
@example(b"MediaUrl10=x&MediaUrl1=y")
@example(b"%62=1&a=2")
@example(b"b=1&%62=1")
def test_what_is_signed_of_any_bytes_is_what_the_rule_prescribes(parse, body):
    """Whatever the bytes, each way gives every decoded field in the order of the names."""
    assert arranged_plainly(body) == parse(body, each_once).signed


@given(BODIES)
def test_any_bytes_decode_as_in_the_standard_library(body):
    """Names and values are those of urllib, for any bytes."""
    assert decoded(body) == pairs(body)


@BOTH
@given(BODIES, st.data())
def test_a_value_is_its_field_decoded_unless_it_is_contradictory(parse, body, data):
    """A name has one value however often it is given, and none if its values differ."""
    fields = decoded(body)
    name = data.draw(st.sampled_from([name for name, _ in fields]) if fields else st.just(b"A"))

    values = {value for given_name, value in fields if given_name == name}

    expected = values.pop().decode("utf-8", "replace") if len(values) == 1 else None
    assert expected == parse(body, each_once, (name,)).value(name)


@BOTH
def test_a_missing_value_is_its_default(parse):
    """The default stands for a field that is not there, and only for that."""
    parsed = parse(b"a=1&b=", each_once, (b"a", b"b", b"c"))

    assert ["1", "", "none"] == [parsed.value(name, "none") for name in parsed.names]
    assert [True, True, False] == [parsed.has(name) for name in parsed.names]


@BOTH
def test_a_contradictory_value_has_no_default(parse):
    """A field that is given twice and differently is there, and has no value, default or not."""
    parsed = parse(b"a=1&a=2&a=2", each_once, (b"a",))

    assert (None, True) == (parsed.value(b"a", "default"), parsed.has(b"a"))


@BOTH
def test_a_longer_name_comes_after_its_beginning(parse):
    """Names are ordered as such, not with what follows them: digits sort below the sign of equality."""
    assert b"Media1xMedia10y" == parse(b"Media10=y&Media1=x", each_once).signed


@BOTH
@pytest.mark.parametrize(
    ("arrange", "signed"),
    [(each_once, b"DD12DDD5E"), (as_submitted, b"DD5D12D12DDE"), (sorted, b"DD12D12D5DDE")],
)
def test_repeated_names_are_arranged_by_the_provider(parse, arrange, signed):
    """Twilio drops twins and sorts values, SignalWire keeps both as submitted, Plivo keeps twins and sorts values."""
    fields = [("D", "D5"), ("E", ""), ("D", "12"), ("D", "12"), ("D", "D")]

    plainly = b"".join(name + value for name, value in arrange(decoded(form(fields))))

    assert plainly == parse(form(fields), arrange).signed
    assert sorted(signed) == sorted(plainly) or arrange is each_once


@BOTH
@pytest.mark.parametrize("body", [b"&".join([b"a=1"] * 128), b"&".join(b"a%d=1" % n for n in range(128)), b"%" * 127])
def test_an_odd_form_is_read_as_far_as_any_provider_goes(parse, body):
    """Twice as many fields as any provider sends, or as many stray escapes, are read like any other."""
    assert arranged_plainly(body) == parse(body, each_once).signed


@BOTH
@pytest.mark.parametrize("body", [b"&".join([b"a=1"] * 129), b"&".join(b"a%d=1" % n for n in range(129)), b"%" * 128])
def test_a_form_beyond_all_measure_is_an_empty_one(parse, body):
    """Nothing in it is read, so that a stranger cannot make us work for it."""
    parsed = parse(body, each_once, (b"a",))

    assert (b"", None, []) == (parsed.signed, parsed.value(b"a"), pairs(body))


def test_a_provider_s_forms_share_a_layout():
    """The order of a form's names is worked out once, however many messages come in it."""
    forms._layout.cache_clear()

    for number in range(20):
        parse_in_python(form({"From": f"+3363998{number:04}", "Body": "=&%+", "MessageSid": str(number)}), each_once)

    assert 1 == forms._layout.cache_info().misses


def test_strangers_layouts_do_not_fill_the_memory():
    """Only so many layouts are remembered, and only of forms that are not absurdly long."""
    forms._layout.cache_clear()

    for number in range(100):
        parse_in_python(form({f"stranger{number}": "1", "b": "2"}), each_once)
    parse_in_python(b"&".join(b"a%d=" % number for number in range(5000)), each_once)

    assert 32 == forms._layout.cache_info().currsize
    assert 100 == forms._layout.cache_info().misses


@BOTH
def test_the_values_that_are_read_come_decoded_in_the_order_of_their_names(parse):
    """However many are asked for, in whatever order, and wherever they stand; None for one that is missing."""
    body = b"a=%41&b=+&c=3"

    assert () == parse(body, sorted).values
    assert (b"A",) == parse(body, sorted, (b"a",)).values
    assert (b" ", None, b"A") == parse(body, sorted, (b"b", b"z", b"a")).values
    assert (b"A", b" ") == parse(b"c=3&b=+&a=%41", sorted, (b"a", b"b")).values
    assert (b"1", b"2") == parse(b"a=1&b=2&a=1", sorted, (b"a", b"b")).values
    assert (None, b"2") == parse(b"a=1&b=2&a=3", sorted, (b"a", b"b")).values


def test_what_is_no_utf_8_is_read_all_the_same():
    """With a mark in its place: a message is answered whatever its text is made of."""
    assert "a\ufffdb" == text_of(b"a\xffb")
