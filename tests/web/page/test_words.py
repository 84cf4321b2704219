"""Facts about what the page says: both languages say all of it."""

import re
from string import Formatter

import pytest

from edge.core.wire.reason import Reason
from edge.web.page.words import EN, FR, LANGUAGES, MONTHS, SILENCES


def test_both_languages_have_the_same_words():
    """And what is filled in is the same."""

    def holes(text):
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert EN.keys() == FR.keys()
    assert [] == [name for name in EN if holes(EN[name]) != holes(FR[name])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_silence_has_its_words(language):
    """A new reason is shown in plain words, or this fails."""
    assert {reason for reason in Reason if reason.received} - {Reason.ANSWERED} == set(SILENCES[language])
    assert 12 == len(MONTHS[language])


def test_french_has_its_spaces():
    """Before a colon, a semicolon and a question mark there is one."""
    assert [] == [text for text in (*FR.values(), *SILENCES["fr"].values()) if re.search(r"\w[:;?!]", text)]
