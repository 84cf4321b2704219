"""The workflow that every fork gets: the same commands as the README's, nothing that it does not need."""

import re

import yaml

from tests import ROOT

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def test_actions_are_pinned_by_commit():
    """Every action is named by forty hexadecimal digits: a tag can be moved."""
    assert [] == [step["uses"] for step in STEPS if "uses" in step and not re.search(r"@[0-9a-f]{40}$", step["uses"])]


def test_nothing_is_permitted_but_reading():
    """The workflow grants nothing by default, and its jobs only to read the code."""
    assert {} == WORKFLOW["permissions"]
    assert [{"contents": "read"}] * 2 == [job["permissions"] for job in WORKFLOW["jobs"].values()]


def test_no_expression_is_put_into_a_script():
    """What a stranger can write into a pull request never becomes part of a command."""
    assert [] == [step["run"] for step in STEPS if "${{" in step.get("run", "")]


def test_every_job_ends():
    """Each job has a time limit."""
    assert [60, 10] == [job["timeout-minutes"] for job in WORKFLOW["jobs"].values()]


def test_it_runs_what_continuous_integration_runs():
    """The one script of the repository is all that it runs, and the audit, which needs the network."""
    assert [".ci/run", "make audit"] == [step["run"] for step in STEPS if "run" in step]
