"""Facts about the folder of a machine's state: who goes on with which sums, and what is told of those that nobody has."""

import pytest

from edge.core.charging.charge import Came
from edge.core.seen.sightings import Sightings
from edge.core.seen.sums import NAMES, Sums
from edge.core.wire.reason import Reason
from edge.state.boot import boot_id
from edge.state.folder import FILES_MAX, State
from edge.state.mapped import VERSION, Head, Mapped, make
from tests.state.parts import names

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
            file.close()
        taken.clear()

    return let_go


def spend(own, micros=7_500):
    """Have a worker receive a message that it refuses."""
    own.sums.receive(micros, 1)
    own.sums.count(Reason.SENDER_LIMIT)


def test_a_worker_goes_on_where_a_dead_one_stopped(tmp_path, let_go):
    """It has its sums, and tells them by the same name."""
    first = State(tmp_path, OWNER).own()
    spend(first)
    let_go()
    second = State(tmp_path, OWNER).own()
    spend(second)

    assert first.teller == second.teller
    assert (15_000, 2) == (second.sums.received_micros, second.sums.tally().counts[Reason.SENDER_LIMIT])


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


def test_sums_of_an_earlier_boot_are_told_and_not_gone_on_with(tmp_path, let_go):
    """A power cut may have left them older than what the ledger knows of them."""
    before = State(tmp_path, OWNER, "monday").own()
    spend(before)
    let_go()
    now = State(tmp_path, OWNER, "tuesday")
    own = now.own()
    [left] = now.left()

    assert (0, True) == (own.sums.received_micros, own.teller != before.teller)
    assert (before.teller, 7_500) == (left.teller, left.tally.received_micros)


def test_a_boot_has_a_name(tmp_path, monkeypatch):
    """The kernel's; where that is hidden, as in the shipped unit, one that the clock gives it until somebody sets it."""
    monkeypatch.setattr("time.clock_gettime", lambda _: 1_000.0)
    monkeypatch.setattr("time.time", lambda: 1_800_001_003.0)
    hidden = boot_id(tmp_path / "none")
    monkeypatch.setattr("time.time", lambda: 1_800_001_009.0)

    assert boot_id() == boot_id()
    assert "180000000" == hidden == boot_id(tmp_path / "none")
    monkeypatch.setattr("time.clock_gettime", lambda _: 20.0)
    assert hidden != boot_id(tmp_path / "none")


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
def test_a_spoilt_file_is_made_anew(tmp_path, let_go, caplog, spoilt):
    """It is said, and the worker goes on with a whole one; the table as well."""
    state = State(tmp_path, OWNER)
    state.own(), state.seen()
    let_go()
    for name in names(tmp_path):
        (tmp_path / name).write_bytes(spoilt)
    own, table = state.own(), state.seen()
    spend(own)

    assert (7_500, False) == (own.sums.received_micros, Sightings(KEY, table).see("SM1"))
    assert 2 == sum("is made anew" in line for line in caplog.messages)


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
    """What came to each is told by the next one that has as many; by one with other numbers it is told as it is left."""
    own = State(tmp_path, OWNER).own(NUMBERS)
    spend(own)
    spend(own._replace(sums=own.sums.of(NUMBERS[1])))
    let_go()
    again = State(tmp_path, OWNER).own(NUMBERS)
    told = again.sums.tally()
    let_go()
    alone = State(tmp_path, OWNER).own()
    [left] = State(tmp_path, OWNER).left()

    assert ({NUMBERS[0]: Came(), NUMBERS[1]: Came(1, 1, 7_500, 1)}, 15_000) == (told.numbers, told.received_micros)
    assert [own.teller] * 2 == [again.teller, left.teller]
    assert (told, 0) == (left.tally, alone.sums.received_micros)


def test_sums_of_very_many_numbers_outlive_their_worker(tmp_path, let_go):
    """However long their names are together: what was received and not told is not lost when the worker is killed."""
    many = [f"+3393700{index:04}" for index in range(500)]
    own = State(tmp_path, OWNER).own(many)
    spend(own._replace(sums=own.sums.of(many[-1])))
    let_go()
    again = State(tmp_path, OWNER).own(many)

    assert (own.teller, {many[-1]: Came(1, 1, 7_500, 1)}) == (
        again.teller,
        {number: came for number, came in again.sums.tally().numbers.items() if came != Came()},
    )
