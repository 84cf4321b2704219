"""Books of every kind: in memory, in a file, on a real server."""

import asyncio
from contextlib import ExitStack

import pytest

from tests.ledger.parts import InFile, InMemory, OnServer
from tests.ledger.servers import SERVERS, any_server, running


@pytest.fixture
def runner():
    """Return an event loop to run coroutines in."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def start(tmp_path_factory):
    """Return what starts a server at its first use, durable to the letter; it then runs until the last test."""
    started = {}
    with ExitStack() as stack:

        def start(name):
            if name not in started:
                started[name] = stack.enter_context(running(name, tmp_path_factory.mktemp(name)))
            return started[name]

        yield start


@pytest.fixture(params=SERVERS)
def server(request, start):
    """Return each kind of server, one test for each."""
    return start(request.param)


@pytest.fixture
def on_server(runner, server):
    """Return empty books on a server."""
    books = OnServer(runner, server)
    yield books
    books.close()
    books.clear()


@pytest.fixture(params=["memory", "sqlite", *SERVERS])
def books(request, runner, tmp_path, start):
    """Return empty books of each kind."""
    if request.param in SERVERS:
        books = OnServer(runner, start(request.param))
    else:
        books = InMemory(runner) if request.param == "memory" else InFile(runner, tmp_path)
    yield books
    books.close()
    if request.param in SERVERS:
        books.clear()


@pytest.fixture(scope="module")
def quick_server(tmp_path_factory):
    """Return a server that need not outlive anything."""
    with running(
        any_server(), tmp_path_factory.mktemp("quick"), "--port", "0", "--save", "", "--appendonly", "no"
    ) as server:
        yield server
