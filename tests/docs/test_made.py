"""Facts about what the pages take from the code: it is as `make docs` would make it, and nothing is left out."""

import pytest

from docs.make import DOCS, pages
from edge.cli import cli
from edge.core.reason import Reason
from tests.test_config import keys

REFERENCE = DOCS / "reference"


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_what_is_made_from_the_code_is_up_to_date(path):
    """A table that is stale fails here; `make docs` mends it."""
    assert pages()[path] == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("reasons", list(Reason)),
        ("commands", [f"antirelou {name}" for name in cli.commands]),
        ("configuration", keys()),
    ],
    ids=["reasons", "commands", "configuration"],
)
def test_every_name_is_in_the_reference(page, names):
    """Each reason, each command and each key of the static file."""
    text = (REFERENCE / f"{page}.md").read_text(encoding="utf-8")

    assert [] == [name for name in names if f"`{name}`" not in text and f"`[{name}]`" not in text]
