"""What all tests share: patience on a busy machine, and what they need of it beyond Python.

`.ci/run` installs it all and sets `ANTIRELOU_EVERYTHING`; elsewhere, tests of a program that is not there are not collected,
and the head of the run says which and why.
"""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# On a busy machine an example may take its time, and that is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

HERE = Path(__file__).parent
NEEDS = {
    "cdn": ["varnishd", "nginx"],
    "clock_steps": ["faketime"],
    "container": ["bwrap", "buildah", "mmdebstrap"],
    "fire": ["prlimit"],
    "valkey": ["redis-server"],
}


def _missing(path: Path) -> list[str]:
    """Return the programs that a test file or folder needs and this machine has not."""
    inside = path.relative_to(HERE).parts if path.is_relative_to(HERE) else ()
    needed = {
        program for name, programs in NEEDS.items() if any(name in part for part in inside) for program in programs
    }
    return sorted(program for program in needed if shutil.which(program) is None)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what cannot run here, unless everything must."""
    return True if _missing(collection_path) and not os.environ.get("ANTIRELOU_EVERYTHING") else None


def pytest_report_header() -> list[str]:
    """Say what is left out."""
    absent = sorted({program for programs in NEEDS.values() for program in programs if shutil.which(program) is None})
    return [f"not run, since it is not installed here: tests that need {program}" for program in absent]


@pytest.fixture
def shows(record_property):
    """Return what a test says of itself: which promises it shows, and what it did (see tests/torture.py)."""

    def shows(*promises, **did):
        for promise in promises:
            record_property("promise", promise)
        for name, value in did.items():
            record_property(name, value)

    return shows
