"""The workflow that every fork gets: the same commands as the README's, nothing that it does not need."""

import os
import re
import subprocess
import tomllib

import pytest
import yaml

from tests import ROOT
from tests.needs import need

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
SCRIPT = ROOT / ".ci/run"
BROUGHT = ("npm", "google-chrome")
"""What GitHub's machines bring; here they do nothing."""
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def test_actions_are_pinned_by_commit():
    """Every action is named by forty hexadecimal digits: a tag can be moved."""
    assert [] == [step["uses"] for step in STEPS if "uses" in step and not re.search(r"@[0-9a-f]{40}$", step["uses"])]


def test_nothing_is_permitted_but_reading():
    """The workflow grants nothing by default, and its jobs only to read the code."""
    assert {} == WORKFLOW["permissions"]
    assert [{"contents": "read"}] * 3 == [job["permissions"] for job in WORKFLOW["jobs"].values()]


def test_no_expression_is_put_into_a_script():
    """What a stranger can write into a pull request never becomes part of a command."""
    assert [] == [step["run"] for step in STEPS if "${{" in step.get("run", "")]


def test_every_job_ends():
    """Each job has a time limit."""
    assert [60, 60, 10] == [job["timeout-minutes"] for job in WORKFLOW["jobs"].values()]


def test_every_python_that_is_supported_is_tried():
    """From the oldest that pyproject.toml allows to 3.14, where workers are spawned."""
    assert [f"3.{minor}" for minor in range(11, 15)] == WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert ">=3.11" == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]


def test_it_runs_what_continuous_integration_runs():
    """Each stage of the one script of the repository; for each Python all tests; and the audit, which needs the network."""
    runs = [step["run"].split() for step in STEPS if "run" in step]
    stages = re.search(r"^stages=\((.*)\)$", SCRIPT.read_text(), re.MULTILINE)[1].split()

    assert [".ci/run", ".ci/run", "make"] == [run[0] for run in runs]
    assert ["check", "test"] == runs[0][1:]
    assert stages == ["check", *runs[1][1:]]


@pytest.fixture
def ci(tmp_path):
    """Return the script in a made-up repository whose `make check` fails and whose `make demo` does not; nothing is installed."""
    script = tmp_path / ".ci" / "run"
    script.parent.mkdir()
    script.write_text(re.sub(r"packages=\(.*?\n\)", "packages=(dpkg)", SCRIPT.read_text(), flags=re.DOTALL))
    script.chmod(0o755)
    (tmp_path / "Makefile").write_text("check:\n\tfalse\ndemo floods:\n\t@echo played $@\n")
    there = [tmp_path / "node_modules" / "axe-core" / "axe.min.js", *(tmp_path / "bin" / name for name in BROUGHT)]
    for file in there:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o755)
    return script


@pytest.mark.parametrize(
    ("stages", "code", "printed"),
    [
        (["demo", "floods"], 0, ["== demo", "played demo", "== demo: exit 0", "== floods", "played floods", "== floods: exit 0"]),
        (["demo", "check", "floods"], 2, ["== demo", "played demo", "== demo: exit 0", "== check", "false", "== check: exit 2"]),
        (["paint"], 2, ["== paint", "== paint: exit 2"]),
    ],
)  # fmt: skip
def test_the_first_stage_that_fails_is_the_last(ci, stages, code, printed):
    """Each stage says how it ended and how long it took; after one that failed none is begun, and its exit code is the script's."""
    need("dpkg")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # of `make test`
    environ["PATH"] = f"{ci.parent.parent / 'bin'}:{environ['PATH']}"
    ended = subprocess.run([ci, *stages], capture_output=True, text=True, check=False, env=environ)
    lines = [re.sub(r" after \d+ min \d+ s$", "", line) for line in ended.stdout.splitlines()]

    assert (code, printed) == (ended.returncode, lines)


def test_the_commit_that_benchmarks_compare_with_is_no_base_for_the_image(tmp_path):
    """BASE is a commit for the benchmarks, and an image for deploy/image, which hears nothing of the commit."""
    says = 'echo "$1 BASE=${BASE-unset}"'
    for name, does in {"make": says, "npm": says, "sudo": 'exec "$@"'}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "BASE": "0123abc"}
    ran = subprocess.run(
        [ROOT / ".ci" / "run", "--stage", "image"], env=environ, capture_output=True, text=True, check=True
    )

    assert "test-image BASE=unset" == ran.stdout.splitlines()[-1]
