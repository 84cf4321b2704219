"""Facts about who leads a flood: it goes through the flood once, whoever plays it and however often somebody looks."""

from pathlib import Path

import msgspec
import pytest

from loadtest.flood.arrival import Kind
from loadtest.flood.choice import choose
from loadtest.judge.seen import Reply
from loadtest.judge.tally import Tally
from loadtest.run.conductor import Conductor
from loadtest.run.job import Job
from loadtest.run.messages import JOB, STOP, Piece
from tests.loadtest.traces import line, write
from tests.worker import config, free_port


class Heard:
    """Keeps messages, as Locust's runner would send them."""

    def __init__(self):
        self.messages = []

    def send_message(self, msg_type, data=None, client_id=None):
        """Keep one."""
        self.messages.append((msg_type, data, client_id))


@pytest.fixture
def job(tmp_path):
    """Give a job that plays a trace of ten messages, one a second."""
    (tmp_path / "edge.toml").write_text(config(bind=f"127.0.0.1:{free_port()}"))
    trace = write(tmp_path / "trace", *(line(1000 * n, f"{n:016x}") for n in range(10)))
    scenario = choose("", (trace,))
    return Job(
        scenario=scenario,
        seed=scenario.seed,
        rate=1.0,
        thresholds=(),
        config_file=str(tmp_path / "edge.toml"),
        host="",
        i_own="",
        connections=10,
    )


def test_every_process_gets_its_own_part_of_one_flood(job):
    """The same but for its place."""
    heard, conductor = Heard(), Conductor(job, {}, ["a", "b"], print)

    conductor.hand_out_jobs(heard)

    parts = [(kind, Job.from_dict(data), process) for kind, data, process in heard.messages]
    assert [(JOB, 0, 2, "a"), (JOB, 1, 2, "b")] == [(kind, part.place, part.of, to) for kind, part, to in parts]
    assert [(conductor.token, job.scenario)] * 2 == [(part.token, part.scenario) for _, part, _ in parts]


@pytest.mark.parametrize(("in_trial", "stopped"), [(False, 1), (True, 0)])
def test_a_cap_on_money_ends_a_flood_but_not_one_seed_among_several(in_trial, stopped, job):
    """Held against the mean of all seeds, a breach in one of them is not final; that flood has to be as long as the others."""
    heard = Heard()
    conductor = Conductor(
        msgspec.structs.replace(job, thresholds=("cost.total <= 0",), in_trial=in_trial), {}, ["a"], print
    )
    conductor._begin_us = 0
    conductor.tally.replies.append(Reply(0, Kind.FRESH, "+33612345678", "SM0", "Non", 1, 76_300, 0, 1))

    conductor.look(heard)

    assert [STOP] * stopped == [kind for kind, _, _ in heard.messages]


@pytest.mark.parametrize("alone", [True, False])
def test_a_flood_is_gone_through_once(job, alone):
    """A look at it while it plays, and the judgement, need neither its scenario nor its trace again."""
    conductor = Conductor(job, {}, ["a"], print)
    if alone:
        assert 10 == len(list(conductor.flood()))
    else:
        conductor.count_flood()
    Path(job.scenario.trace.files[0]).unlink()

    asked = []
    for until_s in (3, 8, 10):
        tally = Tally()
        tally.played(0, until_s * 1_000_000)
        conductor.absorb("a", Piece(tally, ended=until_s == 10))
        asked.append(conductor.judgement().evidence.demand.requests)

    assert [3, 8, 10] == asked
    assert (10, True) == (conductor.arrivals, conductor.is_whole)
