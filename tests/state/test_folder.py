"""Facts about the folder of a machine's state: who goes on with which sums, and what is told of those that nobody has."""

import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from edge.core.charging.charge import Came
from edge.core.seen.sightings import Sightings
from edge.core.seen.sums import NAMES, Sums
from edge.core.wire.reason import Reason
from edge.state.folder import FILES_MAX, State
from edge.state.mapped import VERSION, Head, Mapped, make
from tests.state.parts import names
from tests.unprivileged import as_nobody, give, open_folder

OWNER, OTHER = "0123456789abcdef", "fedcba9876543210"
KEY = b"k" * 32


@pytest.fixture
def let_go(monkeypatch):
    """Return what lets go of all that was taken, as the end of a process does."""
    taken = []
    init = Mapped.__init__

    def noting(self, path):
        init(self, path)
        taken.append(self)

    monkeypatch.setattr(Mapped, "__init__", noting)

    def let_go():
        for file in taken:
            with suppress(OSError):  # closed by itself
                file.close()
        taken.clear()

    return let_go


def spend(own, micros=7_500):
    """Have a worker receive a message that it refuses."""
    own.sums.receive(micros, 1)
    own.sums.count(Reason.SENDER_LIMIT)


def test_a_worker_begins_its_own_and_leaves_a_dead_ones_to_be_told(tmp_path, let_go):
    """By names of their own: what was told of the dead one's, and is older again after a power cut, holds up nothing that comes now."""
    first = State(tmp_path, OWNER).own()
    spend(first)
    let_go()
    state = State(tmp_path, OWNER)
    second = state.own()
    spend(second, 1)
    [left] = state.left()

    assert (first.teller, 7_500) == (left.teller, left.tally.received_micros)
    assert (1, True) == (second.sums.received_micros, second.teller != first.teller)


def test_workers_side_by_side_have_sums_of_their_own(tmp_path):
    """Those of a reload as well, old and new ones: nobody tells what another one holds."""
    owns = [State(tmp_path, OWNER).own() for _ in range(4)]
    spend(owns[0])

    assert 4 == len({own.teller for own in owns})
    assert [7_500, 0, 0, 0] == [own.sums.received_micros for own in owns]
    assert [] == list(State(tmp_path, OWNER).left())


def test_what_nobody_holds_is_left(tmp_path, let_go):
    """With its teller and all that it counted, and held by whoever looks, until they are done with it."""
    own = State(tmp_path, OWNER).own()
    spend(own)
    let_go()
    state = State(tmp_path, OWNER)
    for left in state.left():
        assert (own.teller, own.sums.tally()) == (left.teller, left.tally)
        assert [] == list(State(tmp_path, OWNER).left())
        left.path.unlink()

    assert [] == names(tmp_path)


def test_two_ledgers_share_a_folder(tmp_path, let_go):
    """Two numbers of one machine: neither goes on with the other's sums, nor tells them."""
    spend(State(tmp_path, OWNER).own())
    let_go()

    assert 0 == State(tmp_path, OTHER).own().sums.received_micros
    assert [] == list(State(tmp_path, OTHER).left())


def test_sums_of_another_version_are_told_and_not_gone_on_with(tmp_path):
    """It counts other reasons: what we know of them is told."""
    names = ("received_micros", "a_reason_to_come", "paused")
    path = tmp_path / f"antirelou-{OWNER[:8]}-sums-1"
    make(path, Head(VERSION, OWNER, "later", names, 24))
    cells = Mapped(path).body.cast("q")
    cells[0], cells[1], cells[2] = 7_500, 5, 3
    own = State(tmp_path, OWNER).own()
    [left] = State(tmp_path, OWNER).left()

    assert ("later", 7_500, {Reason.PAUSED: 3}) == (left.teller, left.tally.received_micros, left.tally.counts)
    assert (0, True) == (own.sums.received_micros, own.teller != "later")


@pytest.mark.parametrize("spoilt", [b"", b"{}", b"x" * 5000])
def test_a_spoilt_table_is_made_anew(tmp_path, let_go, caplog, spoilt):
    """It is said, and the worker goes on with a whole one; sums that are spoilt are nobody's."""
    state = State(tmp_path, OWNER)
    state.own(), state.seen()
    let_go()
    for name in names(tmp_path):
        (tmp_path / name).write_bytes(spoilt)
    own, table = state.own(), state.seen()
    spend(own)

    assert (7_500, False) == (own.sums.received_micros, Sightings(KEY, table).see("SM1"))
    assert [] == list(State(tmp_path, OWNER).left())
    assert 1 == sum("is made anew" in line for line in caplog.messages)


def test_the_table_is_one_for_all_workers_and_outlives_them(tmp_path, let_go):
    """What one of them has seen is known to the others."""
    Sightings(KEY, State(tmp_path, OWNER).seen()).see("SM1")
    let_go()

    assert [True, False] == [Sightings(KEY, State(tmp_path, owner).seen()).see("SM1") for owner in (OWNER, OTHER)]


@pytest.mark.parametrize("folder", [None, "missing", "file", "x" * 300])
def test_without_a_folder_all_is_in_memory(tmp_path, caplog, folder):
    """No error: it works, and says what is at risk."""
    (tmp_path / "file").write_text("")
    state = State(folder and tmp_path / folder, OWNER)
    own = state.own()
    spend(own)

    assert ("", 7_500, False) == (own.teller, own.sums.received_micros, Sightings(KEY, state.seen()).see("SM1"))
    assert [] == list(state.left())
    assert (0 if folder is None else 2) == len(caplog.messages)


def test_what_may_not_be_read_is_said_once_and_keeps_nobody_from_the_rest(tmp_path, let_go, caplog):
    """Sums that root has left behind, say, and what is not whole, beside those of a worker that died."""
    spend(State(tmp_path, OWNER).own())
    let_go()
    [first] = tmp_path.glob("*sums*")
    first.rename(f"{first}0")
    first.mkdir()  # which nobody can open to write, root included
    first.with_name(f"{first.name}1").write_bytes(b"")
    state = State(tmp_path, OWNER)

    assert [7_500, 7_500] == [left.tally.received_micros for _ in range(2) for left in state.left()]
    assert [f"state: {first} cannot be read: Is a directory; what it holds is not booked"] == caplog.messages


def test_a_worker_passes_by_sums_that_it_may_not_open(caplog):
    """Those that root has left behind: it keeps its own in the next file."""
    with open_folder() as folder:
        State(folder, OWNER).own()
        give(folder)
        (folder / f"antirelou-{OWNER[:8]}-sums-1").chmod(0o000)
        with as_nobody():
            own = State(folder, OWNER).own()
        made = names(folder)

    assert ([f"antirelou-{OWNER[:8]}-sums-{number}" for number in (1, 2)], True) == (made, bool(own.teller))
    assert [] == caplog.messages


def test_a_folder_in_which_no_file_can_be_made_is_said_as_it_is(caplog):
    """And not as one that has too many."""
    with open_folder() as folder:
        give(folder)
        folder.chmod(0o555)
        with as_nobody():
            own = State(folder, OWNER).own()

    assert "" == own.teller
    assert ["Permission denied"] == [line.split("] ")[1].partition(":")[0] for line in caplog.messages]


def test_there_is_an_end_to_it(tmp_path, monkeypatch, caplog):
    """More workers than any machine has are not given files: they count in memory."""
    monkeypatch.setattr("edge.state.folder.FILES_MAX", 2)

    assert [True, True, False] == [bool(State(tmp_path, OWNER).own().teller) for _ in range(3)]
    assert 1 == len(caplog.messages)
    assert FILES_MAX > 2


def test_sums_in_a_file_are_sums():
    """The same names, in the same order, in a file and in memory."""
    cells = [0] * len(NAMES)
    sums = Sums(cells)
    sums.receive(5, 2)
    sums.count(Reason.NOT_OUR_EDGE)

    assert {"received_micros": 5, "received_segments": 2, "not_our_edge": 1} == {
        n: c for n, c in zip(NAMES, cells, strict=True) if c
    }


def test_whoever_only_looks_reads_what_was_noted_of_senders(tmp_path):
    """The whole table, whoever has it open; where there is no folder or no file there is nothing, and none is made."""
    looking = State(tmp_path, OWNER)
    before = looking.knocks_noted()
    table = looking.knocks()
    table[-1] = 7

    assert (None, None) == (before, State(None, OWNER).knocks_noted())
    assert bytes(table) == bytes(State(tmp_path, OWNER).knocks_noted())
    assert None is State(tmp_path, OTHER).knocks_noted()


NUMBERS = ("+33937000000", "+33937000001")


def test_sums_of_several_numbers_outlive_their_worker(tmp_path, let_go):
    """What came to each is left to be told, whatever numbers the next one has."""
    own = State(tmp_path, OWNER).own(NUMBERS)
    spend(own)
    spend(own._replace(sums=own.sums.of(NUMBERS[1])))
    let_go()
    alone = State(tmp_path, OWNER).own()
    [left] = State(tmp_path, OWNER).left()

    assert (own.teller, 15_000) == (left.teller, left.tally.received_micros)
    assert {NUMBERS[0]: Came(), NUMBERS[1]: Came(1, 1, 7_500, 1)} == left.tally.numbers
    assert 0 == alone.sums.received_micros


def test_sums_of_very_many_numbers_outlive_their_worker(tmp_path, let_go):
    """However long their names are together: what was received and not told is not lost when the worker is killed."""
    many = [f"+3393700{index:04}" for index in range(500)]
    own = State(tmp_path, OWNER).own(many)
    spend(own._replace(sums=own.sums.of(many[-1])))
    let_go()
    [left] = State(tmp_path, OWNER).left()

    assert {many[-1]: Came(1, 1, 7_500, 1)} == {
        number: came for number, came in left.tally.numbers.items() if came != Came()
    }


@pytest.mark.parametrize(
    "lose", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()) and path.rename(f"{path}9")]
)
def test_sums_whose_file_is_gone_are_put_into_another_one(tmp_path, let_go, caplog, lose):
    """Removed, or moved away: it is said, and what was counted before and after is left by the same name when the worker dies."""
    state = State(tmp_path, OWNER)
    own = state.own(NUMBERS)
    of_number = own.sums.of(NUMBERS[1])
    spend(own._replace(sums=of_number))
    state.keep()
    [path] = tmp_path.iterdir()
    lose(path)
    for _ in range(2):
        state.keep()
    spend(own._replace(sums=of_number))
    let_go()
    left = max(State(tmp_path, OWNER).left(), key=lambda left: left.tally.received_micros)

    assert (own.teller, 15_000, Came(2, 2, 15_000, 2)) == (
        left.teller,
        left.tally.received_micros,
        left.tally.numbers[NUMBERS[1]],
    )
    assert [f"state: {path} was gone; what it held is in {path}"] == caplog.messages


def test_sums_whose_folder_is_gone_are_kept_when_it_is_back(tmp_path, let_go, caplog):
    """Meanwhile they are counted in memory, and it is said once that they end with the worker."""
    folder = tmp_path / "state"
    folder.mkdir()
    state = State(folder, OWNER)
    own = state.own()
    shutil.rmtree(folder)
    spend(own)
    for _ in range(2):
        state.keep()
    folder.mkdir()
    state.keep()
    spend(own)
    let_go()
    [left] = State(folder, OWNER).left()

    assert (own.teller, 15_000) == (left.teller, left.tally.received_micros)
    assert 1 == len(caplog.messages)


def test_without_a_file_there_is_nothing_to_keep(tmp_path):
    """Neither where there is no folder, nor before there are sums."""
    for state in (State(None, OWNER), State(tmp_path, OWNER)):
        state.keep()

    assert [] == names(tmp_path)


def test_who_looks_at_a_file_just_then_does_not_get_in_the_way(tmp_path, monkeypatch):
    """Whoever looks for sums that nobody holds may find those of a worker that is about to hold them, and remove them: it begins others."""
    made, faster = make, [Path.unlink, lambda path: Mapped(path).take()]

    def make_and_lose(path, head):
        made(path, head)
        if faster:
            faster.pop(0)(path)

    monkeypatch.setattr("edge.state.folder.make", make_and_lose)
    own = State(tmp_path, OWNER).own()

    assert own.teller
    assert [] == faster
