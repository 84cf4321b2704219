"""Facts about the glossary: each word is at home where its row says, and every word that CONTRIBUTING asks for is in it."""

import re

import pytest

from tests import ROOT

PAGE = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|`]+) \| (.+) \| `([\w/.]+)`(?: `(\w+)`)? \|$", PAGE, re.MULTILINE)
WORDS = [word for row in re.findall(r"^\| (?!Word|---)([^|]+) \|", PAGE, re.MULTILINE) for word in row.split(", ")]


@pytest.mark.parametrize(("meaning", "file", "name"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_word_is_at_home_where_its_row_says(meaning, file, name):
    """The file is there and holds the name; the meaning is a sentence or two."""
    text = (ROOT / file).read_text(encoding="utf-8")

    assert re.search(rf"\b{name}\b", text)
    assert 1 <= len(re.findall(r"\.(?: |$)", meaning)) <= 3


def test_no_word_means_two_things():
    """Each has one row."""
    assert sorted(set(WORDS)) == sorted(WORDS)


def test_the_words_that_contributors_are_asked_to_use_are_explained():
    """Those of CONTRIBUTING."""
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Words\n")[2].partition("\n## ")[0]
    asked = section.partition("One word for one thing: ")[2].partition(".")[0].replace("\n", " ")

    assert asked
    assert [] == [word for word in asked.split(", ") if word not in WORDS]
