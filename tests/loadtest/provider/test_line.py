"""Facts about what the provider of a flood delivers."""

from loadtest.flood.arrival import Kind
from loadtest.provider.line import Line
from tests.loadtest.floods import message


def test_it_delivers_until_it_is_told_not_to(tmp_path):
    """Whoever has opened the file sees it, in whichever process."""
    line = Line.make(tmp_path / "line")
    other = Line(tmp_path / "line")

    assert other.delivers(message(0))
    line.put(delivers=False)
    assert not other.delivers(message(1))
    line.put(delivers=True)
    assert other.delivers(message(2))


def test_what_others_send_it_does_not_hold_back(tmp_path):
    """Forged, captured, dribbled: none of these comes from the provider."""
    line = Line.make(tmp_path / "line")
    line.put(delivers=False)

    held_back = {kind for n, kind in enumerate(Kind) if not line.delivers(message(n, kind=kind))}

    assert {Kind.FRESH, Kind.RETRIED} == held_back


def test_what_never_came_is_not_delivered_again(tmp_path):
    """Nor can anybody have captured it."""
    line = Line.make(tmp_path / "line")
    line.put(delivers=False)
    line.delivers(message(5))
    line.put(delivers=True)

    assert not line.delivers(message(5, kind=Kind.RETRIED))
    assert not line.delivers(message(5, kind=Kind.REPLAYED))
    assert line.delivers(message(6, kind=Kind.RETRIED))
