"""Whether what was compiled is used."""

import sys

import pytest

from edge import compiled
from tests.needs import need


@pytest.fixture(params=["onepass", "rows"])
def name(request):
    """Return what may be compiled."""
    return request.param


def test_what_was_compiled_is_used(name, monkeypatch):
    """Where it lies in the tree, it does the work."""
    need("compiled forms")
    monkeypatch.delenv("ANTIRELOU_PYTHON", raising=False)

    assert compiled.find(name) is not None


def test_a_variable_leaves_what_was_compiled_aside(name, monkeypatch):
    """Tests can ask for the Python, whatever was compiled."""
    monkeypatch.setenv("ANTIRELOU_PYTHON", "1")

    assert compiled.find(name) is None


def test_where_nothing_was_compiled_there_is_python(name, monkeypatch):
    """What is missing is no error."""
    monkeypatch.delenv("ANTIRELOU_PYTHON", raising=False)
    monkeypatch.setitem(sys.modules, f"edge.compiled.{name}", None)

    assert compiled.find(name) is None
