"""Facts about what the provider of a flood delivers."""

import pytest

from loadtest.flood.arrival import Kind
from loadtest.provider.line import Line
from tests.loadtest.floods import message


@pytest.fixture(name="line")
def _line(tmp_path):
    return Line.make(tmp_path / "line", 3)


def test_it_delivers_until_it_is_told_not_to(tmp_path):
    """Whoever has opened the file sees it, in whichever process."""
    line = Line.make(tmp_path / "line", 1)
    other = Line(tmp_path / "line")

    assert other.delivers(message(0))
    line.put(0, delivers=False)
    assert not other.delivers(message(1))
    line.put(0, delivers=True)
    assert other.delivers(message(2))


def test_what_comes_to_one_number_says_nothing_of_another(line):
    """Each is held back by itself, and a message's id is its number's own."""
    line.put(1, delivers=False)

    assert [True, False, True] == [line.delivers(message(9, number=number)) for number in range(3)]
    line.put(1, delivers=True)
    assert [True, False, True] == [line.delivers(message(9, number=number, kind=Kind.RETRIED)) for number in range(3)]


def test_what_others_send_it_does_not_hold_back(line):
    """Forged, captured, dribbled: none of these comes from the provider."""
    line.put(0, delivers=False)

    held_back = {kind for n, kind in enumerate(Kind) if not line.delivers(message(n, kind=kind))}

    assert {Kind.FRESH, Kind.RETRIED} == held_back


def test_what_never_came_is_not_delivered_again(line):
    """Nor can anybody have captured it."""
    line.put(0, delivers=False)
    line.delivers(message(5))
    line.put(0, delivers=True)

    assert not line.delivers(message(5, kind=Kind.RETRIED))
    assert not line.delivers(message(5, kind=Kind.REPLAYED))
    assert line.delivers(message(6, kind=Kind.RETRIED))
