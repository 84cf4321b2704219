"""Workers to attack: one for each module, since what is under fire has to survive all of it."""

import resource

import pytest

from tests.worker import config, free_port, serving


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    """Return one worker on TCP."""
    with serving(tmp_path_factory.mktemp("fire"), config(bind=f"127.0.0.1:{free_port()}")) as worker:
        yield worker


@pytest.fixture(scope="session", autouse=True)
def _many_files():
    """Let the attacker, and the workers that start from here, open as many files as the system allows."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))
