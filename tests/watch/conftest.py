"""A receiver for each test that asks for one."""

import pytest

from tests.watch.receiver import receiving


@pytest.fixture(name="receiver")
def _receiver():
    with receiving() as receiver:
        yield receiver
