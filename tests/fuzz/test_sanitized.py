"""The hunt in what is compiled, without the sanitizers, which `make fuzz-sanitized` brings: some thousand forms and marks."""

import importlib

from tests.fuzz.sanitized import hunt, hunt_rows
from tests.needs import need
from tests.torture import rounds

FORMS = rounds(2_000, many=200_000)


def test_what_is_compiled_reads_as_python_does():
    """Real forms, mutated and made-up ones: what is read is the same, and that is neither none of them nor all."""
    need("compiled forms")

    usual = hunt(importlib.import_module("edge.compiled.onepass").read, FORMS, 2)

    assert 0.1 * FORMS < usual < 0.5 * FORMS


def test_what_is_compiled_notes_as_python_does():
    """Marks that meet again and others, in small tables: the same ones are known, some of them and not all."""
    need("compiled forms")

    known = hunt_rows(importlib.import_module("edge.compiled.rows"), FORMS, 2)

    assert 0.1 * FORMS < known < 0.9 * FORMS
