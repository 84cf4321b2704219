"""Facts about the pages that explain the code: every file and every name in them exists."""

import re

import pytest

from docs import picture
from tests import ROOT

PAGES = ["docs/explanation/how-it-works.md", "docs/reference/glossary.md", "CONTRIBUTING.md"]
SOURCES = [
    path for folder in ("edge", "loadtest") for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".lua"}
]
WORDS = {word for path in SOURCES for word in re.findall(r"[A-Za-z_]\w+", path.read_text(encoding="utf-8"))}


def named(page):
    """Return what a page names as code, outside of its blocks."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`\n]+)`", text)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_exists(page):
    """A file that was moved is found here."""
    files = [name for name in named(page) if re.fullmatch(r"[\w.-]+/[\w./-]*", name)]

    assert files
    assert [] == [name for name in files if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_every_name_is_one_of_the_code(page):
    """A class, a function, a field or a reason that was renamed is found here."""
    names = [name for name in named(page) if re.fullmatch(r"[A-Za-z_]\w*", name)]

    assert names
    assert [] == [name for name in names if name not in WORDS]


def test_the_picture_shows_files_that_exist():
    """In the order in which a message meets them, or not: but no file that is gone."""
    assert [] == [box.file for box in picture.BOXES if not (ROOT / box.file).exists()]


def test_the_picture_has_no_field_left_unfilled():
    """What stands in braces was meant to be a value."""
    assert "{" not in picture.draw().partition("</style>")[2]
