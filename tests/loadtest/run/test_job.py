"""What is asked for, and what cannot be."""

from pathlib import Path

import msgspec
import pytest

from loadtest.flood.arrival import Arrival, Kind
from loadtest.run.job import Job, JobError, status_key
from tests.loadtest.traces import line, write
from tests.worker import config

ARRIVAL = Arrival(0, 0, "+33600000000", "Bonjour", "SM1", Kind.FRESH, genuine=False)


@pytest.fixture
def job(tmp_path):
    """Give a job that can be played."""
    (tmp_path / "edge.toml").write_text(config(bind="127.0.0.1:8000"))
    return Job(
        scenario="raid",
        seed=None,
        rate=1.0,
        thresholds=("cost.total <= 5",),
        config_file=str(tmp_path / "edge.toml"),
        host="",
        i_own="",
        connections=10,
        token="t",
    )


def changed(job, **fields):
    """Return a job with other fields."""
    return msgspec.structs.replace(job, **fields)


def rewritten(job, old, new):
    """Return a job for a worker whose file says something else."""
    path = Path(job.config_file)
    path.write_text(path.read_text().replace(old, new))
    return job


def test_the_target_is_where_the_worker_listens(job):
    """Without a host on the command line."""
    target = job.target(job.config())

    assert ("127.0.0.1", 8000) == target.address


def test_a_host_stands_for_the_workers_own(job):
    """A worker may be behind another port than it listens at."""
    target = changed(job, host="http://127.0.0.1:9000").target(job.config())

    assert ("127.0.0.1", 9000) == target.address


def test_a_worker_that_speaks_tls_is_refused(job):
    """Unless the command line names where it is met without."""
    job = rewritten(job, "[server]", '[server]\ntls-cert = "a"\ntls-key = "b"')

    with pytest.raises(JobError, match=r"^server\.tls-cert: floods speak http without TLS; flood a worker whose file"):
        job.target(job.config())
    assert ("127.0.0.1", 9000) == changed(job, host="http://127.0.0.1:9000").target(job.config()).address


def test_a_socket_beside_the_file_is_found_there(job, tmp_path):
    """Its path is relative to the static file, wherever the harness starts."""
    job = rewritten(job, '"127.0.0.1:8000"', '"unix:edge.sock"')

    assert str(tmp_path / "edge.sock") == job.target(job.config()).address


def test_the_seed_is_the_scenarios_own_unless_given(job):
    """One seed, one flood."""
    run = job.run(job.config(), {})

    assert run.scenario.seed == run.seed
    assert 7 == changed(job, seed=7).run(job.config(), {}).seed


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"scenario": "riad"}, 'did you mean "raid"'),
        ({"thresholds": ("cost.totl < 1",)}, 'did you mean "cost.total"'),
        ({"rate": 0.0}, "rate: found 0"),
        ({"rate": -1.0}, "rate: found -1"),
        ({"rate": float("nan")}, "rate: found nan"),
        ({"rate": float("inf")}, "rate: found inf"),
        ({"speed": 0.0}, "speed: found 0"),
        ({"traces": ("nowhere.jsonl",)}, "nowhere.jsonl: cannot be read"),
        ({"config_file": "nowhere.toml"}, "nowhere.toml: cannot be read"),
        ({"host": "http://192.0.2.1:8000"}, "--i-own 192.0.2.1:8000"),
    ],
)
def test_a_job_that_cannot_be_played_says_why(job, fields, line, monkeypatch):
    """On one line, with what would be right."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")

    with pytest.raises(JobError, match=line):
        changed(job, **fields).check()


def test_a_trace_is_looked_at_before_it_is_played(job, tmp_path, monkeypatch):
    """A broken line is said before anything is sent, and so is a rate, which a trace has not."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    good, bad = write(tmp_path / "good", line(0)), write(tmp_path / "bad", line(0), "nonsense\n")

    assert ("127.0.0.1", 8000) == changed(job, traces=(good,), speed=60.0).check().address
    with pytest.raises(JobError, match="bad:3: "):
        changed(job, traces=(good, bad)).check()
    with pytest.raises(JobError, match="rate: a trace is played as it was recorded; write --speed"):
        changed(job, traces=(good,), rate=2.0).check()


def test_a_trace_that_its_own_replay_would_change_is_not_played(job, tmp_path, monkeypatch):
    """The worker under test would go on writing to what is read; another folder of traces is no matter."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    for folder in ("traces", "kept"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "trace-1-1.jsonl", line(0))
    job = rewritten(job, "[server]", '[server]\ntrace = "traces"')

    assert changed(job, traces=(str(tmp_path / "kept"),)).check().is_loopback
    for name in ("traces", "traces/trace-1-1.jsonl"):
        with pytest.raises(
            JobError, match=r"^server\.trace: the worker under test writes to the folder that is played"
        ):
            changed(job, traces=(str(tmp_path / name),)).check()


def test_requests_are_signed_with_the_secret_of_the_tested_file(job):
    """From the variable that the file names; of several the first."""
    job = rewritten(job, '"TWILIO_AUTH_TOKEN"', '["A", "B"]')

    one = job.encoder(job.config(), {"A": "one", "B": "two"})(ARRIVAL)

    assert one == job.encoder(job.config(), {"A": "one"})(ARRIVAL)
    assert one != job.encoder(job.config(), {"A": "two"})(ARRIVAL)


def test_a_secret_may_be_in_a_file(job, tmp_path):
    """Beside the static file, if its path is relative."""
    (tmp_path / "secret").write_text("one\n")
    from_variable = job.encoder(job.config(), {"TWILIO_AUTH_TOKEN": "one"})(ARRIVAL)

    job = rewritten(job, 'secret-env = "TWILIO_AUTH_TOKEN"', 'secret-file = "secret"')

    assert from_variable == job.encoder(job.config(), {})(ARRIVAL)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("", "", "number.secret-env: the variable TWILIO_AUTH_TOKEN is not set"),
        ('secret-env = "TWILIO_AUTH_TOKEN"', 'secret-file = "nowhere"', "number.secret-file: nowhere cannot be read"),
        ('provider = "twilio"', 'provider = "nobody"', "nobody"),
    ],
)
def test_who_cannot_sign_says_why(job, old, new, line):
    """A flood of forged messages only would prove nothing."""
    job = rewritten(job, old, new) if old else job
    environ = {"TWILIO_AUTH_TOKEN": "x"} if "nobody" in new else {}

    with pytest.raises(JobError, match=line):
        job.encoder(job.config(), environ)


def test_the_cdns_secret_is_added(job):
    """A worker that asks for it refuses everybody else."""
    job = rewritten(job, "[server]", '[server]\norigin-secret-env = "ORIGIN"')

    request = job.encoder(job.config(), {"TWILIO_AUTH_TOKEN": "x", "ORIGIN": "from the edge"})(ARRIVAL)

    assert b"X-Origin-Secret: from the edge\r\n" in request


def test_the_key_to_the_status_is_where_the_file_says(job):
    """A worker without one shows it to loopback."""
    assert "" == status_key(job.config(), {})

    job = rewritten(job, "[server]", '[server]\nstatus-key-env = "KEY"')

    assert "k" == status_key(job.config(), {"KEY": "k"})
