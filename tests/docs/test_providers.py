"""Facts about docs/reference/providers.md: every provider is on it, and where the static file's keys are explained."""

import re

import pytest

from edge.providers import PROVIDERS
from tests import ROOT

PAGE = (ROOT / "docs" / "reference" / "providers.md").read_text(encoding="utf-8")
KEYS = (ROOT / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")


def test_every_provider_has_its_column():
    """The table at the head of the page compares all of them, in the order of the code."""
    [head] = re.findall(r"^\| \| (`.*`) \|$", PAGE, re.MULTILINE)

    assert [f"`{name}`" for name in PROVIDERS] == head.split(" | ")


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_has_its_section_with_sources(name):
    """What it signs, what has to be configured, and where that is written."""
    sections = {title.lower(): text for title, text in re.findall(r"^## (.+)\n([^#]*)", PAGE, re.MULTILINE)}

    assert "<https://" in sections[name]


def test_every_provider_may_stand_in_the_static_file():
    """`number.provider` names them all."""
    section = KEYS.partition("### `number.provider`\n")[2].partition("###")[0]

    assert list(PROVIDERS) == re.findall(r'`"(\S+)"`', section)
