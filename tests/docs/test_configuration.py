"""Facts about docs/reference/configuration.md: every key is in it, with the default that it has and an example that works."""

import re
import tomllib

import msgspec
import pytest

from edge.config import Config
from edge.configfile import _from_string, parse
from edge.core.seen.knocks import TABLE_BYTES as KNOCKS_BYTES
from edge.core.seen.sightings import TABLE_BYTES
from edge.core.seen.sums import NAMES
from edge.state.mapped import CELL_BYTES, VERSION, Head, size_of
from tests import ROOT
from tests.test_config import SHORTEST, keys, tables

PAGE = ROOT / "docs" / "reference" / "configuration.md"
SECTIONS = dict(re.findall(r"^### `(.+?)`\n(.*?)(?=^##|\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL))
GROUPS = {"number", "reply", "price", "budget", "receiving", "knock", "limit", "ledger", "server", "alert"}
FIELDS = {
    f"{path}.{field.encode_name}".lstrip("."): field
    for path, table in tables()
    for field in msgspec.structs.fields(table)
}
WITHOUT_DEFAULT_LINE = {"limit.sender", "limit.block", "number.price"}
"""Tables of keys that each have their own."""


def example(section):
    """Return the lines of TOML in a section."""
    return re.search(r"^```toml\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[1]


def merged(tree, other):
    """Return a tree with another one laid over it."""
    both = {key: merged(tree[key], other[key]) for key in tree.keys() & other.keys() if isinstance(other[key], dict)}
    return tree | other | both


def read(tree):
    """Return a tree as a Config."""
    return msgspec.convert(tree, Config, dec_hook=_from_string)


def at(config, path):
    """Return the value of a key."""
    for step in path.split("."):
        config = config[-1] if isinstance(config, list) else config
        config = getattr(config, next(f.name for f in msgspec.structs.fields(config) if f.encode_name == step))
    return config


def test_every_key_has_its_heading():
    """In the order of the file's shape, none forgotten, none that is not there."""
    assert set(keys()) - GROUPS == SECTIONS.keys()
    assert [f"`[{group}]`" for group in FIELDS if group in GROUPS] == re.findall(
        r"^## (.+)$", PAGE.read_text(), re.MULTILINE
    )


@pytest.mark.parametrize("path", sorted(SECTIONS.keys() - WITHOUT_DEFAULT_LINE))
def test_what_is_said_to_be_required_is(path):
    """Either a key is required, or its default is told."""
    field, lines = FIELDS[path], SECTIONS[path].splitlines()

    assert field.required == ("Required." in lines)
    assert (not field.required) == any(line.startswith("Default: ") for line in lines)


@pytest.mark.parametrize("path", [path for path, section in SECTIONS.items() if "Default: `" in section])
def test_a_default_is_what_a_file_without_the_key_has(path):
    """Writing the default down changes nothing."""
    default = re.search(r"^Default: `(.+?)`", SECTIONS[path], re.MULTILINE)[1]
    table, _, key = path.rpartition(".")
    line = f"{key} = {default}\n"
    text = f"{line}{SHORTEST}" if not table else SHORTEST.replace(f"[{table}]\n", f"[{table}]\n{line}")
    text += "" if line in text else f"[{table}]\n{line}"

    assert parse(SHORTEST) == parse(text)


@pytest.mark.parametrize(
    "path", [p for p, f in FIELDS.items() if not f.required and p not in GROUPS | WITHOUT_DEFAULT_LINE]
)
def test_a_default_that_is_no_value_is_none(path):
    """Where the page gives no value, the file's shape has none."""
    told = "Default: `" in SECTIONS[path]
    default = FIELDS[path].default

    assert told == (default not in (None, [], msgspec.NODEFAULT))


@pytest.mark.parametrize("path", SECTIONS)
def test_an_example_makes_a_file_that_holds(path):
    """Laid over the shortest file it reads, and the key has another value than without it, or the one required."""
    shortest, lines = tomllib.loads(SHORTEST), tomllib.loads(example(SECTIONS[path]))
    if path == "budget.lasts-until":
        del shortest["budget"]["per-day"]
    config = read(merged(shortest, lines))

    assert at(config, path) is not None


def test_the_shortest_file_on_the_page_holds():
    """It is the example that somebody copies first."""
    number = parse(example(PAGE.read_text())).number

    assert ("twilio", "TWILIO_AUTH_TOKEN") == (number.provider, number.secret_env)


def test_the_state_is_as_large_as_the_page_says():
    """The sums of a worker, and two tables of one size."""
    sums, table = (
        Head(VERSION, "", "", names, body) for names, body in ((NAMES, len(NAMES) * CELL_BYTES), ((), TABLE_BYTES))
    )
    said = SECTIONS["server.state"]

    assert f"{size_of(sums):,} bytes for each worker" in said
    assert f"{size_of(table) / 1_000_000:.1f} MB for each of the two tables" in said
    assert TABLE_BYTES == KNOCKS_BYTES
