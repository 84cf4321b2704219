"""Facts about reading traces: in order of time, and every mistake on one line that says where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.flood.trace import TraceError, check, read
from tests.loadtest.traces import BEGAN_MS, CUT, HEAD, HEAD_BEFORE, MARC, PAUL, line, line_before, write


def complaint(*names):
    """Return what is said about traces that cannot be played."""
    with pytest.raises(TraceError) as refused:
        check(names)
    return str(refused.value)


def test_several_traces_are_one_in_order_of_time(tmp_path):
    """Of the same instant, the one that was named first comes first."""
    one = write(tmp_path / "1", line(0, PAUL), line(20, PAUL), line(30, PAUL))
    other = write(tmp_path / "2", line(10, MARC), line(20, MARC))

    assert [(0, PAUL), (10, MARC), (20, PAUL), (20, MARC), (30, PAUL)] == [
        (met.ms - BEGAN_MS, met.sender) for met in read([one, other])
    ]


@given(st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 5_000)), min_size=1))
def test_what_waited_for_the_ledger_is_put_where_it_came(tmp_path_factory, came_and_took):
    """Lines stand in the order of the answers; requests are played in that in which they came."""
    answered = sorted(came_and_took, key=sum)
    path = write(tmp_path_factory.mktemp("t") / "1", *(line(came) for came, _ in answered))

    assert sorted(came for came, _ in answered) == [met.ms - BEGAN_MS for met in read([path])]


def test_what_came_at_one_instant_is_played_as_it_stands(tmp_path):
    """A retry that overtakes nothing stays a retry."""
    path = write(tmp_path / "1", *(line(0, f"{n:016x}") for n in range(20)))

    assert list(range(20)) == [int(met.sender, 16) for met in read([path])]


def test_a_folder_is_all_traces_in_it(tmp_path):
    """By the names that workers give them; anything else there is none of ours."""
    write(tmp_path / "trace-2-7.jsonl", line(1))
    write(tmp_path / "trace-1-8.jsonl", line(0))
    (tmp_path / "notes.txt").write_text("mine")

    assert [0, 1] == [met.ms - BEGAN_MS for met in read([str(tmp_path)])]


@pytest.mark.parametrize("end", ['[1800000000000,"0123', "[", '[1800000000000,"0123456789abcdef","answered",1'])
def test_a_last_line_cut_short_is_left_out_and_said(tmp_path, end):
    """A worker that is killed, or a full disk, may leave one."""
    said = []
    path = write(tmp_path / "1", line(0), end)

    assert 1 == len(list(read([path], said.append)))
    assert [f"{path}:3: the last line is cut short, and left out"] == said


def test_a_last_line_that_is_whole_counts_without_its_end(tmp_path):
    """Only the line break is missing."""
    assert 2 == len(list(read([write(tmp_path / "1", line(0), line(1).rstrip())])))


def test_a_trace_that_ended_at_its_bound_says_so(tmp_path):
    """What it holds is played, and whoever plays it hears that it is not all."""
    said = []
    path = write(tmp_path / "1", line(0), CUT)

    assert 1 == len(list(read([path], said.append)))
    assert [f"{path}:3: cut here: more was met than was recorded"] == said


@pytest.mark.parametrize(
    ("lines", "where", "what"),
    [
        ((line(0), "nonsense\n", line(1)), 3, "invalid"),
        ((line(0), '[1800000000000,"0123\n'), 3, "malformed"),
        ((line(0, "Paul"),), 2, "`$[1]`"),
        ((line(0, reason="shy"),), 2, "'shy'"),
        ((line(0, segments=-1),), 2, "`$[3]`"),
        ((line(0, segments=1_001),), 2, "`$[3]`"),
        ((line(-BEGAN_MS - 1),), 2, "`$[0]`"),
        ((line(253_402_300_800_000 - BEGAN_MS),), 2, "`$[0]`"),
        ((line_before(0),), 2, "length"),
        ((line(0).replace("]\n", ",1,1]\n"),), 2, "length"),
        ((line(0).replace("]\n", ",100]\n"),), 2, "<= 99"),
        ((line(0, message="SM1"),), 2, "`$[4]`"),
        ((line(0).replace("+33", "33"),), 2, "`$[5]`"),
        ((line(0).replace("[],", '["Paul"],'),), 2, "`$[6][0]`"),
        ((line(0, word="yes"),), 2, "'yes'"),
        ((line(0, genuine=1),), 2, "`$[9]`"),
        ((line(0), "\n"), 3, "truncated"),
        (("\xff\n",), 2, "JSON"),
        (('[1,"\udcff"]\n',), 2, "invalid start byte"),
        (("[" * 100_000 + "\n",), 2, "`$[0]`"),
    ],
)
def test_a_line_that_is_no_request_is_refused(tmp_path, lines, where, what):
    """With its number, and what a line is."""
    path = write(tmp_path / "1", *lines)

    said = complaint(path)

    assert said.startswith(f"{path}:{where}: ")
    assert said.endswith("; a line is [ms, sender, reason, segments, message, prefix, blocks, media, word, genuine]")
    assert what in said


def test_a_clock_that_was_set_back_is_refused(tmp_path):
    """Nobody can say in which order such requests came."""
    path = write(tmp_path / "1", line(0), line(9_000), line(3_999), line(9_001))

    assert f"{path}:4: 5001 ms before a line above it: the clock was set; part the file there" == complaint(path)


@pytest.mark.parametrize(
    "head",
    [
        "",
        "\n",
        '{"trace":"other","version":1}\n',
        '{"log":1}\n',
        "[1,2]\n",
        "\x7fELF\x02",
        "x" * 5_000,
        '{"trace":"\udcff"}',
    ],
)
def test_what_is_no_trace_is_refused(tmp_path, head):
    """Its first line says that it is one."""
    path = write(tmp_path / "1", line(0), head=head)

    assert f'{path}:1: not a trace; one begins with {{"trace":"antirelou","version":2' == complaint(path)


def test_a_trace_of_another_version_is_refused(tmp_path):
    """It may mean something else."""
    path = write(tmp_path / "1", head=HEAD.replace('"version":2', '"version":3'))

    assert f"{path}:1: a trace of version 3; this harness plays versions 1 and 2" == complaint(path)


def test_a_head_may_name_thousands_of_prefixes(tmp_path):
    """As a worker writes it whose file prices as many."""
    head = HEAD.replace(
        '"version":2', '"version":2,"prefixes":[' + ",".join(f'"+{n}"' for n in range(1_000, 4_000)) + "]"
    )

    assert 1 == len(list(read([write(tmp_path / "1", line(0), head=head)])))


def test_traces_one_behind_the_other_in_a_file_are_one(tmp_path):
    """As `cat` makes them, each in the words of its version: nothing was cut."""
    said = []
    path = write(tmp_path / "1", line_before(0), HEAD, line(5), head=HEAD_BEFORE)

    assert [0, 5] == [met.ms - BEGAN_MS for met in read([path], said.append)]
    assert [] == said
    assert f"{path}:3: a trace of version 3; this harness plays versions 1 and 2" == complaint(
        write(tmp_path / "1", line(0), HEAD.replace('"version":2', '"version":3'))
    )


def test_a_trace_of_the_version_before_is_read(tmp_path):
    """It says less, and a line that is none is said in its own words."""
    path = write(tmp_path / "1", line_before(0), line_before(5, MARC, "duplicate", 3), head=HEAD_BEFORE)
    broken = write(tmp_path / "2", line(0), head=HEAD_BEFORE)

    assert [(PAUL, "answered", 1, "", None), (MARC, "duplicate", 3, "", None)] == [
        (met.sender, met.reason, met.segments, met.message, met.genuine) for met in read([path])
    ]
    assert complaint(broken).endswith("; a line is [ms, sender, reason, segments]")


def test_where_nothing_is_there_is_nothing_to_play(tmp_path):
    """No file, an empty folder, a trace without a request."""
    (tmp_path / "empty").mkdir()
    bare = write(tmp_path / "1")

    assert f"{tmp_path / '2'}: cannot be read: No such file or directory" == complaint(str(tmp_path / "2"))
    assert f"{tmp_path / 'empty'}: no trace is in this folder (trace-*.jsonl)" == complaint(str(tmp_path / "empty"))
    assert f"{bare}: no request stands in it" == complaint(bare)
