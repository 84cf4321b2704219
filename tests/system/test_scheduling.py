"""Facts about how cores are shared: what is set, for whom, and what is left alone."""

import math
import os
import threading

import pytest

from edge.system import scheduling
from edge.system.scheduling import allowed_cores, core_of, stay_on, usable_cores, why_not_placed, work_in_batches


def apart(do):
    """Return what a thread of its own comes to, with whose end its scheduling is forgotten."""
    found = []
    thread = threading.Thread(target=lambda: found.append(do()))
    thread.start()
    thread.join()
    return found[0]


def groups(folder, own, **quotas):
    """Make control groups with their quotas, and return where they are and which one is ours."""
    for name, quota in quotas.items():
        group = folder / name.replace("_", "/").strip("/")
        group.mkdir(parents=True, exist_ok=True)
        (group / "cpu.max").write_text(quota + "\n")
    cgroup = folder / "cgroup"
    cgroup.write_text(f"1:name=systemd:/elsewhere\n0::{own}\n")
    return folder, cgroup


def test_a_thread_works_in_batches_and_hands_that_down():
    """It says nothing, and a thread that it starts is under SCHED_BATCH too."""

    def both():
        said = work_in_batches()
        return said, os.sched_getscheduler(0), apart(lambda: os.sched_getscheduler(0))

    assert ("", os.SCHED_BATCH, os.SCHED_BATCH) == apart(both)


def test_another_policy_than_the_usual_one_is_left_alone():
    """Whoever runs the server under SCHED_IDLE meant it."""

    def idle():
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        return work_in_batches(), os.sched_getscheduler(0)

    assert ("", os.SCHED_IDLE) == apart(idle)


def test_a_refusal_is_said(monkeypatch):
    """What the system refuses, or does not have, comes back in its words, or in ours."""

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    refused = work_in_batches(), why_not_placed()
    stay_on(0)
    for name in ("sched_setscheduler", "sched_getaffinity"):
        monkeypatch.delattr(os, name)

    assert ("operation not permitted", "operation not permitted") == refused
    assert ("this system has no such policy", ()) == (work_in_batches(), usable_cores())


def test_a_thread_stays_on_its_core():
    """On one that it may use; on one that is not there it stays where it was."""
    first, *_ = cores = usable_cores()

    def there():
        allowed = why_not_placed()
        stay_on(100_000)
        before = usable_cores()
        stay_on(first)
        return allowed, before, usable_cores()

    assert ("", cores, [first]) == apart(there)


@pytest.mark.parametrize(
    ("core", "worker", "workers", "cores", "whole"),
    [
        (4, 0, 2, (4, 7), math.inf),
        (7, 1, 2, (4, 7), 2.0),
        (None, 1, 2, (4, 7), 1.5),  # they are shared with somebody
        (None, 0, 1, (4, 7), math.inf),
        (None, 0, 3, (4, 7), math.inf),
        (None, 0, 1, (4,), math.inf),  # nothing to choose
        (None, 0, 2, (), math.inf),
    ],
)
def test_a_core_each_where_there_are_as_many(core, worker, workers, cores, whole):
    """By the worker's number, among the cores that may be used, and only where they may be used whole."""
    assert core == core_of(worker, workers, cores, whole)


@pytest.mark.parametrize(
    ("cores", "own", "quotas"),
    [
        (math.inf, "/", {}),
        (math.inf, "/", {"_": "max 100000"}),
        (1.5, "/", {"_": "150000 100000"}),  # a container sees its own group as the root
        (0.5, "/a/b", {"a": "50000 100000", "a_b": "max 100000"}),
        (2.0, "/a/b", {"a": "400000 100000", "a_b": "200000 100000"}),
        (math.inf, "/a/b", {"a_c": "50000 100000"}),
        (math.inf, "/", {"_": "nonsense"}),
    ],
)
def test_the_least_quota_counts(tmp_path, cores, own, quotas):
    """Of the process's own group and all that it is in."""
    assert cores == allowed_cores(*groups(tmp_path, own, **quotas))


def test_where_there_are_no_groups_there_is_no_quota(tmp_path):
    """A system without them, or with those of version 1 only, limits nothing."""
    (tmp_path / "cgroup").write_text("3:cpu:/a\n")

    assert math.inf == allowed_cores(tmp_path, tmp_path / "none")
    assert math.inf == allowed_cores(tmp_path, tmp_path / "cgroup")
    assert allowed_cores() == allowed_cores(scheduling.MOUNT, scheduling.CGROUP)
