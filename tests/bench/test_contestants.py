"""Contestants start, do the job, and leave nothing behind."""

import os
from pathlib import Path

import pytest

from bench import number
from bench.check import WrongAnswer, check
from bench.contestants import CONTESTANTS, NotStarted, Scheduling, named, ours, running, unbatched
from bench.proc import tree
from loadtest.provider.reading import Outcome
from tests.needs import need


@pytest.mark.parametrize("name", [contestant.name for contestant in CONTESTANTS])
def test_does_the_job(name, tmp_path):
    """Whoever is compared answers the same questions in the same way; a floor is silent."""
    if name.startswith("nginx"):
        need("nginx's Lua module")
    [contestant] = named([name])

    with running(contestant, tmp_path, core=None) as server:
        sizes = check(server.port, floor=contestant.floor)
        members = tree(server.pid)

    assert {Outcome.REPLY, Outcome.SILENCE, Outcome.REFUSED} == sizes.keys()
    assert members
    assert not [pid for pid in members if tree(pid)]


def test_floor_is_no_contestant(tmp_path):
    """The questions find out who does not do the job."""
    [floor] = named(["floor"])

    with (
        running(floor, tmp_path, core=None) as server,
        pytest.raises(WrongAnswer, match="a message without a signature"),
    ):
        check(server.port, floor=False)


def test_pinned(tmp_path):
    """A server stays on the core that it was given, with all its processes."""
    need("taskset")
    [floor] = named(["floor"])

    with running(floor, tmp_path, core=0) as server:
        cores = [os.sched_getaffinity(pid) for pid in tree(server.pid)]

    assert cores
    assert all({0} == found for found in cores)


@pytest.mark.parametrize(
    ("policy", "name", "scheduling"),
    [
        (os.SCHED_BATCH, "ours", Scheduling.DEFAULT),
        (os.SCHED_BATCH, "floor", Scheduling.DEFAULT),
        (os.SCHED_OTHER, "fastapi", Scheduling.DEFAULT),
        (os.SCHED_BATCH, "fastapi", Scheduling.BATCH),
    ],
)
def test_scheduling(tmp_path, policy, name, scheduling):
    """We and the floor put all threads that answer under SCHED_BATCH; a peer runs under it where it is asked to."""
    need("chrt")
    [contestant] = named([name])

    with running(contestant, tmp_path, core=None, scheduling=scheduling) as server:
        threads = [int(path.name) for path in Path(f"/proc/{tree(server.pid)[-1]}/task").iterdir()]
        policies = [os.sched_getscheduler(thread) for thread in threads]

    assert {policy} == set(policies)


@pytest.mark.parametrize("name", ["ours", "floor"])
def test_unbatched(tmp_path, name):
    """Without it no thread of ours or the floor's is under SCHED_BATCH, and the job is done all the same."""
    [contestant] = named([name])

    with running(unbatched(contestant), tmp_path, core=None) as server:
        check(server.port, floor=contestant.floor)
        threads = [int(path.name) for path in Path(f"/proc/{tree(server.pid)[-1]}/task").iterdir()]
        policies = [os.sched_getscheduler(thread) for thread in threads]

    assert {os.SCHED_OTHER} == set(policies)


def test_tree(tmp_path):
    """A worker runs the code of its tree: one whose package is broken does not start."""
    package = tmp_path / "edge"
    package.mkdir()
    package.joinpath("__main__.py").write_text("raise SystemExit('another tree')", encoding="utf-8")
    package.joinpath("__init__.py").touch()
    other = ours("other", "other", tree=tmp_path)

    with pytest.raises(NotStarted, match="another tree"), running(other, tmp_path, core=None):
        pass


def test_failed_start_says_why(tmp_path):
    """A server that does not start shows what it wrote."""
    [floor] = named(["floor"])
    broken = type(floor)("broken", "broken", lambda _directory, _port: ("python3", "-c", "raise SystemExit('no way')"))

    with pytest.raises(NotStarted, match="no way"), running(broken, tmp_path, core=None):
        pass


def test_unknown_name():
    """A name that nobody has is not passed over."""
    with pytest.raises(KeyError):
        named(["apache"])


def test_secret_stays_out_of_the_file(tmp_path):
    """The static file names where the secret is."""
    path = number.write_file(tmp_path, port=1)

    assert number.SECRET not in path.read_text(encoding="utf-8")
