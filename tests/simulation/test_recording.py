"""Facts about a trace as the simulation takes it: in order of time, and every mistake on one line that says where."""

import pytest

from edge.simulation.recording import TraceError, recording
from tests.simulation.parts import BEGAN_MS, head, line, recorded


def complaint(*lines, first=None):
    """Return what is said about a trace that cannot be taken."""
    with pytest.raises(TraceError) as refused:
        recorded(*lines, first=first)
    return str(refused.value)


def test_several_files_of_one_night_are_one_in_order_of_time():
    """Of the same instant, the first file's comes first; prices and floods are those of all."""
    one = [head(["+33"], [(0, 5)]), line(0, "+331"), line(20, "+331")]
    other = [head(["+44"], [(7, 9)]), line(10, "+332"), line(20, "+332")]

    night = recording("night", [("1", one), ("2", other)])

    assert [0, 10, 20, 20] == [met.ms - BEGAN_MS for met in night.met]
    assert (night.met[0].sender, night.met[1].sender) == (night.met[2].sender, night.met[3].sender)
    assert (frozenset({"+33", "+44"}), ((BEGAN_MS, BEGAN_MS + 5), (BEGAN_MS + 7, BEGAN_MS + 9))) == (
        night.prefixes, night.floods,
    )  # fmt: skip
    assert (20, False) == (night.lasted_ms, night.cut)


def test_traces_one_behind_the_other_in_a_file_are_one():
    """As `cat` makes them: prices and floods are those of all, and nothing was cut."""
    night = recorded(line(0, "+331"), head(["+44"], [(7, 9)]), line(10, "+332"), first=head(["+33"], [(0, 5)]))

    assert (2, False, frozenset({"+33", "+44"})) == (len(night.met), night.cut, night.prefixes)
    assert ((BEGAN_MS, BEGAN_MS + 5), (BEGAN_MS + 7, BEGAN_MS + 9)) == night.floods


@pytest.mark.parametrize("end", [b'{"cut":"more"}\n', b"[18000", b"\xff"])
def test_a_trace_that_was_cut_is_taken_as_far_as_it_goes(end):
    """And it is known that there was more."""
    night = recorded(line(0), end)

    assert (1, True) == (len(night.met), night.cut)


def test_a_last_line_that_is_whole_counts_without_its_end():
    """Only the line break is missing."""
    assert 2 == len(recorded(line(0), line(1).rstrip()).met)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([b"nonsense\n"], "night:2: JSON is malformed"),
        ([b"\xff\n"], "night:2: "),
        ([b"[" * 99_999 + b"\n"], "night:2: "),
        ([b"[" * 99_999, b"[\n"], "night:2: longer than any message; a line is [ms, sender"),
        ([line(0), b'{"trace":"antirelou","version":3}\n', line(1)], "night:3: a trace of version 3"),
        ([line(0), line(0, segments=-1)], "night:3: Expected `int` >= 0"),
        ([line(0, prefix="33", blocks=[])], "night:2: "),
        ([line(0, word="yes")], "night:2: Invalid enum value 'yes'"),
        ([line(0, reason="shy")], "night:2: Invalid enum value 'shy'"),
        ([b'[1,"","answered",1]\n'], "night:2: Expected `array` of at least length 10"),
        ([b'[1,"","answered",1]'], "night:2: Expected `array` of at least length 10"),
        ([line(9_000), line(3_999)], "night:3: 5001 ms before a line above it: the clock was set; part the file there"),
        ([], "night: no message stands in it"),
        ([line(253_402_300_800_000 - BEGAN_MS)], "night:2: Expected `int` <= 253402300799999"),
        ([line(0), line(3_651 * 86_400_000)], "night: 3,651 days lie between its first message and its last, and at most 3,650 are"),
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused(lines, said):
    """With where it stands."""
    assert complaint(*lines).startswith(said)


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (b"", "night:1: not a trace"),
        (b"\x7fELF", "night:1: not a trace: "),
        (b'{"trace":"other","version":2}\n', 'night:1: not a trace; one begins with {"trace":"antirelou","version":2'),
        (head(version=1), "night:1: a trace of version 1 tells neither prefixes nor blocks; record anew"),
        (head(version=3), "night:1: a trace of version 3; this version of the program reads 2"),
    ],
)
def test_what_is_no_trace_is_refused(first, said):
    """So is one of a version that does not say enough, or says it otherwise."""
    with pytest.raises(TraceError) as refused:
        recording("night", [("night", [first] if first else [])])

    assert str(refused.value).startswith(said)
