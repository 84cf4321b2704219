"""Facts about the alert rules that we ship: they name what is measured, and promtool finds that they speak when they should."""

import re
import subprocess

import yaml

from tests import ROOT
from tests.needs import need
from tests.web.test_metrics import get, samples

FOLDER = ROOT / "deploy/prometheus"
RULES = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
TESTS = (FOLDER / "alerts.test.yml").read_text()


def test_every_name_in_a_rule_is_measured():
    """And every value of a label is one that there is."""
    measured = {name for name, *_ in samples(get())}
    labels = {value for _, *values in samples(get()) for value in values}
    named = {name for rule in RULES for name in re.findall(r"antirelou_\w+", rule["expr"])}

    assert 10 <= len(named)
    assert set() == named - measured
    assert set() == {v for rule in RULES for v in re.findall(r'(?:reason|what)="(\w+)"', rule["expr"])} - labels
    assert set() == set(re.findall(r"antirelou_\w+", TESTS)) - measured


def test_promtool_takes_them():
    """Their syntax; and with series made up for it they speak, or keep quiet, when they should."""
    need("promtool")
    for command in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]):
        done = subprocess.run(["promtool", *command], cwd=FOLDER, capture_output=True, text=True, check=False)
        assert 0 == done.returncode, done.stdout + done.stderr


def test_promtool_takes_the_metrics():
    """What a scrape gets is well formed, and named as is the custom; what the currency is stands in a label, so no name ends in it."""
    need("promtool")
    done = subprocess.run(["promtool", "check", "metrics"], input=get().body, capture_output=True, check=False)

    assert (0, b"") == (done.returncode, done.stderr)
