"""Small floods and configurations for tests, and what the harness makes of them."""

from dataclasses import replace

from edge.configfile import parse as parse_config
from loadtest.flood.arrival import Arrival, Kind
from loadtest.flood.file import load, shipped
from loadtest.flood.file import parse as parse_scenario
from loadtest.judge.demand import Demand
from loadtest.judge.evidence import Evidence
from loadtest.judge.judging import judge
from loadtest.judge.run import Run
from tests import ROOT
from tests.loadtest.paperworker import PaperWorker

EXAMPLE = (ROOT / "edge.toml").read_text(encoding="utf-8")
QUICK = [name for name in shipped() if sum(phase.messages_mean for phase in load(name).phase) <= 26_000]
"""The scenarios that are judged in a second or two each."""
SECOND_US = 1_000_000
SCENARIO = """
description = "A test."
[[phase]]
name = "a phase"
lasts = "10s"
messages = 1
arrivals = { process = "constant" }
senders = { from = "one" }
"""


NUMBER = '{ phone = "+33937000000", provider = "twilio", url = "https://sms.example.org/sms" }'
OTHER = (
    '{{ phone = "+3393700000{at}", provider = "46elks", url = "https://sms.example.org/{at}", price = {{ {price} }} }}'
)


def numbers_of(*prices):
    """Return a first number, and others with prices of their own."""
    return f"[{', '.join([NUMBER, *(OTHER.format(at=at, price=own) for at, own in enumerate(prices, start=1))])}]"


def config_of(
    *, price="0.0763", received="0.0075", budget='kitty = "2000", per-day = "35"', limit="", more="", number=NUMBER
):
    """Return a configuration; limits are the file's defaults if not given."""
    return parse_config(f"""
        number = {number}
        reply = {{ text = "Non, c'est non." }}
        price = {{ currency = "EUR", received = "{received}", reply = {{ "+33" = "{price}" }} }}
        budget = {{ {budget} }}
        limit = {{ {limit} }}
        {more}
    """)


def message(
    index, sender="+33612345678", *, at_s=None, kind=Kind.FRESH, genuine=False, message_id=None, text="Salut", **more
):
    """Return an arrival; by default one a second, each with an id of its own."""
    at_us = round((index if at_s is None else at_s) * SECOND_US)
    return Arrival(index, at_us, sender, text, message_id or f"SM{index:032}", kind, genuine=genuine, **more)


def people(count, *, prefix="+336", genuine=False, every_s=0.01):
    """Return one message each from as many senders, none in the same block."""
    return [message(k, f"{prefix}{k:04}{k % 10_000:04}", at_s=k * every_s, genuine=genuine) for k in range(count)]


def run_of(config, *limits):
    """Return a run against a configuration; its scenario is not what is played."""
    return Run(parse_scenario(SCENARIO, "test"), config, seed=1, thresholds=limits, versions={"locust": "2.47.0"})


def judged(worker: PaperWorker, flood, *limits, books=True):
    """Play a flood against a worker on paper, and return the judgement."""
    before = worker.status()
    tally = worker.play(flood)
    run = replace(run_of(worker.config, *limits), own=True)
    statuses = (before, worker.status()) if books else (None, None)
    return judge(Evidence(run, Demand(run.prices, flood), tally, *statuses))


def broken_lines(judgement):
    """Return everything that a judgement says is broken, as one text."""
    return "\n".join(judgement.verdict.broken)
