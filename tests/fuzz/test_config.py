"""Hunts in the static file, the scenario and the addresses: whatever stands there, they hold, or one line says why not."""

import contextlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import strategies as st

from edge.configfile import load
from edge.errors import AntirelouError, ConfigError
from edge.ledger import opening
from edge.ledger.place import Place
from edge.ledger.valkey_server import ValkeyServer
from edge.meaning.findings import as_json, examine
from edge.providers.address import parse_address
from edge.setup import place_of, provider_of
from loadtest.flood.file import ScenarioError, parse, shipped
from tests import ROOT
from tests.fuzz.corpus import LEDGERS, TOML, URLS
from tests.fuzz.hunt import hunt
from tests.parts import NOW_MS
from tests.worker import PHONE

EXAMPLE = (ROOT / "edge.toml").read_text(encoding="utf-8")
SCENARIOS = [(ROOT / "loadtest" / "scenarios" / f"{name}.toml").read_text(encoding="utf-8") for name in shipped()]
VALUES = [
    *("true", "0", "-1", "1", "99999999999999999999", "1e999", "nan", "[]", "{}", '""', '"\\n"', '"\\u0000"', '"0"'),
    *('"-1"', '"99999999999999999999"', '"0.0000001"', '"1h"', '"999999999d"', '"+"', '"+33"', '"https://["', "[1]"),
    *('["+33", "+33"]', '{ "+33" = "1" }', "{ a = 1 }", "0001-01-01", "9999-12-31", "1979-05-27T07:32:00Z", "07:32:00"),
    *('"\\uE000"', '"x\\u000By"', '"é"', '"`"', '"$"', '"sqlite:/dev/null/x"', '"valkey://["', '"twilo"', '"46elks"', '"plivo"'),
]  # fmt: skip
KEYS = ['"a\\nb"', '"a.b"', '"`"', '""', '"$"', '"[0]"', "[x]", "[[x]]", "[number.x]", "[limit.sender]", "[[reply.in]]"]
WRITTEN = [
    *(re.sub(r'(?m)^url = ".*"', lambda _, url=url: f"url = {json.dumps(url)}", EXAMPLE, count=1) for url in URLS),
    *(f"{EXAMPLE}\n[ledger]\nurl = {json.dumps(url)}\n" for url in LEDGERS),
]
"""The example with each of the nasty addresses in it."""
ADDRESS = st.text(st.sampled_from("htps:/[]@?#.,%&=+-0189zé\n\0 "), max_size=24)


def edits(line, others):
    """Return what may stand in the place of a line: another value, another key, itself cut or twice, another line."""
    key = line.partition("=")[0]
    return (
        st.sampled_from(VALUES).map(lambda value: [f"{key}= {value}"])
        | st.sampled_from(KEYS).map(lambda name: [name if "[" in name else f"{name} = 1", line])
        | st.sampled_from([[], [line] * 2, [line[: len(line) // 2]]])
        | st.sampled_from(others).map(lambda other: [other, line])
        | st.text(max_size=8).map(lambda text: [line + text])
    )


@st.composite
def edited(draw, texts):
    """A file that holds, of which some lines were edited."""
    lines = draw(st.sampled_from(texts)).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        lines[at : at + 1] = draw(edits(lines[at], lines))
        lines = lines or [""]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


@contextlib.contextmanager
def or_one_line(kind):
    """Let a complaint of this kind pass if it is one line that can be shown."""
    complaint = "nothing to complain about"
    try:
        yield
    except kind as error:
        complaint = str(error)
    assert complaint, "it says nothing"
    assert complaint.isprintable(), repr(complaint)


@pytest.fixture(name="holds_or_one_line")
def _holds_or_one_line(tmp_path):
    """Return a check of a static file: it holds and all follows from it, or it is refused in one line."""

    def holds_or_one_line(content):
        file = tmp_path / "edge.toml"
        file.write_bytes(content)
        config = None
        with or_one_line(ConfigError):
            config = load(file)
        if config is None:
            return
        findings = examine(config, NOW_MS)
        json.dumps(as_json(findings), ensure_ascii=False).encode()
        assert [] == [line for line in (*findings.errors, *findings.warnings) if not line.isprintable()]
        if not findings.errors:
            with or_one_line(ConfigError):
                provider_of(config, ["secret"])
                place_of(config, tmp_path, {})

    return holds_or_one_line


def plays_or_one_line(content):
    """A scenario can be played, or one line says why not."""
    with or_one_line(ScenarioError):
        parse(content.decode("utf-8", "replace"), "fuzzed")


def leads_somewhere_or_one_line(url):
    """A webhook's address has parts and a path, or one line says why not."""
    with or_one_line(ConfigError):
        assert parse_address(url).spellings(strip_any_port=True)


def names_a_ledger_or_one_line(url):
    """A ledger's address names a kind and a place, or one line says why not. Nothing is opened."""
    place = Place(url, Path("/nowhere"), PHONE, b"k" * 32)
    with or_one_line(AntirelouError):
        kind = opening._kind(place)
        if kind is opening._VALKEY:
            ValkeyServer(place)
        elif kind is opening._SQLITE:
            opening._path(place)


def test_any_file_holds_or_is_refused_in_one_line(holds_or_one_line):
    """Any bytes, and the example edited in any way, become a number or one line that says why not."""
    files = st.binary() | edited([EXAMPLE]) | st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))

    corpus = TOML + [text.encode("utf-8", "surrogatepass") for text in WRITTEN]

    assert len(corpus) < hunt(holds_or_one_line, files, corpus)


def test_any_scenario_can_be_played_or_is_refused_in_one_line():
    """The shipped scenarios, edited in any way, hold or are refused in one line."""
    assert len(TOML) < hunt(plays_or_one_line, edited(SCENARIOS), TOML)


def test_any_address_of_the_webhook_has_parts_or_is_refused_in_one_line():
    """Whatever is written as number.url."""
    assert len(URLS) < hunt(leads_somewhere_or_one_line, ADDRESS | ADDRESS.map("https://".__add__), URLS)


def test_any_address_of_a_ledger_names_one_or_is_refused_in_one_line():
    """Whatever is written as ledger.url."""
    schemes = st.sampled_from([*opening.KINDS, "x"])
    urls = st.builds("{}:{}".format, schemes, ADDRESS) | st.builds("{}://{}".format, schemes, ADDRESS) | ADDRESS

    assert len(LEDGERS) < hunt(names_a_ledger_or_one_line, urls, LEDGERS)
