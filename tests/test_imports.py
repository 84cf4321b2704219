"""Facts about the import contracts: each of them refuses an import that is planted in a copy of the tree."""

import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from tests import ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
PLANTED = {
    "The worker: imports point down only": ("edge/units.py", "import edge.meaning.terms"),
    "The static file: imports point down only": ("edge/config/table.py", "import edge.config.number"),
    "How a server runs: imports point down only": ("edge/serving/respawn.py", "import edge.serving.server"),
    "The meaning of the static file: imports point down only": (
        "edge/meaning/blocklimits.py",
        "import edge.meaning.terms",
    ),
    "The trace: what records imports what is written": ("edge/tracing/trace.py", "import edge.tracing.traced"),
    "The samples: imports point down only": ("edge/samples/message.py", "import edge.samples.report"),
    "What the system gives: each by itself": ("edge/system/clock.py", "import edge.system.logs"),
    "The core: its folders import down only": ("edge/core/limits/limit.py", "import edge.core.answering.gate"),
    "The core: inside a folder imports point down only": (
        "edge/core/limits/limit.py",
        "import edge.core.limits.bucket",
    ),
    "The ledgers: imports point down only": ("edge/ledger/breaker.py", "import edge.ledger.sqlite"),
    "The simulation: imports point down only": ("edge/simulation/line.py", "import edge.simulation.play"),
    "The simulation imports the core, the meaning of the file, the ledger in memory and what renders answers": (
        "edge/simulation/play.py",
        "import edge.ledger.sqlite",
    ),
    "The simulation reads no clock, no chance and no environment": ("edge/simulation/play.py", "import random"),
    "The providers: imports point down only, and none knows another but by its dialect": (
        "edge/providers/plivo.py",
        "import edge.providers.twilio",
    ),
    "The pages, the application and how a worker listens do not know each other": (
        "edge/web/app.py",
        "import edge.web.health",
    ),
    "The page: imports point down only": ("edge/web/page/words.py", "import edge.web.page.site"),
    "What speaks to others: imports point down only": ("edge/api/fate.py", "import edge.api.client"),
    "The watch: imports point down only": ("edge/watch/channels.py", "import edge.watch.watch"),
    "The commands: imports point down only": ("edge/commands/common.py", "import edge.commands.status"),
    "The state of a machine: imports point down only": ("edge/state/mapped.py", "import edge.state.folder"),
    "What speaks to others knows nothing of what is said": ("edge/api/client.py", "import edge.core.alerting.alert"),
    "The watch imports the core, and what speaks to others": ("edge/watch/watch.py", "import edge.ledger.memory"),
    "The core is pure: no clock, no chance, no environment, no event loop, no server": (
        "edge/core/answering/gate.py",
        "import time",
    ),
    "What finds the compiled reads the environment, once, when the program starts": (
        "edge/compiled/__init__.py",
        "import time",
    ),
    "The core imports itself, what is compiled, units and errors": (
        "edge/core/answering/gate.py",
        "import edge.config",
    ),
    "A provider imports the core": ("edge/providers/twilio.py", "import edge.config"),
    "A ledger imports the core, and what a process may do with files": ("edge/ledger/memory.py", "import edge.config"),
    "The state of a machine imports the core's sums, and what a process may do with files": (
        "edge/state/folder.py",
        "import edge.core.answering.gate",
    ),
    "The web imports the core, what a process may do with files, the static file's shape, the desk that is recorded and where Granian logs": (
        "edge/web/app.py",
        "import edge.ledger.memory",
    ),
    "The worker does not know the harness": ("edge/core/answering/gate.py", "import loadtest.flood.arrival"),
    "The worker does not know the benchmarks": ("edge/cli.py", "import bench"),
    "The harness does not know the benchmarks": ("loadtest/command.py", "import bench"),
    "What is not a test does not know the tests": ("edge/units.py", "import tests"),
    "What runs does not know the commands that make the pages": ("edge/commands/status.py", "import docs.marks"),
    "What runs does not know the tools that make it": ("edge/compiled/__init__.py", "import tools.compile"),
    "The harness is a second opinion: of the worker it knows the static file with its limits of blocks, the words for its reasons, how chance is reckoned, and the version": (
        "loadtest/judge/oracle.py",
        "import edge.core.text.segments",
    ),
    "The harness: imports point down only": ("loadtest/judge/verdict.py", "import loadtest.report.bills"),
    "The floods: imports point down only": ("loadtest/flood/arrival.py", "import loadtest.flood.stream"),
    "The provider of the harness: imports point down only": (
        "loadtest/provider/segments.py",
        "import loadtest.provider.prices",
    ),
    "The engine: imports point down only": ("loadtest/engine/target.py", "import loadtest.engine.engine"),
    "A worker of the run's own: imports point down only": ("loadtest/worker/file.py", "import loadtest.worker.own"),
    "The judge: imports point down only": ("loadtest/judge/tally.py", "import loadtest.judge.oracle"),
    "The reports: imports point down only": ("loadtest/report/plots.py", "import loadtest.report.page"),
    "A run of Locust: imports point down only": ("loadtest/run/stats.py", "import loadtest.run.leader"),
    "Locust, gevent and Flask are imported where a run of Locust is": ("loadtest/engine/engine.py", "import gevent"),
    "The benchmarks: imports point down only": ("bench/number.py", "import bench.share"),
    "The pages of the benchmarks: imports point down only": ("bench/pages/targets.py", "import bench.pages.report"),
    "The load generators: imports point down only": ("bench/generators/openloop.py", "import bench.generators.play"),
}


IMPURE = [
    "asyncio", "time", "random", "secrets", "os", "posix", "logging", "socket", "ssl", "threading", "_thread", "_random",
    "subprocess", "multiprocessing", "concurrent.futures", "pathlib", "tempfile", "io", "mmap", "ctypes", "signal", "sys",
    "uuid", "sqlite3", "http.client", "smtplib", "importlib", "starlette", "granian", "apsw", "valkey", "click", "httpx2",
    "edge.system.clock", "edge.state.mapped", "edge.ledger.memory",
]  # fmt: skip
"""Clocks, chance, the environment, files, processes and servers, by the names that anybody might import."""
BANNED = [
    "import datetime as dt\n\nNOW = dt.datetime.now(dt.UTC)",
    "from datetime import datetime\n\nNOW = datetime.now",
    "import datetime as dt\n\nNOW = dt.datetime.utcnow()",
    "import datetime as dt\n\nNOW = dt.datetime.today()",
    "from datetime import date\n\nTODAY = date.today()",
    "import urllib.request",
    "from urllib import request",
    "from urllib.request import urlopen",
]
"""What a module has beside the parts of it that the core needs."""


@pytest.fixture
def tree(tmp_path):
    """Return a copy of what the contracts are about."""
    for folder in ("edge", "loadtest", "bench"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests").mkdir()
    for file in ("pyproject.toml", "tests/__init__.py", "tests/namedimports.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def said_by_the_linter(tree):
    """Return what is said of the contracts."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    said = subprocess.run(
        command, cwd=tree, env=os.environ | {"COLUMNS": "200"}, capture_output=True, text=True, check=False
    )
    assert "Contracts: " in said.stdout, said.stdout + said.stderr
    return said.stdout


def broken(tree):
    """Return the contracts that do not hold."""
    # It says in brackets how many imports a contract ignores.
    return set(re.findall(r"^(.+) BROKEN(?: \(.*\))?$", said_by_the_linter(tree), re.MULTILINE))


def test_every_contract_has_an_import_that_breaks_it():
    """No contract is left out below, so none can be one that refuses nothing."""
    assert [contract["name"] for contract in CONTRACTS] == list(PLANTED)


def test_planted_imports_break_every_contract(tree):
    """All at once: a contract that refuses nothing would be the one that holds; where none is planted, none is broken."""
    assert set() == broken(tree)
    for file, line in PLANTED.values():
        with (tree / file).open("a") as source:
            source.write(f"\n{line}\n")

    assert set(PLANTED) == broken(tree)


@pytest.mark.parametrize("file", ["edge/core/answering/gate.py", "edge/units.py"])
def test_the_core_imports_nothing_that_is_not_named(tree, file):
    """Each by its name: what may be imported is listed, not what may not."""
    with (tree / file).open("a") as source:
        source.write("".join(f"\nimport {module}" for module in IMPURE))
    importer = file.removesuffix(".py").replace("/", ".")
    refused = set(re.findall(rf"^- {re.escape(importer)} imports (\S+)$", said_by_the_linter(tree), re.MULTILINE))

    # Of what lies outside of the program, the first part of a name is known.
    assert set() == {name if name.startswith("edge.") else name.partition(".")[0] for name in IMPURE} - refused


@pytest.mark.parametrize("line", BANNED)
@pytest.mark.parametrize(
    ("file", "refused"), [("edge/core/charging/pace.py", True), ("loadtest/flood/stream.py", False)]
)
def test_the_worker_reads_no_clock_of_datetime_and_opens_no_address(line, file, refused):
    """Dates are made of what is given, and addresses are taken apart; in the harness both may be done."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--output-format=concise",
        "--stdin-filename",
        file,
        "-",
    ]
    said = subprocess.run(command, cwd=ROOT, input=f"{line}\n", capture_output=True, text=True, check=False)

    assert refused == ("TID251" in said.stdout), said.stdout + said.stderr


def test_a_name_that_is_no_module_is_refused(tree):
    """A contract about a module that was moved would hold whatever is imported."""
    file = tree / "pyproject.toml"
    file.write_text(file.read_text().replace('"edge.core.wire.reason"', '"edge.core.verdict"'))

    with pytest.raises(AssertionError, match=r"edge\.core\.verdict is no module"):
        broken(tree)
