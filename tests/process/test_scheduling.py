"""Facts about real workers and the cores that they share."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from edge.system.scheduling import allowed_cores
from tests.needs import need
from tests.worker import PROGRAM, SPAWNING, await_, config, free_port, is_running, kill, serving

CORES = sorted(os.sched_getaffinity(0))[:2]
ON_TWO_CORES = ("taskset", "--cpu-list", ",".join(map(str, CORES)))


def threads(pid):
    """Return the threads of a process."""
    return [int(path.name) for path in Path(f"/proc/{pid}/task").iterdir()]


def places(worker):
    """Return on which cores each worker's threads may run, and under which policy."""
    return [
        {(*sorted(os.sched_getaffinity(thread)), os.sched_getscheduler(thread)) for thread in threads(pid)}
        for pid in worker.children()
    ]


@pytest.mark.parametrize("program", [PROGRAM, SPAWNING])
def test_as_many_workers_as_cores_have_one_each_and_work_in_batches(tmp_path, program):
    """All their threads do; one that is started anew takes the core of the dead one, and so do those of a reload.

    On one core, or where others were promised a share of the two, all may run wherever the system likes.
    """
    need("taskset")
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2)
    has_own = len(CORES) == 2 <= allowed_cores()
    expected = [{(core, os.SCHED_BATCH)} for core in CORES] if has_own else [{(*CORES, os.SCHED_BATCH)}] * 2
    with serving(tmp_path, text, program=(*ON_TWO_CORES, *program)) as worker:
        await_(lambda: expected == places(worker))
        first, second = worker.children()
        kill(first)
        await_(lambda: first not in worker.children() and 2 == len(worker.children()))
        await_(lambda: expected[::-1] == places(worker))
        old = worker.children()
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: not any(map(is_running, [second, *old])) and 2 == len(worker.children()))
        await_(lambda: expected == places(worker))


def test_where_the_system_refuses_it_is_said_once(tmp_path):
    """Workers run as the system likes, and the log says so in one line for each of the two."""
    need("the numbers of system calls")
    cores = len(os.sched_getaffinity(0))
    text = config(bind=f"127.0.0.1:{free_port()}", workers=cores)
    with serving(tmp_path, text, program=(sys.executable, "-m", "tests.forbidden")) as worker:
        old = worker.children()
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: not any(map(is_running, old)))
        policies = {os.sched_getscheduler(thread) for pid in worker.children() for thread in threads(pid)}
        said = re.findall("scheduling: (.*)", worker.log.read_text())

    assert {os.SCHED_OTHER} == policies
    all_can_have_one = cores > 1 and allowed_cores() >= cores
    assert [
        "SCHED_BATCH is not to be had (operation not permitted): a message costs more of the processor",
        "workers cannot have a core each (operation not permitted): the system moves them about",
    ][: 1 + all_can_have_one] == said
