"""Who speaks for a machine: one at a time, going on from what was said."""

import pytest

from edge.state.voice import Voice

OWNER = "0123456789abcdef"


def test_one_speaks_at_a_time(tmp_path):
    """Until it lets go, or is gone; what it has kept is the next one's."""
    one, other = Voice(tmp_path, OWNER), Voice(tmp_path, OWNER)
    first = one.take(), one.take(), other.take(), other.is_taken
    one.keep(b"a longer note")
    one.keep(b"a note")
    one.release()
    one.release()

    assert (True, True, False, False) == first
    assert (True, b"a note", True, False) == (other.take(), other.notes, other.is_taken, one.is_taken)
    assert 0o600 == (tmp_path / "antirelou-01234567-voice").stat().st_mode & 0o777
    other.release()


@pytest.mark.parametrize("folder", [None, "nowhere"])
def test_where_nothing_can_be_agreed_on_everybody_speaks(tmp_path, folder):
    """Too often is better than not at all; what was said is kept as long as the worker lives."""
    voices = [Voice(folder and tmp_path / folder, OWNER) for _ in range(2)]

    assert [True, True] == [voice.take() for voice in voices]
    voices[0].keep(b"a note")
    assert (b"a note", b"") == (voices[0].notes, voices[1].notes)
    voices[0].release()
    assert (False, True) == (voices[0].is_taken, voices[0].take())
