"""Facts about what the pages take from the code: it is as `make docs` would make it, and nothing is left out."""

import pytest

from docs.make import DOCS, UNWRITTEN, pages
from edge.cli import cli
from edge.core.wire.reason import Reason
from loadtest.flood.file import shipped
from tests.test_config import keys


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_what_is_made_from_the_code_is_up_to_date(path):
    """A table that is stale fails here; `make docs` mends it."""
    assert pages()[path] == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("reference/reasons", list(Reason)),
        ("reference/commands", [f"antirelou {name}" for name in cli.commands]),
        ("reference/configuration", keys()),
        ("how-to/run-a-flood", shipped()),
    ],
    ids=["reasons", "commands", "configuration", "scenarios"],
)
def test_every_name_is_told(page, names):
    """Each reason, each command, each key of the static file and each scenario."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")

    assert [] == [name for name in names if f"`{name}`" not in text and f"`[{name}]`" not in text]


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_what_only_a_person_can_say_is_said(path):
    """A new row is made with its facts, and somebody has written its words."""
    assert UNWRITTEN not in path.read_text(encoding="utf-8")
