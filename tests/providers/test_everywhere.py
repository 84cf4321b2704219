"""A provider is known wherever one is looked up by its name: CONTRIBUTING.md has the list, and this is what says that one is missing."""

import pytest

from edge.billfile import PRESETS, columns_of
from edge.commands.init import VARIABLES
from edge.configfile import parse
from edge.errors import ConfigError
from edge.providers import PROVIDERS
from edge.samples.report import REPORTS, report
from loadtest.provider import signing
from tests.providers.test_kinds import MESSAGES, NAMES, OTHERS
from tests.providers.test_longest import PICTURES
from tests.worker import config

SIGNING = {name for name, kind in PROVIDERS.items() if kind.needs_secret}


@pytest.mark.parametrize(
    ("where", "known"),
    [
        ("PRESETS in edge/billfile.py", PRESETS),
        ("REPORTS in edge/samples/report.py", REPORTS),
        ("_FIELDS in loadtest/provider/signing.py", signing._FIELDS),
        ("_PICTURES in loadtest/provider/signing.py", signing._PICTURES),
        ("_REPORTS in loadtest/provider/signing.py", signing._REPORTS),
        ("MESSAGES in tests/providers/test_kinds.py", MESSAGES),
        ("NAMES in tests/providers/test_kinds.py", NAMES),
        ("OTHERS in tests/providers/test_kinds.py", OTHERS),
        ("PICTURES in tests/providers/test_longest.py", PICTURES),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_provider_has_its_line(where, known):
    """What its bill, its report and its messages look like, to us and to the harness."""
    assert set(PROVIDERS) == set(known), where


@pytest.mark.parametrize(
    ("where", "known"),
    [
        ("VARIABLES in edge/commands/init.py", VARIABLES),
        ("_HEADERS in loadtest/provider/signing.py", signing._HEADERS),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_provider_that_signs_has_its_line(where, known):
    """Its secret has a variable, and the harness signs for it."""
    assert set(known) == SIGNING, where


@pytest.fixture(name="half_added")
def _half_added(monkeypatch):
    """Return a number at a provider that the worker knows, and nothing beside it."""
    monkeypatch.setitem(PROVIDERS, "another", PROVIDERS["twilio"])
    return parse(config().replace('"twilio"', '"another"')).number


def test_a_bill_without_known_columns_is_said(half_added):
    """Not a traceback."""
    with pytest.raises(ConfigError, match="no columns are known of a bill of 'another'; known: twilio, "):
        columns_of(None, half_added.provider)


def test_a_report_that_is_not_known_is_not_another_one_s(half_added):
    """What was refused would be said of the way to the number, which is not at fault."""
    with pytest.raises(ConfigError, match="no report is known of 'another'; known: twilio, "):
        report(half_added, "secret")
