"""The one pass over a form that is compiled, against the Python that it stands for."""

import contextlib
import importlib
import sys
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.providers.forms import parse_in_python
from tests.needs import need
from tests.providers.test_forms import BODIES
from tests.providers.test_samples import request, requests

MANY = [b"field%d=%d" % (number, number) for number in range(129)]
UNUSUAL = [
    b"", b"a", b"&", b"a=1&", b"&a=1", b"a=1&&b=2", b"a=1&b", b"a&b=1",
    b"a=%", b"a=%4", b"a=%g1", b"a=%1g", b"a=%%41", b"%=1", b"%4=1", b"a=%1&b=2", b"a=%&1b=2",
    b"a=1&a=1", b"a=1&b=2&a=3", b"=1&=2", b"a=1&%61=2", b"&".join(MANY),
]  # fmt: skip


@pytest.fixture(scope="module")
def read():
    """Return what was compiled."""
    need("compiled forms")
    return importlib.import_module("edge.compiled.onepass").read


@given(BODIES, st.lists(st.sampled_from([b"a", b"b", b"", b"A", b"\0"]), max_size=4).map(tuple))
@example(b"a=1=2&b==", (b"a", b"b"))
@example(b"=x&a=%00", (b"", b"a"))
@example(b"b=%ff%FE&a=+\xff\r\n", (b"a", b"b"))
@example(b"ab=1&a=2&aa=3&b=4", (b"aa", b"a"))
@example(b"&".join(MANY[:128]), (b"field127", b"field0"))
def test_it_gives_the_same_bytes_or_nothing(read, body, names):
    """Whatever the bytes: what is signed, and the values that are asked for."""
    whole = parse_in_python(body, sorted, names)

    assert read(body, names) in {None, (whole.signed, whole.values)}


@pytest.mark.parametrize("body", UNUSUAL)
def test_what_is_unusual_is_left_to_python(read, body):
    """Empty fields, fields without a sign of equality, malformed escapes, repeated names and too many fields."""
    assert read(body, ()) is None


def test_as_many_fields_as_python_reads_are_read(read):
    """128, and one more is too many."""
    assert read(b"&".join(MANY[:128]), (b"field127",))[1] == (b"127",)
    assert read(b"&".join(MANY), ()) is None


@pytest.mark.parametrize(("provider", "name"), requests())
def test_what_providers_send_is_read_by_it(read, provider, name):
    """Every sample of a form is usual, whichever provider sends it."""
    _method, query, headers, body = request(provider, name)
    form = body if b"form" in headers.get(b"content-type", b"") else query

    assert (read(form, ()) is None) == (form == b"")


@pytest.mark.parametrize("arguments", [(), (b"",), (b"", (), 1), ("a", ()), (bytearray(), ()), (b"a=1", [b"a"])])
def test_it_takes_bytes_and_a_tuple(read, arguments):
    """Anything else is a mistake of the program's, told as such."""
    with pytest.raises(TypeError):
        read(*arguments)


def test_a_name_that_is_no_bytes_is_a_mistake(read):
    """It is told, and whatever was made for the answer is let go."""
    with pytest.raises(TypeError):
        read(b"a=1", (b"a", "a"))


def test_nothing_is_kept(read):
    """Whatever becomes of a form, neither memory nor a reference to an argument stays behind."""
    names = (b"one name", b"another")
    bodies = [b"one+name=1&x=%s" % (b"%41" * 300), *UNUSUAL, b"=" * 999]

    def use():
        for body in bodies:
            read(body, names)
            with contextlib.suppress(TypeError):
                read(b"z=%s" % body[:9], (b"z", "no bytes"))

    use()
    counted = sys.getrefcount(None)
    for _ in range(1_000):
        read(b"", names)
    nones = sys.getrefcount(None) - counted
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    references = [sys.getrefcount(thing) for thing in (names, *names, bodies[0])]
    for _ in range(100):
        use()
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert references == [sys.getrefcount(thing) for thing in (names, *names, bodies[0])]
    assert abs(nones) < 100
    assert kept < 10_000
