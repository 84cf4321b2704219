"""A receiver for each test that asks for one, and books of every kind."""

import pytest

from tests.ledger.conftest import books, runner, start  # noqa: F401 — fixtures, by their names
from tests.watch.receiver import receiving


@pytest.fixture(name="receiver")
def _receiver():
    with receiving() as receiver:
        yield receiver
