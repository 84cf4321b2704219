"""Whether what was compiled is used."""

import sys

from edge import compiled
from tests.needs import need


def test_what_was_compiled_is_used(monkeypatch):
    """Where the compiled pass lies in the tree, forms are read by it."""
    need("compiled forms")
    monkeypatch.delenv("ANTIRELOU_PYTHON_FORMS", raising=False)

    assert compiled.find() is not None


def test_a_variable_leaves_what_was_compiled_aside(monkeypatch):
    """Tests can ask for the Python, whatever was compiled."""
    monkeypatch.setenv("ANTIRELOU_PYTHON_FORMS", "1")

    assert compiled.find() is None


def test_where_nothing_was_compiled_there_is_python(monkeypatch):
    """What is missing is no error."""
    monkeypatch.delenv("ANTIRELOU_PYTHON_FORMS", raising=False)
    monkeypatch.setitem(sys.modules, "edge.compiled.onepass", None)

    assert compiled.find() is None
