"""Facts about the how-to pages: the static files that they show hold, and what they point to exists."""

import re
import tomllib

import msgspec
import pytest

from edge.config import Config
from edge.configfile import parse
from edge.meaning.findings import examine
from tests import ROOT

PAGES = [
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
    ROOT / "docs" / "explanation" / "security.md",
    ROOT / "docs" / "explanation" / "under-fire.md",
    ROOT / "SECURITY.md",
]
NOW_MS = 1_790_000_000_000


def blocks(page):
    """Return the TOML of a page, as it stands, and with the keys that are commented out."""
    found = re.findall(r"^```toml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    return [variant for block in found for variant in (block, re.sub(r"(?m)^# ([a-z-]+ = )", r"\1", block))]


def merged(base, more):
    """Return the tables of one file with those of another laid over them."""
    return base | {
        key: merged(base.get(key, {}), value) if isinstance(value, dict) else value for key, value in more.items()
    }


def as_toml(tree):
    """Return tables of strings, numbers, lists and inline tables as TOML."""

    def value(found):
        if isinstance(found, dict):
            return "{" + ", ".join(f'"{key}" = {value(inner)}' for key, inner in found.items()) + "}"
        return msgspec.json.encode(found).decode()

    return "".join(
        f"{head}\n" + "".join(f"{key} = {value(inner)}\n" for key, inner in table.items())
        for name, found in tree.items()
        for head, table in (
            [(f"[[{name}]]", one) for one in found] if isinstance(found, list) else [(f"[{name}]", found)]
        )
    )


@pytest.mark.parametrize("page", [page for page in PAGES if "scenario" not in page.name], ids=lambda page: page.name)
def test_every_static_file_shown_holds(page):
    """Laid over the example, each piece of TOML makes a file that `antirelou check` finds no error in."""
    example = tomllib.loads((ROOT / "edge.toml").read_text())

    for block in blocks(page):
        config = parse(as_toml(merged(example, tomllib.loads(block))))
        assert isinstance(config, Config)
        assert [] == examine(config, NOW_MS).errors


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_pointed_to_exists(page):
    """Links to files of this repository, and tests named as evidence, are there."""
    text = page.read_text()
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    named = [name for name in re.findall(r"`((?:tests|deploy)/[\w./-]+)`", text) if name != "deploy/image"]

    assert [] == [link for link in links if not (page.parent / link).exists()]
    assert [] == [name for name in named if not (ROOT / name).exists()]
