"""What is asked for, and what cannot be."""

import json
from pathlib import Path

import msgspec
import pytest

from edge.errors import AntirelouError
from loadtest.flood.arrival import Arrival, Kind
from loadtest.flood.choice import choose
from loadtest.flood.file import load, shipped
from loadtest.flood.trace import TraceError
from loadtest.provider.signing import encode
from loadtest.run.job import Job, JobError
from tests.loadtest.traces import line, write
from tests.worker import config

ARRIVAL = Arrival(0, 0, "+33600000000", "Bonjour", "SM1", Kind.FRESH, genuine=False)


@pytest.fixture
def job(tmp_path):
    """Give a job that can be played."""
    (tmp_path / "edge.toml").write_text(config(bind="127.0.0.1:8000"))
    scenario = load("raid")
    return Job(
        scenario=scenario,
        seed=scenario.seed,
        rate=1.0,
        thresholds=("cost.total <= 5",),
        config_file=str(tmp_path / "edge.toml"),
        host="",
        i_own="",
        connections=10,
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


@pytest.mark.parametrize("name", shipped())
def test_a_job_arrives_as_it_was_sent(job, name):
    """As plain values, whatever stands in its scenario: a process need not be able to read the file."""
    sent = changed(job, scenario=load(name), place=1, of=2)

    assert sent == Job.from_dict(json.loads(json.dumps(sent.to_dict())))


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"thresholds": ("cost.totl < 1",)}, "limit: 'cost.totl' is not a figure; did you mean \"cost.total\""),
        ({"connections": 0}, "connections: found 0; write a whole number from 1 on"),
        ({"rate": 0.0}, "rate: found 0"),
        ({"rate": -1.0}, "rate: found -1"),
        ({"rate": float("nan")}, "rate: found nan"),
        ({"rate": float("inf")}, "rate: found inf"),
        ({"scenario": choose("", ("nowhere.jsonl",))}, "nowhere.jsonl: cannot be read"),
        ({"config_file": "nowhere.toml"}, "nowhere.toml: cannot be read"),
        ({"host": "http://192.0.2.1:8000"}, "--i-own 192.0.2.1:8000"),
    ],
)
def test_a_job_that_cannot_be_played_says_why(job, fields, line, monkeypatch):
    """On one line, with what would be right."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")

    with pytest.raises((AntirelouError, ValueError), match=line):
        changed(job, **fields).check()


def test_a_trace_is_looked_at_before_it_is_played(job, tmp_path, monkeypatch):
    """A broken line is said before anything is sent, and so is a rate, which a trace has not."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    good, bad = write(tmp_path / "good", line(0)), write(tmp_path / "bad", line(0), "nonsense\n")

    assert ("127.0.0.1", 8000) == changed(job, scenario=choose("", (good,), 60.0)).check().address
    with pytest.raises(TraceError, match="bad:3: "):
        changed(job, scenario=choose("", (good, bad))).check()
    with pytest.raises(JobError, match="rate: a trace is played as it was recorded; write --speed"):
        changed(job, scenario=choose("", (good,)), rate=2.0).check()


def test_a_trace_that_its_own_replay_would_change_is_not_played(job, tmp_path, monkeypatch):
    """The worker under test would go on writing to what is read; another folder of traces is no matter."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    for folder in ("traces", "kept"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "trace-1-1.jsonl", line(0))
    job = rewritten(job, "[server]", '[server]\ntrace = "traces"')

    assert changed(job, scenario=choose("", (str(tmp_path / "kept"),))).check().is_loopback
    for name in ("traces", "traces/trace-1-1.jsonl"):
        with pytest.raises(
            JobError, match=r"^server\.trace: the worker under test writes to the folder that is played"
        ):
            changed(job, scenario=choose("", (str(tmp_path / name),))).check()


def test_requests_are_signed_and_marked_with_the_secrets_of_the_tested_file(job, monkeypatch):
    """Its provider's, and the CDN's where the worker asks for it."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    monkeypatch.setenv("ORIGIN", "from the edge")
    job = rewritten(job, "[server]", '[server]\norigin-secret-env = "ORIGIN"')
    config = job.config()

    request = job.encoders(config)[0](ARRIVAL)

    assert encode(ARRIVAL, config, "x", "from the edge") == request
    assert b"X-Origin-Secret: from the edge\r\n" in request


def test_a_provider_that_the_harness_does_not_know_is_refused(job, monkeypatch):
    """With the one that was probably meant."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    job = rewritten(job, 'provider = "twilio"', 'provider = "twilo"')

    with pytest.raises(
        ValueError, match=r"number\.provider: found 'twilo', for which the flood cannot speak; did you mean \"twilio\""
    ):
        job.check()


SECOND = """[[number]]
phone = "+33937000001"
provider = "plivo"
url = "https://sms.example.org/p"
secret-env = "OTHER"
price = { reply = { "+49" = "0.1" } }

[reply]
"""


def with_two(job):
    """Return a job against a file with two numbers."""
    return rewritten(rewritten(job, "[number]", "[[number]]"), "[reply]\n", SECOND)


def test_each_number_is_written_to_as_its_provider_would(job, monkeypatch):
    """With its own secret, at its own address."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    monkeypatch.setenv("OTHER", "y")
    job = with_two(job)
    first, second = job.encoders(job.config())

    assert job.check().is_loopback
    assert [b"POST /sms ", b"POST /p "] == [encoder(ARRIVAL)[: len(path)] for encoder, path in ((first, "POST /sms "), (second, "POST /p "))]  # fmt: skip
    assert b"X-Plivo-Signature-V2" in second(ARRIVAL)


def test_a_flood_of_another_count_of_numbers_is_refused(job, monkeypatch):
    """Before anything is sent; so is one whose people not every number has a price for."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    monkeypatch.setenv("OTHER", "y")
    job = with_two(job)
    with pytest.raises(
        AntirelouError, match="number: numbers is written to 4 numbers, and this file has 2; name a file"
    ):
        changed(job, scenario=load("numbers")).check()

    phases = [
        msgspec.structs.replace(one, senders=msgspec.structs.replace(one.senders, prefix="+49"))
        for one in load("sybil").phase
    ]
    with pytest.raises(
        JobError, match=r"the people of sybil write from \+49, and a price is given for \+33, \+44 only"
    ):
        changed(job, scenario=msgspec.structs.replace(load("sybil"), phase=tuple(phases))).check()
