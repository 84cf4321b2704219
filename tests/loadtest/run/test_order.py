"""What is asked for, and what cannot be."""

from pathlib import Path

import msgspec
import pytest

from loadtest.flood.arrival import Arrival, Kind
from loadtest.run.order import Order, OrderError, status_key
from tests.loadtest.traces import line, write
from tests.worker import config

ARRIVAL = Arrival(0, 0, "+33600000000", "Bonjour", "SM1", Kind.FRESH, genuine=False)


@pytest.fixture
def order(tmp_path):
    """Give an order that can be played."""
    (tmp_path / "edge.toml").write_text(config(bind="127.0.0.1:8000"))
    return Order(
        scenario="raid",
        seed=None,
        rate=1.0,
        limits=("cost.total <= 5",),
        config_file=str(tmp_path / "edge.toml"),
        host="",
        i_own="",
        connections=10,
        token="t",
    )


def changed(order, **fields):
    """Return an order with other fields."""
    return msgspec.structs.replace(order, **fields)


def rewritten(order, old, new):
    """Return an order for a worker whose file says something else."""
    path = Path(order.config_file)
    path.write_text(path.read_text().replace(old, new))
    return order


def test_the_target_is_where_the_worker_listens(order):
    """Without a host on the command line."""
    target = order.target(order.config())

    assert ("127.0.0.1", 8000) == target.address


def test_a_host_stands_for_the_workers_own(order):
    """A worker may be behind another port than it listens at."""
    target = changed(order, host="http://127.0.0.1:9000").target(order.config())

    assert ("127.0.0.1", 9000) == target.address


def test_a_worker_that_speaks_tls_is_refused(order):
    """Unless the command line names where it is met without."""
    order = rewritten(order, "[server]", '[server]\ntls-cert = "a"\ntls-key = "b"')

    with pytest.raises(
        OrderError, match=r"^server\.tls-cert: floods speak http without TLS; flood a worker whose file"
    ):
        order.target(order.config())
    assert ("127.0.0.1", 9000) == changed(order, host="http://127.0.0.1:9000").target(order.config()).address


def test_a_socket_beside_the_file_is_found_there(order, tmp_path):
    """Its path is relative to the static file, wherever the harness starts."""
    order = rewritten(order, '"127.0.0.1:8000"', '"unix:edge.sock"')

    assert str(tmp_path / "edge.sock") == order.target(order.config()).address


def test_the_seed_is_the_scenarios_own_unless_given(order):
    """One seed, one flood."""
    run = order.run(order.config(), {})

    assert run.scenario.seed == run.seed
    assert 7 == changed(order, seed=7).run(order.config(), {}).seed


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"scenario": "riad"}, 'did you mean "raid"'),
        ({"limits": ("cost.totl < 1",)}, 'did you mean "cost.total"'),
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
def test_an_order_that_cannot_be_played_says_why(order, fields, line, monkeypatch):
    """On one line, with what would be right."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")

    with pytest.raises(OrderError, match=line):
        changed(order, **fields).check()


def test_a_trace_is_looked_at_before_it_is_played(order, tmp_path, monkeypatch):
    """A broken line is said before anything is sent, and so is a rate, which a trace has not."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    good, bad = write(tmp_path / "good", line(0)), write(tmp_path / "bad", line(0), "nonsense\n")

    assert ("127.0.0.1", 8000) == changed(order, traces=(good,), speed=60.0).check().address
    with pytest.raises(OrderError, match="bad:3: "):
        changed(order, traces=(good, bad)).check()
    with pytest.raises(OrderError, match="rate: a trace is played as it was recorded; write --speed"):
        changed(order, traces=(good,), rate=2.0).check()


def test_a_trace_that_its_own_replay_would_change_is_not_played(order, tmp_path, monkeypatch):
    """The worker under test would go on writing to what is read; another folder of traces is no matter."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    for folder in ("traces", "kept"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "trace-1-1.jsonl", line(0))
    order = rewritten(order, "[server]", '[server]\ntrace = "traces"')

    assert changed(order, traces=(str(tmp_path / "kept"),)).check().is_loopback
    for name in ("traces", "traces/trace-1-1.jsonl"):
        with pytest.raises(
            OrderError, match=r"^server\.trace: the worker under test writes to the folder that is played"
        ):
            changed(order, traces=(str(tmp_path / name),)).check()


def test_requests_are_signed_with_the_secret_of_the_tested_file(order):
    """From the variable that the file names; of several the first."""
    order = rewritten(order, '"TWILIO_AUTH_TOKEN"', '["A", "B"]')

    one = order.encoder(order.config(), {"A": "one", "B": "two"})(ARRIVAL)

    assert one == order.encoder(order.config(), {"A": "one"})(ARRIVAL)
    assert one != order.encoder(order.config(), {"A": "two"})(ARRIVAL)


def test_a_secret_may_be_in_a_file(order, tmp_path):
    """Beside the static file, if its path is relative."""
    (tmp_path / "secret").write_text("one\n")
    from_variable = order.encoder(order.config(), {"TWILIO_AUTH_TOKEN": "one"})(ARRIVAL)

    order = rewritten(order, 'secret-env = "TWILIO_AUTH_TOKEN"', 'secret-file = "secret"')

    assert from_variable == order.encoder(order.config(), {})(ARRIVAL)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("", "", "number.secret-env: the variable TWILIO_AUTH_TOKEN is not set"),
        ('secret-env = "TWILIO_AUTH_TOKEN"', 'secret-file = "nowhere"', "number.secret-file: nowhere cannot be read"),
        ('provider = "twilio"', 'provider = "nobody"', "nobody"),
    ],
)
def test_who_cannot_sign_says_why(order, old, new, line):
    """A flood of forged messages only would prove nothing."""
    order = rewritten(order, old, new) if old else order
    environ = {"TWILIO_AUTH_TOKEN": "x"} if "nobody" in new else {}

    with pytest.raises(OrderError, match=line):
        order.encoder(order.config(), environ)


def test_the_cdns_secret_is_added(order):
    """A worker that asks for it refuses everybody else."""
    order = rewritten(order, "[server]", '[server]\norigin-secret-env = "ORIGIN"')

    request = order.encoder(order.config(), {"TWILIO_AUTH_TOKEN": "x", "ORIGIN": "from the edge"})(ARRIVAL)

    assert b"X-Origin-Secret: from the edge\r\n" in request


def test_the_key_to_the_status_is_where_the_file_says(order):
    """A worker without one shows it to loopback."""
    assert "" == status_key(order.config(), {})

    order = rewritten(order, "[server]", '[server]\nstatus-key-env = "KEY"')

    assert "k" == status_key(order.config(), {"KEY": "k"})
