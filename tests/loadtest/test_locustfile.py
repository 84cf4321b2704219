"""Floods inside Locust: any number of processes, the web page, and everything that is refused."""

import http.client
import json
import signal
import subprocess
import time
from urllib.parse import urlencode

import psutil
import pytest

from tests.loadtest.liars import Honest
from tests.loadtest.locusts import ENVIRON, ROOT, command, flood
from tests.worker import free_port

LONG = """
description = "A minute."
limits = ["lag.p99_ms < 5000"]
[[phase]]
name = "people"
lasts = "60s"
messages = 600
arrivals = { process = "constant" }
senders = { from = "distinct" }
genuine = true
"""
SUMS = (
    "messages.sent",
    "cost.total",
    "cost.genuine",
    "cost.trolls",
    "replies.total",
    "genuine.answered",
    "genuine.senders",
)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The sums of a flood that one process plays."""
    return sums(tmp_path_factory.mktemp("alone"))


def sums(folder, *arguments):
    """Play the flood once more, and return what it came to."""
    with Honest() as worker:
        ended = flood(worker, folder, "--verdict-json", str(folder / "verdict.json"), *arguments)
    verdict = json.loads((folder / "verdict.json").read_text())

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    return {name: verdict["figures"][name] for name in SUMS}


@pytest.mark.parametrize("processes", [2, 3])
def test_one_seed_is_one_flood(processes, alone, tmp_path):
    """However many processes play it, the sums are the same, to the last message and the last cent."""
    port = str(free_port())

    assert alone == sums(tmp_path, "--processes", str(processes), "--master-bind-port", port, "--master-port", port)


def test_a_flood_that_is_cut_short_is_judged_as_far_as_it_went(tmp_path):
    """`--run-time` is kept, and nobody is blamed for messages that were not sent."""
    report = tmp_path / "report.html"
    with Honest() as worker:
        ended = flood(
            worker,
            tmp_path,
            "--run-time",
            "2s",
            "--limit",
            "genuine.answered_share >= 1",
            "--html",
            str(report),
            scenario=LONG,
        )

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert "--run-time of 2 s is over" in ended.stderr
    assert 'class="flood-report"' in report.read_text()


def test_a_breach_of_the_budget_ends_the_flood(tmp_path):
    """More money than the limit: no need to send the rest."""
    with Honest() as worker:
        ended = flood(worker, tmp_path, "--limit", "cost.total <= 0.05", scenario=LONG)

    assert 3 == ended.returncode, ended.stdout + ended.stderr
    assert "stopping: cost.total = 0." in ended.stderr
    assert len(worker.requests) < 600


def test_a_flood_that_cannot_be_played_says_why(tmp_path):
    """On one line, with exit 2, before anything is sent, and without leaving Locust's own processes behind."""
    port = str(free_port())
    with Honest() as worker:
        ended = flood(worker, tmp_path, "--host", "http://192.0.2.1:8000", "--processes", "2", "--master-port", port)

    assert 2 == ended.returncode, ended.stdout + ended.stderr
    assert "say --i-own 192.0.2.1:8000" in next(
        said for said in ended.stderr.splitlines() if said.startswith("flood: ")
    )
    assert [] == worker.requests
    assert [] == [found for found in psutil.process_iter(["cmdline"]) if port in (found.info["cmdline"] or [])]


class Page:
    """Locust with its web interface, and a worker to flood."""

    def __init__(self, folder):
        self.worker = Honest()
        self.folder = folder
        self.port = free_port()

    def __enter__(self):
        self.worker.__enter__()
        line = command(
            self.worker, self.folder, "--web-port", str(self.port), "--report", str(self.folder / "report.html")
        )
        self.log = (self.folder / "log").open("w+")
        self.process = subprocess.Popen(line, env=ENVIRON, cwd=ROOT, stdout=self.log, stderr=self.log)
        try:
            self.until(self.answers)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.worker.__exit__()
        self.log.close()

    def answers(self):
        """Say whether it listens."""
        return self.get("/flood")[0] == 200

    def get(self, path):
        """Return a page's status and text."""
        return self.ask("GET", path)

    def swarm(self, headers=None, **fields):
        """Return what the form is answered."""
        form = urlencode({"user_count": 0, "spawn_rate": 0} | fields)
        return self.ask("POST", "/swarm", form, {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {}))

    def ask(self, method, path, body=None, headers=None):
        """Return a response's status and text; 0 while nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()
        except ConnectionRefusedError:
            return 0, ""
        finally:
            connection.close()

    def until(self, holds, limit_s=30.0):
        """Ask again until it holds."""
        until_s = time.monotonic() + limit_s
        while not holds():
            assert time.monotonic() < until_s, (self.folder / "log").read_text()
            time.sleep(0.1)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Locust's web interface, waiting for a flood."""
    with Page(tmp_path_factory.mktemp("page")) as page:
        yield page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"host": "http://192.0.2.1:8000"}, "another one takes another command line"),
        ({"i_own": "192.0.2.1:8000"}, "i_own is not the form's to change"),
        ({"report": "/tmp/elsewhere"}, "report is not the form's to change"),
        ({"scenario": "riad"}, 'did you mean \\"raid\\"?'),
        ({"rate": "0"}, "rate: found 0"),
        ({"speed": "0"}, "speed: found 0"),
        ({"trace": "/etc/passwd"}, "trace is not the form's to change"),
    ],
)
def test_the_form_changes_nothing_but_the_flood(page, fields, message):
    """Neither whom to attack nor what to write; and it says what is wrong."""
    status, said = page.swarm(**fields)

    assert 200 == status
    assert message in said
    assert '"success":false' in said.replace(" ", "")


def test_the_front_page_leads_to_the_live_one(page):
    """Nobody has to know the address."""
    assert 1 == page.get("/")[1].count('<a href="./flood"')


def test_another_sites_page_starts_nothing(page):
    """A browser says where a form comes from."""
    status, said = page.swarm({"Origin": "http://evil.example"})

    assert 403 == status
    assert "http://evil.example" in said


def test_a_flood_from_the_form_is_shown_live(page):
    """It plays with the form's seed and rate, the page follows it, and Locust's own report ends with it."""
    page.swarm(seed="7", rate="0.5", limit="cost.total <= 4; replies.forged == 0")
    written = page.folder / "report.html"
    page.until(
        lambda: written.exists() and written.stat().st_size > 0
    )  # while it is proved that it can be, it is blank

    text = page.get("/flood")[1]
    report = page.get("/stats/report")[1]

    assert "seed 7, rate 0.5" in text
    assert "forged == 0" in text
    assert 1 == report.count('class="flood-report"')


def test_the_page_is_for_this_machine_only(page):
    """It listens on loopback, unless the command line says otherwise."""
    sockets = [found.laddr for found in psutil.net_connections("tcp") if found.status == psutil.CONN_LISTEN]

    assert [("127.0.0.1", page.port)] == [address for address in sockets if address.port == page.port]
