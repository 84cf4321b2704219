"""Facts about the page on ledgers: what it names is there, and its URLs are URLs."""

import re
from pathlib import Path

import pytest

from edge.ledger.opening import KINDS, Place
from edge.ledger.valkey import KEPT, key
from edge.ledger.valkey_server import ValkeyServer
from edge.ledger.valkey_setup import risks
from tests import ROOT
from tests.ledger.parts import KEY, PHONE

PAGE = (ROOT / "docs" / "reference" / "ledgers.md").read_text(encoding="utf-8")
SERVERS = re.findall(r"`([a-z+]+://[^`]+)`", PAGE)


@pytest.mark.parametrize("url", SERVERS)
def test_every_url_shown_is_one(url):
    """Each address of a server on the page is understood."""
    assert url.partition(":")[0] in KINDS
    assert ValkeyServer(Place(url, Path(), PHONE, KEY))


def test_every_kind_is_shown():
    """The page says of each scheme what it is for; the names of Redis stand for those of Valkey."""
    shown = {url.partition(":")[0] for url in SERVERS} | {"sqlite", "memory"}

    assert {scheme for scheme in KINDS if not scheme.startswith("redis+")} == shown


def test_every_link_leads_somewhere():
    """What the page points to in this repository exists."""
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", PAGE) if "://" not in link]

    assert links
    assert all((ROOT / "docs" / "reference" / link).exists() for link in links)


def test_the_keys_are_named_as_they_are():
    """The pattern that lists what is left of a ledger is that of its keys."""
    [pattern] = re.findall(r"--pattern '([^']+)\*'", PAGE)

    assert all(key(PHONE, name).startswith(pattern) for name in KEPT)


def test_every_setting_that_is_a_risk_is_explained():
    """Each setting that a warning begins with stands on the page."""
    worst = {"aof_enabled": 1, "appendfsync": "everysec", "maxmemory": 1, "maxmemory_policy": "allkeys-lru"}
    said = [*risks({}), *risks(worst)]

    assert 3 == len(said)
    assert all(f"`{sentence.split()[0]}" in PAGE for sentence in said)
