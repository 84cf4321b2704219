"""A worker that was written to before, that somebody else writes to, or that two floods are meant for: the verdict is right, or refused."""

import json
import os
import subprocess
import threading

import pytest

from tests.loadtest.locusts import LOCUST, ROOT, TROLLS
from tests.worker import SECRET, await_, config, free_port, message_id, sender, serving

PATIENT = ("--limit", "lag.p99_ms < 5000", "--limit", "corrected.p99_ms < 5000")
FLOOD = TROLLS.replace("200ms", "2500ms")


@pytest.fixture
def worker(tmp_path):
    """Serve a number, and give the worker and its file."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}", workers=2)) as worker:
        yield worker, tmp_path / "edge.toml"


def started(file, *arguments, scenario=FLOOD):
    """Start a flood against it."""
    (file.parent / "flood.toml").write_text(scenario)
    files = ["--config-file", str(file), "--scenario", str(file.parent / "flood.toml"), *PATIENT]
    return subprocess.Popen(
        [*LOCUST, "--headless", *files, *arguments],
        env=os.environ | {"TWILIO_AUTH_TOKEN": SECRET}, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ended(flood):
    """Return a flood's exit code and all that it said."""
    said, logged = flood.communicate(timeout=100)
    return flood.returncode, said + logged


def test_the_same_flood_again_is_one_of_other_people(worker, tmp_path):
    """And so is one with another seed: nobody has had an answer before, and the worker is blamed for nothing."""
    _, file = worker
    answered = []
    for place, seed in enumerate(("2017", "2017", "7")):
        code, said = ended(started(file, "--seed", seed, "--verdict-json", str(tmp_path / f"{place}.json")))
        assert 0 == code, said
        answered.append(json.loads((tmp_path / f"{place}.json").read_text())["figures"]["genuine.answered"])

    assert [10, 10, 10] == answered


def test_what_a_used_ledger_could_not_answer_is_no_fault_of_the_worker(tmp_path):
    """Its money is nearly gone: the limits on who was answered are undecided, those on money hold."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}", kitty="1.5", received="0")) as worker:
        for n in range(18):
            worker.send(sender(n), "Salut", message_id(n))
        limits = ["--limit", "genuine.answered_share >= 1", "--limit", "cost.total <= 5"]
        code, said = ended(started(tmp_path / "edge.toml", *limits))

    assert 4 == code, said
    assert "undecided: the ledger was used before the flood: genuine.answered_share = " in said


def test_of_two_floods_at_once_one_is_refused(worker):
    """Exit 2, and one line; the other one does not notice."""
    _, file = worker
    floods = [started(file) for _ in "12"]
    codes, said = zip(*map(ended, floods), strict=True)

    assert [0, 2] == sorted(codes), said
    assert any("another flood is played against 127.0.0.1:" in text for text in said)


def test_whoever_writes_beside_a_flood_is_not_the_workers_fault(worker):
    """One who began before is noticed at once; one who begins later shows in the books, and nothing is decided."""
    served, file = worker
    stop, count = threading.Event(), iter(range(10_000))

    def write():
        while not stop.is_set():
            n = next(count)
            served.send(sender(n), "Salut", message_id(n))

    late = started(file)
    await_(lambda: served.status()["messages"] > 0)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        early = ended(started(file, "--host", f"http://localhost:{served.address[1]}"))
        code, said = ended(late)
    finally:
        stop.set()
        writer.join()

    assert (4, False) == (code, "broken: " in said), said
    assert "messages in the books are not this flood's: somebody else writes to the worker" in said
    assert 2 == early[0]
