"""Shared by all tests: patience on a busy machine, and an account of what was skipped (:mod:`tests.needs`)."""

import os
import signal
from collections import Counter

import pytest
from hypothesis import settings

from tests.needs import EVERYTHING
from tests.torture import rounds

# On a busy machine an example may take its time, and that is no failure.
settings.register_profile("patient", deadline=None, max_examples=rounds(50, many=200))
settings.load_profile("patient")

# A shell that starts tests in the background has them ignore Ctrl-C, and so has whatever they start, which is to hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Hundreds of tests start a program of ours, which compiles all of it anew where bytecode is not kept: half of the time it takes.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Debian keeps servers where only root looks.
os.environ["PATH"] += ":/usr/sbin"

# Floods that tests play are no part of a job's summary.
os.environ.pop("GITHUB_STEP_SUMMARY", None)


UNMEASURED = ("bench", "cdn", "docs", "fuzz", "loadtest")
"""Folders whose tests start workers, but show something else than that all of a worker is tested: counting its lines takes half as long again."""


def _is_measured(item):
    return item.path.relative_to(item.config.rootpath / "tests").parts[0] not in UNMEASURED


def pytest_collection_modifyitems(items):
    """Count no lines of this process where none are to be counted."""
    for item in items:
        if not _is_measured(item):
            item.add_marker("no_cover")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Count no lines of the processes that such a test starts either."""
    with pytest.MonkeyPatch.context() as patch:
        if not _is_measured(item):
            patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        return (yield)


def pytest_sessionfinish(session):
    """Take a skip for a failure where everything has to run."""
    if EVERYTHING and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    """Say how many tests were skipped, and why."""
    for reason, count in sorted(_skipped(config).items()):
        terminalreporter.write_line(f"{count} skipped: {reason}", red=EVERYTHING, yellow=not EVERYTHING)


def _skipped(config):
    """Return how many tests were skipped for each reason."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:  # one of several processes, which tell the first one what they have met
        return Counter()
    reports = reporter.stats.get("skipped", [])
    return Counter(report.longrepr[2].removeprefix("Skipped: ") for report in reports)


@pytest.fixture
def shows(record_property):
    """Return what a test says of itself: which promises it shows, and what it did (see tests/torture.py)."""

    def shows(*promises, **did):
        for promise in promises:
            record_property("promise", promise)
        for name, value in did.items():
            record_property(name, value)

    return shows
